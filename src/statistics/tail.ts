import { at } from '../engine/lookup.ts';
import { MarginError } from '../errors.ts';

/**
 * Value at risk of equally likely losses, ascending: the least x that at least a share `level` of them does not exceed.
 *
 * @throws {NoLossesError}
 */
export function valueAtRisk(losses: ArrayLike<number>, level: number): number {
  return at(losses, requireLosses(losses) - 1 - tailOf(losses.length, level).whole);
}

/**
 * Expected shortfall of equally likely losses, ascending: the mean of the worst share 1 − level, the loss at its edge counted in part.
 * So it is coherent for any number of losses: never below VaR, sub-additive. Source: Acerbi and Tasche, "On the coherence of expected shortfall" (2002), Definition 2.6.
 * Checked as properties in test/statistics/tail.test.ts.
 *
 * @throws {NoLossesError}
 */
export function expectedShortfall(losses: ArrayLike<number>, level: number): number {
  const last = requireLosses(losses) - 1;
  const { share, whole } = tailOf(losses.length, level);
  const edge = at(losses, last - whole);
  let excess = 0;
  for (let index = last - whole + 1; index <= last; index += 1) excess += at(losses, index) - edge;
  return edge + excess / share;
}

/**
 * The standard error of {@link expectedShortfall} over independent draws: √(Var[max(loss − VaR, 0)] ÷ n) ÷ (1 − level).
 * Source: Trindade, Uryasev, Shapiro and Zrazhevsky, "Financial prediction with constrained tail risk" (2007). Checked against the spread over seeds in test/risk/risk.test.ts.
 *
 * @throws {NoLossesError}
 */
export function shortfallError(losses: ArrayLike<number>, level: number): number {
  const edge = valueAtRisk(losses, level);
  let [total, squares] = [0, 0];
  for (let index = 0; index < losses.length; index += 1) {
    const excess = Math.max(0, at(losses, index) - edge);
    total += excess;
    squares += excess * excess;
  }
  const mean = total / losses.length;
  return Math.sqrt(Math.max(0, squares / losses.length - mean * mean) / losses.length) / (1 - level);
}

/** How many of so many losses are in the tail beyond a level, and how many in whole: the next one is its edge. */
export function tailOf(count: number, level: number): { readonly share: number; readonly whole: number } {
  const share = count * (1 - level);
  return { share, whole: Math.floor(share + TOLERANCE) };
}

/** Whole numbers by 1 − level are off by a rounding: 250 · (1 − 0.99) is 2.5 − 2e-15. */
const TOLERANCE = 1e-9;

function requireLosses(losses: ArrayLike<number>): number {
  if (losses.length === 0) throw new NoLossesError();
  return losses.length;
}

/** A tail of no losses. */
export class NoLossesError extends MarginError {
  readonly code = 'NoLossesError';

  constructor() {
    super('There are no losses to take a tail of. Give at least one; a longer history, or more draws.');
  }
}
