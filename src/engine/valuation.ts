import type { Leg, OptionLeg, RangeLeg } from './legs.ts';
import { exp } from './math.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { rangeAmounts, rootOf } from './range.ts';
import { optionValue } from './value.ts';

/** What one scenario does to one leg. */
export interface LegShock {
  /** Factor on the price of an asset. */
  readonly price: (asset: string) => number;
  /** The volatility of an option in the scenario. */
  readonly vol: (option: OptionLeg) => number;
}

/**
 * The signed value of a leg under a shock, in USD: what it has accrued, and its amount times what a unit is worth ({@link unitValue}).
 * token: Usd = amount · price · factor; perp: Usd = accrued + amount · price · (factor − 1); option: Usd = contracts · Black-76 on the moved forward;
 * range: both amounts at the moved prices.
 * Inverse contracts are valued in the coin and converted at the moved spot price: a perp or future pays amount · (f − 1)/f coins, so
 * Usd = accrued · f + amount · spot · (f − 1); an option is worth Black-76 ÷ forward in coins, so its discount is spot ÷ forward.
 * Checked leg by leg against hand-computed values in test/engine/crossmargin.test.ts.
 */
export function legValue(leg: Leg, shock: LegShock): number {
  return accruedValue(leg, shock.price) + leg.amount * unitValue(leg, shock);
}

/** Unrealised profit and funding of a perp, under a shock; an inverse contract owes them in its coin. 0 for all else. */
export function accruedValue(leg: Leg, price: LegShock['price']): number {
  if (leg.kind !== 'perp') return 0;
  return leg.settlement === 'linear' ? leg.accruedUsd : leg.accruedUsd * price(leg.underlying);
}

/** What one unit of a leg's instrument is worth under a shock: the same for everybody who holds it. */
export function unitValue(leg: Leg, shock: LegShock): number {
  switch (leg.kind) {
    case 'token':
      return leg.priceUsd * shock.price(leg.asset);
    case 'perp':
      return (leg.settlement === 'linear' ? leg.priceUsd : leg.spotUsd) * (shock.price(leg.underlying) - 1);
    case 'range':
      return rangeUnit(leg, shock.price(leg.token0), shock.price(leg.token1));
    case 'option': {
      const { type, strikeUsd, seconds } = leg;
      const years = seconds / SECONDS_PER_YEAR;
      const forwardUsd = leg.forwardUsd * shock.price(leg.underlying);
      return optionValue({ type, strikeUsd, years, discount: discountOf(leg), forwardUsd, vol: shock.vol(leg) });
    }
  }
}

/** Usd = amount0 · price0 + amount1 · price1 at the shocked prices, of a liquidity of 1. */
function rangeUnit(leg: RangeLeg, factor0: number, factor1: number): number {
  const price0Usd = leg.price0Usd * factor0;
  const price1Usd = leg.price1Usd * factor1;
  const { amount0, amount1 } = rangeAmounts({ ...leg, amount: 1 }, rootOf(price0Usd, price1Usd));
  return amount0 * price0Usd + amount1 * price1Usd;
}

/** What turns a forward value into today's: exp(−rate·years); of an inverse option, whose forward value is in coins, spot ÷ forward, whatever the price. */
export function discountOf({ settlement, spotUsd, forwardUsd, rate, seconds }: OptionLeg): number {
  return settlement === 'inverse' ? spotUsd / forwardUsd : exp(-rate * (seconds / SECONDS_PER_YEAR));
}

/** What a leg's value can be off by rounding is a share of this: the largest price in its valuation times its size, in USD. */
export function exposureUsd(leg: Leg): number {
  switch (leg.kind) {
    case 'token':
      return Math.abs(leg.amount) * leg.priceUsd;
    case 'perp': {
      const priceUsd = leg.settlement === 'inverse' ? Math.max(leg.priceUsd, leg.spotUsd) : leg.priceUsd;
      return Math.abs(leg.accruedUsd) + Math.abs(leg.amount) * priceUsd;
    }
    case 'range':
      // A narrow range is the small difference of two large amounts: those of the same liquidity over all prices.
      return 2 * Math.abs(leg.amount) * Math.sqrt(leg.price0Usd) * Math.sqrt(leg.price1Usd);
    case 'option': {
      const grossUsd = Math.abs(leg.amount) * Math.max(leg.forwardUsd, leg.strikeUsd);
      return leg.settlement === 'inverse' ? grossUsd * Math.max(1, leg.spotUsd / leg.forwardUsd) : grossUsd;
    }
  }
}
