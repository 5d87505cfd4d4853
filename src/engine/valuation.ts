import type { Leg, OptionLeg } from './legs.ts';
import { exp } from './math.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { optionValue } from './value.ts';

/** What one scenario does to one leg. */
export interface LegShock {
  /** Factor on the price of the leg's asset or underlying. */
  readonly price: number;
  /** The volatility of an option in the scenario. */
  readonly vol: (option: OptionLeg) => number;
}

/**
 * The signed value of a leg under a shock, in USD.
 * token: Usd = amount · price · factor; perp: Usd = accrued + amount · price · (factor − 1); option: Usd = contracts · Black-76 on the moved forward.
 * Checked leg by leg against hand-computed values in test/engine/crossmargin.test.ts.
 */
export function legValue(leg: Leg, shock: LegShock): number {
  switch (leg.kind) {
    case 'token':
      return leg.amount * leg.priceUsd * shock.price;
    case 'perp':
      return leg.accruedUsd + leg.amount * leg.priceUsd * (shock.price - 1);
    case 'option': {
      const { type, strikeUsd, amount, rate, seconds } = leg;
      const years = seconds / SECONDS_PER_YEAR;
      const terms = { type, strikeUsd, years, discount: exp(-rate * years) };
      return amount * optionValue({ ...terms, forwardUsd: leg.forwardUsd * shock.price, vol: shock.vol(leg) });
    }
  }
}

/** What a leg's value can be off by rounding is a share of this: the largest price in its valuation times its size, in USD. */
export function exposureUsd(leg: Leg): number {
  switch (leg.kind) {
    case 'token':
      return Math.abs(leg.amount) * leg.priceUsd;
    case 'perp':
      return Math.abs(leg.accruedUsd) + Math.abs(leg.amount) * leg.priceUsd;
    case 'option':
      return Math.abs(leg.amount) * Math.max(leg.forwardUsd, leg.strikeUsd);
  }
}
