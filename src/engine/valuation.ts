import type { Leg, OptionLeg, PerpLeg } from './legs.ts';
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
 * Inverse contracts are valued in the coin and converted at the moved spot price: a perp or future pays amount · (f − 1)/f coins, so
 * Usd = accrued · f + amount · spot · (f − 1); an option is worth Black-76 ÷ forward in coins, so its discount is spot ÷ forward.
 * Checked leg by leg against hand-computed values in test/engine/crossmargin.test.ts.
 */
export function legValue(leg: Leg, shock: LegShock): number {
  switch (leg.kind) {
    case 'token':
      return leg.amount * leg.priceUsd * shock.price;
    case 'perp':
      return perpValue(leg, shock.price);
    case 'option': {
      const { type, strikeUsd, amount, rate, seconds } = leg;
      const years = seconds / SECONDS_PER_YEAR;
      const discount = leg.settlement === 'inverse' ? leg.spotUsd / leg.forwardUsd : exp(-rate * years);
      const terms = { type, strikeUsd, years, discount };
      return amount * optionValue({ ...terms, forwardUsd: leg.forwardUsd * shock.price, vol: shock.vol(leg) });
    }
  }
}

function perpValue({ amount, priceUsd, spotUsd, accruedUsd, settlement }: PerpLeg, factor: number): number {
  const move = factor - 1;
  if (settlement === 'linear') return accruedUsd + amount * priceUsd * move;
  return accruedUsd + (accruedUsd + amount * spotUsd) * move;
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
    case 'option': {
      const grossUsd = Math.abs(leg.amount) * Math.max(leg.forwardUsd, leg.strikeUsd);
      return leg.settlement === 'inverse' ? grossUsd * Math.max(1, leg.spotUsd / leg.forwardUsd) : grossUsd;
    }
  }
}
