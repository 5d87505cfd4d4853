import { at } from './lookup.ts';
import type { LiquidityParameters } from './models/model.ts';

/** What an asset trades like. */
export interface Traded {
  readonly dailyVolumeUsd: number;
  /** The range of its price over the model's horizon, as a share of it. */
  readonly range: number;
}

/** So much of it, USD. */
export interface Trade extends Traded {
  readonly sizeUsd: number;
}

/** What trading costs: through its impact, and through the time that it takes beyond the model's horizon. */
export interface TradingCost {
  readonly impactUsd: number;
  readonly delayUsd: number;
}

/** How costs are counted. */
export interface Trading {
  readonly liquidity: LiquidityParameters;
  readonly horizonDays: number;
}

/** Nothing is traded. */
export const NO_COST: TradingCost = { impactUsd: 0, delayUsd: 0 };

/**
 * What trading a size costs, each part at most all of it.
 *
 * impact = size · impact · range · √(size ÷ daily volume): the square-root law. delay = size · range · (√(days ÷ horizon) − 1) where the size, at a share
 * `participation` of the daily volume, takes more days than the horizon: what the price can move further meanwhile.
 * Source: Tóth et al., "Anomalous price impact and the critical nature of liquidity in financial markets" (2011), eq. 1; the range grows with √time as in the model.
 * Checked by hand and in its limits in test/engine/liquidity.test.ts.
 */
export function costOf({ sizeUsd, dailyVolumeUsd, range }: Trade, { liquidity, horizonDays }: Trading): TradingCost {
  if (sizeUsd <= 0) return NO_COST;
  const share = liquidity.impact * range * Math.sqrt(sizeUsd / dailyVolumeUsd);
  const days = sizeUsd / (liquidity.participation * dailyVolumeUsd);
  const further = days > horizonDays && horizonDays > 0 ? range * (Math.sqrt(days / horizonDays) - 1) : 0;
  return { impactUsd: sizeUsd * Math.min(1, share), delayUsd: sizeUsd * Math.min(1, further) };
}

/** Two costs together. */
export function addCosts(a: TradingCost, b: TradingCost): TradingCost {
  return { impactUsd: a.impactUsd + b.impactUsd, delayUsd: a.delayUsd + b.delayUsd };
}

/**
 * How much of each asset to sell to raise `neededUsd` at the least impact, in the order given: all of them where they do not suffice.
 *
 * The impact of an asset is c·size^1.5 with c = impact · range ÷ √volume, so at the least cost every asset that is not sold whole has the same c·√size: size = m ÷ c². The assets
 * that are sold whole are those of the least c²·holding. More to choose from never costs more.
 * Checked against a search over all splits, and as a property, in test/engine/liquidity.test.ts.
 */
export function cheapestSale(holdings: readonly Trade[], neededUsd: number): number[] {
  const steepness = holdings.map(({ range, dailyVolumeUsd }) => (range * range) / dailyVolumeUsd);
  const order = holdings.map((_, index) => index);
  const limitOf = (index: number) => at(steepness, index) * at(holdings, index).sizeUsd;
  order.sort((a, b) => limitOf(a) - limitOf(b) || a - b);
  const widths = sumsToEnd(order.map((index) => width(at(steepness, index))));
  const sold = holdings.map(() => 0);
  let restUsd = neededUsd;
  order.forEach((index, place) => {
    const { sizeUsd } = at(holdings, index);
    const share = width(at(steepness, index)) / at(widths, place);
    const isWhole = !(share > 0) || restUsd * share >= sizeUsd;
    sold[index] = isWhole ? Math.min(sizeUsd, restUsd) : restUsd * share;
    restUsd -= at(sold, index);
  });
  return sold;
}

/** Each entry and all after it. Sums, no differences: a small one after a large one keeps its digits. */
function sumsToEnd(values: readonly number[]): number[] {
  const sums = [...values];
  for (let index = sums.length - 2; index >= 0; index -= 1) sums[index] = at(values, index) + at(sums, index + 1);
  return sums;
}

/** What does not move costs nothing to sell and goes first, whole. */
function width(steepness: number): number {
  return steepness > 0 ? 1 / steepness : 0;
}
