import { MarginError } from '../errors.ts';
import type { Leg } from './legs.ts';

/**
 * Refuses a leg that a preset has no rule for: no number is better than a wrong one.
 *
 * @throws {UnsupportedLegError} naming the leg, the preset and what is wrong.
 */
export function requireSupported(
  isSupported: boolean,
  leg: Leg,
  { preset, rule }: { preset: string; rule: string },
): asserts isSupported {
  if (!isSupported) throw new UnsupportedLegError(leg, { preset, rule });
}

/** A leg that the preset cannot value, because the venue that it reproduces has no such thing. */
export class UnsupportedLegError extends MarginError {
  readonly code = 'UnsupportedLegError';
  readonly index: number;
  readonly preset: string;

  constructor(leg: Leg, { preset, rule }: { readonly preset: string; readonly rule: string }) {
    const what = leg.kind === 'token' ? leg.asset : leg.underlying;
    super(`positions[${leg.index}] (${leg.kind} ${what}) has no margin under ${preset}: ${rule}. Use another model.`);
    this.index = leg.index;
    this.preset = preset;
  }
}
