import { at } from '../engine/lookup.ts';
import { changesOf } from '../history/changes.ts';
import { DAY_SECONDS, type PriceSeries } from '../history/prices.ts';
import { EWMA_START, ewmaVariances } from './ewma.ts';

/** The decay of the volatility that stands in for an option market's: a month or so of days. */
const STAND_IN_DECAY = 0.97;
const SECONDS_PER_YEAR = 365 * DAY_SECONDS;

/**
 * The history of an asset's volatility where no index of it is known: √(a year · EWMA) of its own changes up to each time, λ = 0.97. A stand-in, without the premium that buyers of options pay, whose moves
 * follow from the price's.
 *
 * @throws {FlatSeriesError} {@link NoCommonHistoryError}
 */
export function standInVols(series: PriceSeries, stepSeconds: number = DAY_SECONDS): PriceSeries {
  const changes = changesOf([series], stepSeconds);
  const variances = ewmaVariances(at(changes.columns, 0), STAND_IN_DECAY);
  const times = changes.times.slice(EWMA_START);
  const stepsPerYear = SECONDS_PER_YEAR / stepSeconds;
  const prices = times.map((_, later) => Math.sqrt(at(variances, later + EWMA_START + 1) * stepsPerYear));
  return { asset: series.asset, times, prices };
}
