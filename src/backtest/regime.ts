import { at } from '../engine/lookup.ts';
import { EWMA_START, ewmaVariances } from '../risk/ewma.ts';

/** What kind of day it is, by the volatility known at its end. */
export type Regime = 'calm' | 'stress';

const DECAY = 0.97;
/** The share of the days until then that a stressed day's volatility is above. */
const STRESS_FROM = 0.8;

/**
 * The regime of each period, by what was known at its end: stress where one of the assets has an EWMA volatility (λ = 0.97) above four fifths of its own until then.
 * A rank and not a threshold, so that it means the same for bitcoin and for a stablecoin. Checked in test/backtest/regime.test.ts, against another future too.
 *
 * @throws {FlatSeriesError}
 */
export function regimesOf(columns: readonly Float64Array[]): Regime[] {
  const stressed = columns.map((column) => aboveMost(ewmaVariances(column, DECAY).subarray(1)));
  const periods = columns[0]?.length ?? 0;
  return Array.from({ length: periods }, (_, period) =>
    stressed.some((of) => of[period] === true) ? 'stress' : 'calm',
  );
}

/** Whether each value is above {@link STRESS_FROM} of those before it. The first are no history of their own. */
function aboveMost(values: Float64Array): boolean[] {
  const sorted: number[] = [];
  return Array.from(values, (value, index) => {
    if (index < EWMA_START) return false;
    const below = placeIn(sorted, value);
    const isAbove = below > STRESS_FROM * sorted.length;
    sorted.splice(below, 0, value);
    return isAbove && sorted.length > EWMA_START;
  });
}

/** How many of the sorted are less. */
function placeIn(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (at(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
