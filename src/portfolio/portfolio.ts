import type { Position } from './position.ts';
import type { Silo } from './silo.ts';

/** Every signed leg of an account at one pinned block per chain, in canonical order. Never a part of them. */
export interface Portfolio {
  readonly positions: readonly Position[];
  readonly silos: readonly Silo[];
}
