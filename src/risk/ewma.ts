import { at } from '../engine/lookup.ts';
import { log } from '../engine/math.ts';
import { MarginError } from '../errors.ts';

/** Changes whose mean square begins an average. */
export const EWMA_START = 30;
const DECAYS = Array.from({ length: 15 }, (_, index) => (85 + index) / 100);

/** A recursion of variances: v(i+1) = ω + α·r(i)² + β·v(i). */
export interface VarianceFilter {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The exponentially weighted moving average of a decay λ: v(i+1) = λ·v(i) + (1 − λ)·r(i)². Source: RiskMetrics Technical Document (1996), §5.2. */
export function ewmaFilter(decay: number): VarianceFilter {
  return { omega: 0, alpha: 1 - decay, beta: decay };
}

/** Variances by EWMA. @throws {FlatSeriesError} */
export function ewmaVariances(changes: Float64Array, decay: number): Float64Array {
  return variancesOf(changes, ewmaFilter(decay));
}

/**
 * Variances by a filter: entry i is what the changes before i say of change i, and the last of n + 1 what all say of the next; from the mean square of the first 30.
 * The first 30 are told by themselves, so that nobody may forecast with them.
 *
 * @throws {FlatSeriesError} for too few changes, or where none of the first 30 is other than 0: there is no volatility to scale by.
 */
export function variancesOf(changes: Float64Array, filter: VarianceFilter): Float64Array {
  let start = 0;
  for (const change of changes.subarray(0, EWMA_START)) start += (change * change) / EWMA_START;
  if (changes.length < EWMA_START || !(start > 0)) throw new FlatSeriesError(changes.length);
  const variances = new Float64Array(changes.length + 1).fill(start);
  for (let index = EWMA_START; index < changes.length; index += 1)
    variances[index + 1] = nextVariance(filter, at(variances, index), at(changes, index));
  return variances;
}

/** What a change makes of a variance. */
export function nextVariance({ omega, alpha, beta }: VarianceFilter, variance: number, change: number): number {
  return omega + beta * variance + alpha * change * change;
}

/**
 * The decay from 0.85 to 0.99, in hundredths, under which the changes are likeliest: the most Σ −½·(ln v + r²/v), the normal quasi-likelihood.
 * Checked in test/risk/ewma.test.ts: it finds the decay that a series was drawn with.
 */
export function fitDecay(changes: Float64Array): number {
  const scored = DECAYS.map((decay) => ({ decay, score: logLikelihood(changes, ewmaVariances(changes, decay)) }));
  return scored.reduce((best, other) => (other.score > best.score ? other : best)).decay;
}

/** Σ −½·(ln v + r²/v) of all but the first 30: the normal quasi-likelihood, less a constant. */
export function logLikelihood(changes: Float64Array, variances: Float64Array): number {
  let total = 0;
  for (let index = EWMA_START; index < changes.length; index += 1) {
    const [change, variance] = [at(changes, index), at(variances, index)];
    total -= (log(variance) + (change * change) / variance) / 2;
  }
  return total;
}

/** A history without movement, or too short to have one. */
export class FlatSeriesError extends MarginError {
  readonly code = 'FlatSeriesError';

  constructor(length: number) {
    super(
      `The first ${EWMA_START} of ${length} changes have no volatility to scale by: too few, or all zero. Give a longer history, from where the price moves.`,
    );
  }
}
