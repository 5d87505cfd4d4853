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
 * The signed value of a leg under a shock, in USD.
 * token: Usd = amount · price · factor; perp: Usd = accrued + amount · price · (factor − 1); option: Usd = contracts · Black-76 on the moved forward;
 * range: both amounts at the moved prices.
 * Checked leg by leg against hand-computed values in test/engine/crossmargin.test.ts.
 */
export function legValue(leg: Leg, shock: LegShock): number {
  switch (leg.kind) {
    case 'token':
      return leg.amount * leg.priceUsd * shock.price(leg.asset);
    case 'perp':
      return leg.accruedUsd + leg.amount * leg.priceUsd * (shock.price(leg.underlying) - 1);
    case 'range':
      return rangeValue(leg, shock.price(leg.token0), shock.price(leg.token1));
    case 'option': {
      const { type, strikeUsd, amount, rate, seconds } = leg;
      const years = seconds / SECONDS_PER_YEAR;
      const terms = { type, strikeUsd, years, discount: exp(-rate * years) };
      return (
        amount *
        optionValue({ ...terms, forwardUsd: leg.forwardUsd * shock.price(leg.underlying), vol: shock.vol(leg) })
      );
    }
  }
}

/** Usd = amount0 · price0 + amount1 · price1 at the shocked prices. */
function rangeValue(leg: RangeLeg, factor0: number, factor1: number): number {
  const price0Usd = leg.price0Usd * factor0;
  const price1Usd = leg.price1Usd * factor1;
  const { amount0, amount1 } = rangeAmounts(leg, rootOf(price0Usd, price1Usd));
  return amount0 * price0Usd + amount1 * price1Usd;
}

/** What a leg's value can be off by rounding is a share of this: the largest price in its valuation times its size, in USD. */
export function exposureUsd(leg: Leg): number {
  switch (leg.kind) {
    case 'token':
      return Math.abs(leg.amount) * leg.priceUsd;
    case 'perp':
      return Math.abs(leg.accruedUsd) + Math.abs(leg.amount) * leg.priceUsd;
    case 'range':
      // A narrow range is the small difference of two large amounts: those of the same liquidity over all prices.
      return 2 * Math.abs(leg.amount) * Math.sqrt(leg.price0Usd) * Math.sqrt(leg.price1Usd);
    case 'option':
      return Math.abs(leg.amount) * Math.max(leg.forwardUsd, leg.strikeUsd);
  }
}
