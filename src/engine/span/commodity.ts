import { factorOf, factorRange, USD } from '../factors.ts';
import type { FloatMarket } from '../inputs.ts';
import type { VenueLeg } from '../legs.ts';
import { at, lookup, sum } from '../lookup.ts';
import type { SpanModel } from '../models/venueModels.ts';
import { deltaOf } from '../scan/delta.ts';
import { outcomeOf, type RiskGroup, riskGroup } from '../scan/riskGroup.ts';
import { legProfits, membersBy, shockSentence } from '../scan/scanLegs.ts';

/** A combined commodity: everything that moves with one price. */
export interface Commodity {
  readonly group: RiskGroup;
  readonly legs: readonly VenueLeg[];
  readonly spotUsd: number;
  /** What each leg stands for at the spot price, in USD. */
  readonly deltasUsd: readonly number[];
}

/** The combined commodities of a book by name; what does not move, as a stablecoin, is in none. */
export function arrangeCommodities(legs: readonly VenueLeg[], market: FloatMarket, model: SpanModel): Commodity[] {
  const byFactor = membersBy(legs, (leg) => {
    const factor = factorOf(market, leg.kind === 'token' ? leg.asset : leg.underlying);
    return factor === USD ? undefined : factor;
  });
  return [...byFactor].map(([name, members]) => {
    const own = members.map((member) => at(legs, member));
    return {
      group: scanCommodity({ name, members, legs: own }, { market, model }),
      legs: own,
      spotUsd: lookup(market.assets, name)?.usd ?? 0,
      deltasUsd: own.map((leg) => deltaOf(leg) * (leg.kind === 'token' ? leg.priceUsd : leg.spotUsd)),
    };
  });
}

/**
 * The risk array of a combined commodity: its profit in every scenario, and the largest loss, its scanning risk. The price moves by a multiple of the scan
 * range, never below zero.
 * Source: cme.com, "Components of SPAN". Checked against a published array and its scanning risk in test/engine/span/published.test.ts.
 */
function scanCommodity(
  { name, members, legs }: { name: string; members: readonly number[]; legs: readonly VenueLeg[] },
  { market, model }: { market: FloatMarket; model: SpanModel },
): RiskGroup {
  const { range, scanRanges, volShock } = model.parameters;
  const scanRange = lookup(scanRanges, name) ?? factorRange(lookup(market.assets, name)?.vol, range);
  const outcomes = model.scenarios.map((scenario) => {
    const factor = Math.max(0, 1 + scenario.range * scanRange);
    const profits = legProfits(legs, { factor, vol: scenario.vol, volShock });
    const what = { id: scenario.id, sentence: shockSentence(name, { factor, vol: scenario.vol }) };
    return outcomeOf(
      what,
      profits.map((profit) => profit * scenario.weight),
    );
  });
  return riskGroup({ name, members, outcomes });
}

/** The net delta of a commodity in its own units. */
export function netDelta({ deltasUsd, spotUsd }: Pick<Commodity, 'deltasUsd' | 'spotUsd'>): number {
  return spotUsd > 0 ? sum(deltasUsd) / spotUsd : 0;
}
