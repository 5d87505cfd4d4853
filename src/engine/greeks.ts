import { compareText } from '../portfolio/order.ts';
import { USD } from './factors.ts';
import type { Leg, PerpLeg, RangeLeg } from './legs.ts';
import { lookup } from './lookup.ts';
import { type DollarGreeks, NO_GREEKS, optionGreeks } from './optionGreeks.ts';
import { rangeAmounts, rootOf } from './range.ts';
import type { GreekRow } from './result.ts';
import type { StressedBook } from './stress.ts';

/** What one leg says of one factor. */
interface Part {
  readonly factor: string;
  readonly expiry: number | null;
  readonly greeks: DollarGreeks;
}

/** What factors and their prices are read from. */
export type GreekBook = Pick<StressedBook, 'market' | 'factorOf'>;

/**
 * How a leg answers to its factors, sorted by factor: one row, two for a range of two factors, none for dollars. A pegged asset counts as what it is worth
 * in its factor.
 * Source: design margin-model §4. Checked against finite differences in test/engine/greeks.test.ts.
 */
export function legGreeks(leg: Leg, book: GreekBook): GreekRow[] {
  const parts = partsOf(leg, book).filter(({ factor }) => factor !== USD);
  return parts.sort(compareParts).map((part) => rowOf([part], book));
}

/** The same of a book: a row for each expiry of each factor, then one for each factor, summing its legs in canonical order. */
export function bookGreeks(legs: readonly Leg[], book: GreekBook): GreekRow[] {
  const parts = legs.flatMap((leg) => partsOf(leg, book)).filter(({ factor }) => factor !== USD);
  const expiries = groupBy(parts.filter(({ expiry }) => expiry !== null));
  const factors = groupBy(parts.map((part) => ({ ...part, expiry: null })));
  return [...expiries, ...factors].map((group) => rowOf(group, book));
}

function partsOf(leg: Leg, { factorOf }: GreekBook): Part[] {
  const still = (asset: string, deltaUsd: number) => ({
    factor: factorOf(asset),
    expiry: null,
    greeks: { ...NO_GREEKS, deltaUsd },
  });
  switch (leg.kind) {
    case 'token':
      return [still(leg.asset, leg.amount * leg.priceUsd)];
    case 'perp':
      return [still(leg.underlying, perpDeltaUsd(leg))];
    case 'option':
      return [{ factor: factorOf(leg.underlying), expiry: leg.expiry, greeks: optionGreeks(leg) }];
    case 'range':
      return rangeParts(leg, factorOf);
  }
}

/** Usd per 100 % of the price; of an inverse contract the coins it is worth move too. */
function perpDeltaUsd({ amount, priceUsd, spotUsd, accruedUsd, settlement }: PerpLeg): number {
  return settlement === 'linear' ? amount * priceUsd : accruedUsd + amount * spotUsd;
}

/**
 * A range: deltaUsd of a token is the value of its amount; within the range gammaUsd = −½·ℓ·√(price0·price1) for each. Two tokens of one factor move together:
 * the value goes with it and there is no gamma.
 */
function rangeParts(leg: RangeLeg, factorOf: (asset: string) => string): Part[] {
  const { token0, token1, price0Usd, price1Usd, amount, lowerRoot, upperRoot } = leg;
  const root = rootOf(price0Usd, price1Usd);
  const { amount0, amount1 } = rangeAmounts(leg, root);
  const isWithin = root > lowerRoot && root < upperRoot;
  const gammaUsd = isWithin ? -0.5 * amount * Math.sqrt(price0Usd) * Math.sqrt(price1Usd) : 0;
  const part = (factor: string, greeks: Partial<DollarGreeks>) => ({
    factor,
    expiry: null,
    greeks: { ...NO_GREEKS, ...greeks },
  });
  const [factor0, factor1] = [factorOf(token0), factorOf(token1)];
  const [deltaUsd0, deltaUsd1] = [amount0 * price0Usd, amount1 * price1Usd];
  if (factor0 === factor1) return [part(factor0, { deltaUsd: deltaUsd0 + deltaUsd1 })];
  return [part(factor0, { deltaUsd: deltaUsd0, gammaUsd }), part(factor1, { deltaUsd: deltaUsd1, gammaUsd })];
}

function rowOf(group: readonly Part[], { market }: GreekBook): GreekRow {
  const { factor, expiry } = group[0] as Part;
  const { deltaUsd, gammaUsd, vannaUsd, ...rest } = group.map(({ greeks }) => greeks).reduce(add, NO_GREEKS);
  const priceUsd = lookup(market.assets, factor)?.usd ?? 0;
  const per = (usd: number) => (priceUsd > 0 ? usd / priceUsd : 0);
  return {
    factor,
    expiry,
    delta: per(deltaUsd),
    gamma: per(per(gammaUsd)),
    ...rest,
    vanna: per(vannaUsd),
    deltaUsd,
    gammaUsd,
  };
}

function add(a: DollarGreeks, b: DollarGreeks): DollarGreeks {
  return {
    deltaUsd: a.deltaUsd + b.deltaUsd,
    gammaUsd: a.gammaUsd + b.gammaUsd,
    vega: a.vega + b.vega,
    theta: a.theta + b.theta,
    rho: a.rho + b.rho,
    vannaUsd: a.vannaUsd + b.vannaUsd,
    volga: a.volga + b.volga,
  };
}

/** By factor and expiry, sorted by both. */
function groupBy(parts: readonly Part[]): Part[][] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = JSON.stringify([part.factor, part.expiry]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [part]);
    else known.push(part);
  }
  return [...groups.values()].sort(([a], [b]) => compareParts(a as Part, b as Part));
}

function compareParts(a: Part, b: Part): number {
  return compareText(a.factor, b.factor) || (a.expiry ?? 0) - (b.expiry ?? 0);
}
