import type { OptionLeg, PerpLeg } from '../legs.ts';
import { sum } from '../lookup.ts';
import type { DeribitCurrency, DeribitPair, DeribitScenario } from '../models/venueModels.ts';
import { type Outcome, outcomeOf, type RiskGroup, riskGroup } from '../scan/riskGroup.ts';
import { shockSentence } from '../scan/scanLegs.ts';
import { legValue } from '../valuation.ts';
import { shockedVol } from '../volShock.ts';

/** Contracts on one underlying that settle in one currency. */
export interface PairLegs {
  readonly name: string;
  readonly underlying: string;
  readonly isInverse: boolean;
  readonly members: readonly number[];
  readonly legs: readonly (OptionLeg | PerpLeg)[];
  readonly pair: DeribitPair;
  readonly currency: DeribitCurrency;
  readonly tailFactor: number;
}

/** Every scenario of a pair. An inverse contract's profit is in coins, here at today's price. */
export function scanPair(pair: PairLegs, scenarios: readonly DeribitScenario[]): RiskGroup {
  const outcomes = scenarios.map((scenario) => {
    const factor = scenario.spot ?? 1 + (scenario.range ?? 0) * pair.pair.priceRange;
    const sentence = shockSentence(pair.underlying, { factor, vol: scenario.vol });
    const pnl = profits(pair, { factor, vol: scenario.vol });
    const what = { id: scenario.id, sentence };
    return scenario.spot === undefined ? outcomeOf(what, pnl) : tailOutcome(pair, { what, pnl, factor });
  });
  return riskGroup({ name: pair.name, members: pair.members, outcomes });
}

/**
 * The profit of each leg. linear: value after − value before, USD. inverse: the same in coins, (value after ÷ factor − value before) ÷ spot,
 * which for a perp or future of q coins is q·s/(1 + s) at a move s; here times spot.
 * Source: `initial_risk_vectors` of Deribit's published answers. Checked against them to 1e-15 in test/engine/deribit/published.test.ts.
 */
export function profits(
  { legs, isInverse, pair }: Pick<PairLegs, 'legs' | 'isInverse' | 'pair'>,
  { factor, vol }: { factor: number; vol: DeribitScenario['vol'] },
): number[] {
  return legs.map((leg) => {
    const before = legValue(leg, { price: () => 1, vol: (option) => option.vol });
    const after = legValue(leg, { price: () => factor, vol: (option) => shockedVol(option, vol, pair.volShock) });
    return isInverse ? after / factor - before : after - before;
  });
}

/**
 * A scenario of the extended table. Of the profit in USD at the moved price counts tailFactor · range ÷ |move|; an inverse pair's is turned into
 * coins at the end of the price range; then it is pulled toward zero by (|move| ÷ range − 1) · dampener USD, at most to zero.
 * Source: support.deribit.com, "Portfolio Margin" (a fraction of the profit; a dampener). The published extended vectors of futures give the
 * fraction and the conversion exactly; that the dampener is in USD, and acts on gains and losses alike, is consistent with them.
 * Checked against them in test/engine/deribit/published.test.ts.
 */
function tailOutcome(
  pair: PairLegs,
  tail: { what: { id: string; sentence: string }; pnl: readonly number[]; factor: number },
): Outcome {
  const { what, pnl, factor } = tail;
  const move = factor - 1;
  const excess = Math.abs(move) / pair.pair.priceRange;
  const conversion = pair.isInverse ? 1 + Math.sign(move) * pair.pair.priceRange : 1;
  const atMove = pair.isInverse ? factor : 1;
  const scaled = pnl.map((profit) => (profit * atMove * pair.tailFactor) / (excess * conversion));
  const total = sum(scaled);
  const pulled = Math.min(Math.abs(total), (Math.max(1, excess) - 1) * (pair.currency.dampenerUsd / conversion));
  const kept = total === 0 ? 0 : (Math.abs(total) - pulled) / Math.abs(total);
  return outcomeOf(
    what,
    scaled.map((profit) => profit * kept),
  );
}
