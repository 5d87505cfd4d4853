import { at } from '../engine/lookup.ts';
import { type Changes, changesOf } from '../history/changes.ts';
import { type PriceSeries, pricesByTime, seriesOf } from '../history/prices.ts';
import { volFactor } from '../risk/revalue.ts';
import { standInVols } from '../risk/volHistory.ts';
import type { StandardBook } from './books.ts';
import type { Day } from './day.ts';
import { type Regime, regimesOf } from './regime.ts';

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
 * The history of a book's factors. Where no index of volatility is given, options trade at the asset's own volatility, as {@link standInVols} has it.
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

/** The index where there is one, else {@link standInVols}. */
export function volSeries(series: PriceSeries, vols: readonly PriceSeries[]): PriceSeries {
  return vols.find(({ asset }) => asset === series.asset) ?? standInVols(series);
}
