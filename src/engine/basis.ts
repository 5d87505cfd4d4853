import type { Leg } from './legs.ts';
import { sum } from './lookup.ts';
import type { BasisParameters } from './models/model.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { legValue } from './valuation.ts';

/**
 * What forwards and perps cost when they move against spot: each expiry of each underlying, and the perp of each, by itself, up or down, whichever
 * loses more.
 *
 * Usd = Σ max(0, −profit(1 + b), −profit(1 − b)), b = max(floor, annual · years) for an expiry, floor for a perp. Nothing is netted between two expiries, nor
 * with spot: that is the risk. An option bought counts where it gains only: what it can lose the scenarios take, and being bought must not be a burden.
 * An expiry that has passed is settled at spot and has no basis.
 * Source: design margin-model §6, Deribit's roll shock (annualised 7.5 %, floor 1 %), taken on values and not on deltas. Checked by hand in test/engine/addOns.test.ts.
 */
export function basisUsd(legs: readonly Leg[], { annual, floor }: BasisParameters): number {
  const profits = new Map<string, { up: number; down: number }>();
  for (const leg of legs) {
    const term = termOf(leg);
    if (term === undefined) continue;
    const shock = Math.min(1, Math.max(floor, annual * term.years));
    const { up, down } = profits.get(term.key) ?? { up: 0, down: 0 };
    profits.set(term.key, { up: up + profitOf(leg, 1 + shock), down: down + profitOf(leg, 1 - shock) });
  }
  return sum([...profits.values()].map(({ up, down }) => Math.max(0, -up, -down)));
}

function termOf(leg: Leg): { key: string; years: number } | undefined {
  switch (leg.kind) {
    case 'token':
    case 'range':
      return undefined;
    case 'perp':
    case 'option':
      if (leg.seconds === 0) return undefined;
      return { key: JSON.stringify([leg.underlying, leg.seconds]), years: (leg.seconds ?? 0) / SECONDS_PER_YEAR };
  }
}

function profitOf(leg: Leg, price: number): number {
  const vol = ({ vol: today }: { readonly vol: number }) => today;
  const profit = legValue(leg, { price: () => price, vol }) - legValue(leg, { price: () => 1, vol });
  return leg.kind === 'option' && leg.amount > 0 ? Math.max(0, profit) : profit;
}
