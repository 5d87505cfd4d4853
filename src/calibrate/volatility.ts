import { at } from '../engine/lookup.ts';
import { exp, log } from '../engine/math.ts';
import { changesOf } from '../history/changes.ts';
import { DAY_SECONDS, type PriceSeries } from '../history/prices.ts';
import { EWMA_START, ewmaVariances } from '../risk/ewma.ts';
import { FewPeriodsError } from './errors.ts';

/** Of the squares of daily changes: a mean age of 33 days. */
export const VOL_DECAY = 0.97;
const LEAST_CHANGES = 90;
const DAYS_PER_YEAR = 365;

/** What a history says of one factor's volatility, annual. */
export interface HeldVol {
  /** As measured on the last day. */
  readonly today: number;
  /** At least that: what is left of the highest. */
  readonly held: number;
  /** When it was last measured at what is held, before it fell; Unix seconds. */
  readonly since: number;
}

/**
 * σ(t) by EWMA of the daily changes, and what a model holds of it: held(t) = max(σ(t), held(t − 1)·2^(−1/halfLife)): up at once, down slowly. A gap counts its days.
 * Source: the asymmetry is what ESMA asks of margins against procyclicality (RTS 153/2013, article 28), as a half-life. Checked in test/calibrate/calibrate.test.ts: a calm year after a crash, and the day after one.
 *
 * @throws {FewPeriodsError} for fewer than 90 changes; `FlatSeriesError` for a price that does not move.
 */
export function holdVol(series: PriceSeries, halfLifeDays: number): HeldVol {
  const { times, columns } = changesOf([series]);
  if (times.length < LEAST_CHANGES)
    throw new FewPeriodsError(series.asset, { has: times.length, needs: LEAST_CHANGES });
  const variances = ewmaVariances(at(columns, 0), VOL_DECAY);
  let [today, held, since] = [0, 0, 0];
  let last = at(times, EWMA_START - 1);
  for (let index = EWMA_START - 1; index < times.length; index += 1) {
    const time = at(times, index);
    today = Math.sqrt(DAYS_PER_YEAR * at(variances, index + 1));
    const faded = held * exp((-log(2) * (time - last)) / (DAY_SECONDS * halfLifeDays));
    held = Math.max(today, faded);
    if (today >= faded) since = time;
    last = time;
  }
  return { today, held, since };
}
