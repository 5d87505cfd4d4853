import { factorOf } from '../factors.ts';
import { bookGreeks } from '../greeks.ts';
import { type Inputs, readInputs } from '../inputs.ts';
import { lookup, sum } from '../lookup.ts';
import type { MarginInput } from '../margin.ts';
import { readLegs } from '../readLegs.ts';
import type { GreekRow } from '../result.ts';
import { legValue } from '../valuation.ts';
import { followsFactor, moveInputs } from './move.ts';

/** A book after a move of one factor's price. */
export interface ProfilePoint {
  /** As a share of the price. */
  readonly move: number;
  /** Of the factor. */
  readonly priceUsd: number;
  /** Of the whole book. */
  readonly valueUsd: number;
  /** Units of the factor, at the moved price. */
  readonly delta: number;
  readonly deltaUsd: number;
  /** Units of the factor for 1 USD of its price. */
  readonly gamma: number;
  readonly gammaUsd: number;
}

/** The moves of a profile: −50 % to +50 % by 5 %. */
export const PROFILE_MOVES: readonly number[] = Array.from({ length: 21 }, (_, index) => (index - 10) / 20);

type Priced = Pick<MarginInput, 'portfolio' | 'market'>;

/** The Greeks of a whole book whatever its model: a row for each expiry of each factor, then one for each factor. */
export function greeksOf({ portfolio, market }: Priced): GreekRow[] {
  return greeksAt(readInputs({ portfolio, market }));
}

/**
 * Value, delta and gamma of a book along the price of one factor, as if the move had happened ({@link moveInputs}): everything that follows the factor moves with it,
 * volatilities of strikes and rates stay, nothing is rebalanced.
 * Checked: delta is the slope of the value and gamma that of delta, for every kind of leg, in test/engine/explain/profile.test.ts.
 */
export function greekProfile({ portfolio, market }: Priced, factor: string): ProfilePoint[] {
  const inputs = readInputs({ portfolio, market });
  const isMoved = followsFactor(inputs.market, [factor]);
  return PROFILE_MOVES.map((move) => pointOf(moveInputs(inputs, { factor: 1 + move, isMoved }), { move, factor }));
}

function pointOf(inputs: Inputs, { move, factor }: { move: number; factor: string }): ProfilePoint {
  const row = greeksAt(inputs).find((candidate) => candidate.factor === factor && candidate.expiry === null);
  const { delta, deltaUsd, gamma, gammaUsd } = row ?? { delta: 0, deltaUsd: 0, gamma: 0, gammaUsd: 0 };
  const today = { price: () => 1, vol: ({ vol }: { readonly vol: number }) => vol };
  const valueUsd = sum(readLegs(inputs).map((leg) => legValue(leg, today)));
  const priceUsd = lookup(inputs.market.assets, factor)?.usd ?? 0;
  return { move, priceUsd, valueUsd, delta, deltaUsd, gamma, gammaUsd };
}

function greeksAt(inputs: Inputs): GreekRow[] {
  const { market } = inputs;
  return bookGreeks(readLegs(inputs), { market, factorOf: (asset) => factorOf(market, asset) });
}
