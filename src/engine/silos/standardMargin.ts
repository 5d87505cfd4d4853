import type { StandardMarginRule, StandardMarketRatios } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import type { OptionLeg, PerpLeg } from '../legs.ts';
import { at, lookup, sum } from '../lookup.ts';
import { discountOf } from '../valuation.ts';
import { assessAuction } from './auction.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/**
 * A subaccount of Derive v2 by its standard manager's maintenance margin:
 * cash at face value + Σ collateral · share + Σ perps (accrued − ratio · |size| · price) + Σ expiries max(Σ shorts one by one, most that can be lost).
 * A short one by one costs its undiscounted value and a share of spot; the most that can be lost is that of the payoffs at zero and at every strike,
 * and a share of the forward for each call that no other covers. Longs count nothing by themselves.
 *
 * Source: StandardManager of Derive v2 (v2-core 7736900d). Checked against the venue's own margins for every recorded subaccount
 * (test/venues/deriveV2Engine.test.ts), by hand and as a property (test/engine/deriveSilos.test.ts).
 */
export function assessStandardMargin(rule: Floats<StandardMarginRule>, state: SiloState): SiloAssessment {
  const { legs, valuesUsd, spotUsd } = state;
  const options = new Map<string, Held[]>();
  let marginUsd = 0;
  legs.forEach((leg, index) => {
    const valueUsd = at(valuesUsd, index);
    if (leg.kind === 'token') {
      const share = lookup(rule.collateral, leg.asset) ?? 0;
      marginUsd += leg.asset === rule.cash ? leg.amount : leg.amount * spotUsd(leg.asset) * share;
    }
    if (leg.kind === 'perp') marginUsd += valueUsd - ratiosOf(rule, leg).perp * notionalOf(leg, valueUsd);
    if (leg.kind !== 'option') return;
    const key = `${leg.underlying} ${leg.expiry}`;
    options.set(key, [...(options.get(key) ?? []), { leg, markUsd: valueUsd / discountOf(leg) }]);
  });
  for (const own of options.values()) marginUsd += expiryMargin(own, { rule, state });
  return assessAuction(sum(valuesUsd), marginUsd);
}

interface Held {
  readonly leg: OptionLeg;
  readonly markUsd: number;
}

function expiryMargin(
  own: readonly Held[],
  { rule, state }: { readonly rule: Floats<StandardMarginRule>; readonly state: SiloState },
): number {
  const { leg } = at(own, 0);
  const spotUsd = state.spotUsd(leg.underlying);
  const ratios = ratiosOf(rule, leg);
  const shorts = own.filter((held) => held.leg.amount < 0);
  const isolated = sum(shorts.map((held) => isolatedMargin(held, { ratios, spotUsd })));
  const losses = [0, ...own.map((held) => held.leg.strikeUsd)].map((price) => payoff(own, price));
  const netCalls = sum(own.map((held) => (held.leg.type === 'call' ? held.leg.amount : 0)));
  const forwardUsd = leg.spotUsd > 0 ? leg.forwardUsd * (spotUsd / leg.spotUsd) : 0;
  const unpaired = ratios.unpairedCall * forwardUsd * Math.min(0, netCalls);
  return Math.max(isolated, Math.min(0, ...losses) + unpaired);
}

function isolatedMargin(
  { leg: { type, amount }, markUsd }: Held,
  { ratios, spotUsd }: { readonly ratios: Floats<StandardMarketRatios>; readonly spotUsd: number },
): number {
  if (type === 'call') return markUsd + ratios.shortCall * spotUsd * amount;
  return markUsd + Math.min(ratios.shortPut * spotUsd * amount, ratios.shortPutMark * markUsd);
}

function payoff(own: readonly Held[], priceUsd: number): number {
  return sum(
    own.map(({ leg: { type, strikeUsd, amount } }) => {
      return Math.max(0, type === 'call' ? priceUsd - strikeUsd : strikeUsd - priceUsd) * amount;
    }),
  );
}

/** |size| · price in the scenario: the value is accrued + size · price · (factor − 1). */
function notionalOf({ amount, priceUsd, accruedUsd }: PerpLeg, valueUsd: number): number {
  return Math.abs(valueUsd - accruedUsd + amount * priceUsd);
}

/** A market that the rule does not list asks for everything: that is checked before. */
function ratiosOf({ markets }: Floats<StandardMarginRule>, leg: OptionLeg | PerpLeg): Floats<StandardMarketRatios> {
  return lookup(markets, leg.underlying) as Floats<StandardMarketRatios>;
}
