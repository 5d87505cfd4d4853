import type { Hex } from 'viem';
import type { Margin } from '../engine/result.ts';

/** A margin as `crossmargin margin --json` prints it (docs/book.md): the engine's numbers, as they are. */
export interface MarginJson extends Omit<Margin, 'scenarios'> {
  readonly modelHash: Hex;
  readonly scenarios?: Margin['scenarios'];
}

/** Without the scenarios: they are printed on request. */
export function marginJson({ scenarios: _, ...margin }: Margin, modelHash: Hex): MarginJson {
  const { model, ...rest } = margin;
  return { model, modelHash, ...rest };
}
