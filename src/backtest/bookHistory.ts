import { at } from '../engine/lookup.ts';

import { type Changes, changesOf } from '../history/changes.ts';
import { type PriceSeries, pricesByTime, seriesOf } from '../history/prices.ts';
import { EWMA_START, ewmaVariances } from '../risk/ewma.ts';
import { volFactor } from '../risk/revalue.ts';
import type { StandardBook } from './books.ts';
import type { Day } from './day.ts';
import { type Regime, regimesOf } from './regime.ts';

/** The decay of the volatility that stands in for an option market's: a month or so. */
const STAND_IN_DECAY = 0.97;
const DAYS_PER_YEAR = 365;

/** What happened to everything that a book needs. */
export interface BookHistory {
  /** Changes of prices, and of volatilities (`vol:BTC`). */
  readonly changes: Changes;
  /** What was known at the end of a period. */
  readonly day: (period: number) => Day;
  /** Of the end of each period, by the prices of the book's assets. */
  readonly regimes: readonly Regime[];
}

/** Prices of assets, and volatilities where an index of them is known. */
export interface History {
  readonly prices: readonly PriceSeries[];
  /** Annual, by asset; an asset without one has the stand-in. */
  readonly vols: readonly PriceSeries[];
}

/**
 * The history of a book's factors. Where no index of volatility is given, options trade at the asset's own volatility, √(365 · EWMA) of daily changes to that day with λ = 0.97: a stand-in, without
 * the premium that buyers pay, and its moves follow from the price's.
 */
export function bookHistory({ prices, vols }: History, { assets, optionsOn }: StandardBook): BookHistory {
  const volatile = assets.filter((asset) => asset !== 'USDC' && asset !== 'USDT');
  const own = assets.map((asset) => seriesOf(prices, asset));
  const indices = new Map(volatile.map((asset) => [asset, volSeries(seriesOf(prices, asset), vols)]));
  const onOptions = optionsOn.flatMap((asset) => {
    const index = indices.get(asset);
    return index === undefined ? [] : [{ ...index, asset: volFactor(asset) }];
  });
  const changes = changesOf([...own, ...onOptions]);
  const usdBy = new Map(own.map((series) => [series.asset, pricesByTime(series)]));
  const volBy = new Map([...indices].map(([asset, series]) => [asset, pricesByTime(series)]));
  const day = (period: number): Day => {
    const asOf = at(changes.times, period);
    return {
      asOf,
      usd: (asset) => usdBy.get(asset)?.get(asOf) ?? (asset === 'USDC' ? 1 : Number.NaN),
      vol: (asset) => volBy.get(asset)?.get(asOf) ?? Number.NaN,
    };
  };
  return { changes, day, regimes: regimesOf(changes.columns.slice(0, own.length)) };
}

/** The index where there is one, else the stand-in: each value from changes up to its own time. */
export function volSeries(series: PriceSeries, vols: readonly PriceSeries[]): PriceSeries {
  const index = vols.find(({ asset }) => asset === series.asset);
  if (index !== undefined) return index;
  const changes = changesOf([series]);
  const variances = ewmaVariances(at(changes.columns, 0), STAND_IN_DECAY);
  return {
    asset: series.asset,
    times: changes.times.slice(EWMA_START),
    prices: changes.times.slice(EWMA_START).map((_, later) => {
      const variance = at(variances, later + EWMA_START + 1) * DAYS_PER_YEAR;
      return Math.sqrt(variance);
    }),
  };
}
