import { at } from '../engine/lookup.ts';
import { log } from '../engine/math.ts';
import { MarginError } from '../errors.ts';
import { DAY_SECONDS, type PriceSeries, pricesByTime } from './prices.ts';

/** What several factors did over the same periods. */
export interface Changes {
  /** By name, in the order of `columns`. */
  readonly factors: readonly string[];
  /** The end of each period, Unix seconds, ascending. */
  readonly times: readonly number[];
  /** ln(price at the end ÷ price at the beginning), a column for each factor. */
  readonly columns: readonly Float64Array[];
  /** Periods from the first to the last for which a factor has no price at an end: they are in no column. */
  readonly missing: number;
}

/**
 * Logarithmic changes over one step, of periods that every series has both ends of: never a difference across a gap, never one asset's day beside another's.
 * Series that begin later or end earlier shorten the whole.
 *
 * @throws {NoCommonHistoryError}
 */
export function changesOf(series: readonly PriceSeries[], stepSeconds: number = DAY_SECONDS): Changes {
  const prices = series.map(pricesByTime);
  const has = (time: number) => prices.every((known) => known.has(time));
  const times = (series[0]?.times ?? []).filter((time) => has(time) && has(time - stepSeconds));
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) throw new NoCommonHistoryError(series.map(({ asset }) => asset));
  const columns = prices.map((known) =>
    Float64Array.from(times, (time) => log((known.get(time) ?? 0) / (known.get(time - stepSeconds) ?? 0))),
  );
  const missing = (last - first) / stepSeconds + 1 - times.length;
  return { factors: series.map(({ asset }) => asset), times, columns, missing };
}

/** Whether a period follows right after the one before it. */
export function follows({ times }: Changes, index: number, stepSeconds: number = DAY_SECONDS): boolean {
  return index > 0 && at(times, index) - at(times, index - 1) === stepSeconds;
}

/** Assets that have no period in common. */
export class NoCommonHistoryError extends MarginError {
  readonly code = 'NoCommonHistoryError';

  constructor(assets: readonly string[]) {
    super(
      `There is no period that ${assets.join(', ') || 'no asset'} have prices at both ends of. Give prices of the same time.`,
    );
  }
}
