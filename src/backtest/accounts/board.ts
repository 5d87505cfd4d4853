import { MarginError } from '../../errors.ts';
import { DAY_SECONDS, type PriceSeries, pricesByTime } from '../../history/prices.ts';
import { volSeries } from '../bookHistory.ts';
import { type Day, pegOf, STABLES } from '../day.ts';

/** An asset without prices of its own that is worth a fixed number of another. */
export interface FixedRatio {
  readonly of: string;
  readonly ratio: number;
}

/** Prices at times, and what was known of volatility then. */
export interface Board {
  /** Whether a price is known, by whatever it is followed. */
  readonly knows: (asset: string) => boolean;
  /** @throws {NoPriceAtError} */
  readonly at: (time: number) => Day;
}

/**
 * Prices as read; where an asset has none, that of what it is a claim on: WBTC as bitcoin, a stablecoin as a dollar, others at a ratio that is given. Volatility is the
 * stand-in of the standard books, of daily changes up to the last midnight, so that hourly prices know no more of it than daily ones.
 */
export function createBoard(series: readonly PriceSeries[], ratios: Readonly<Record<string, FixedRatio>> = {}): Board {
  const prices = new Map(series.map((one) => [one.asset, pricesByTime(one)]));
  const vols = new Map(
    series
      .filter(({ asset }) => pegOf(asset) === undefined)
      .map((one) => [one.asset, pricesByTime(volSeries(daily(one), []))]),
  );
  const fixed = (asset: string) => (Object.hasOwn(ratios, asset) ? ratios[asset] : undefined);
  const knows = (asset: string): boolean =>
    prices.has(asset) ||
    STABLES.includes(asset) ||
    (asset === 'WBTC' && prices.has('BTC')) ||
    fixed(asset) !== undefined;
  const usd = (asset: string, time: number): number => {
    const own = prices.get(asset);
    if (own !== undefined) return orThrow(own.get(time), { asset, time });
    if (STABLES.includes(asset)) return 1;
    if (asset === 'WBTC') return usd('BTC', time);
    const { of, ratio } = orThrow(fixed(asset), { asset, time });
    return ratio * usd(of, time);
  };
  const vol = (asset: string, time: number) =>
    orThrow(vols.get(asset)?.get(Math.floor(time / DAY_SECONDS) * DAY_SECONDS), { asset, time });
  return { knows, at: (time) => ({ asOf: time, usd: (asset) => usd(asset, time), vol: (asset) => vol(asset, time) }) };
}

function daily({ asset, times, prices }: PriceSeries): PriceSeries {
  const kept = [...times.keys()].filter((index) => (times[index] ?? 1) % DAY_SECONDS === 0);
  return { asset, times: kept.map((index) => times[index] ?? 0), prices: kept.map((index) => prices[index] ?? 0) };
}

function orThrow<T>(found: T | undefined, { asset, time }: { readonly asset: string; readonly time: number }): T {
  if (found === undefined) throw new NoPriceAtError(asset, time);
  return found;
}

/** A time for which there is no price, or no volatility. */
export class NoPriceAtError extends MarginError {
  readonly code = 'NoPriceAtError';

  constructor(asset: string, time: number) {
    super(
      `There is no price of ${asset}, or no volatility from prices before, at ${time} (Unix seconds). Give prices of that time and of two months before it.`,
    );
  }
}
