import { at, sum } from '../lookup.ts';
import { exp } from '../math.ts';
import type { DeribitCurrency } from '../models/venueModels.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import { deltaOf } from '../scan/delta.ts';
import type { PairLegs } from './pair.ts';

/**
 * The roll contingency, in units of the underlying: Σ over expiries |net delta of the expiry| · its move against spot. A perpetual has the least move.
 * Source: `roll_shock` of Deribit's published answers, for the least move exactly (test/engine/deribit/published.test.ts).
 */
export function rollContingency({ legs, currency }: Pick<PairLegs, 'legs' | 'currency'>): number {
  const deltas = new Map<number, number>();
  for (const leg of legs) {
    const seconds = leg.seconds ?? 0;
    deltas.set(seconds, (deltas.get(seconds) ?? 0) + deltaOf(leg));
  }
  const expiries = [...deltas.keys()].sort((a, b) => a - b);
  return sum(expiries.map((seconds) => Math.abs(deltas.get(seconds) ?? 0) * rollMove(seconds, currency)));
}

/**
 * max(minMove, exp(annualisedMove · years) − 1): compounding, so never less than annualisedMove · years.
 * Source: design margin-model §6 for the annual figures. Checked by hand at both ends (test/engine/deribit/deribit.test.ts).
 */
export function rollMove(seconds: number, { annualisedMove, minMove }: DeribitCurrency): number {
  return Math.max(minMove, exp(annualisedMove * (seconds / SECONDS_PER_YEAR)) - 1);
}

/** The deltas of a pair, in USD: of everything, and without the options that are held long; the larger counts. */
export function largestDelta({ legs }: Pick<PairLegs, 'legs'>): number {
  const deltas = legs.map((leg) => deltaOf(leg) * leg.spotUsd);
  const short = deltas.filter((_, index) => at(legs, index).kind === 'perp' || at(legs, index).amount < 0);
  return Math.max(Math.abs(sum(deltas)), Math.abs(sum(short)));
}
