import { sum } from '../lookup.ts';
import type { SpanModel } from '../models/venueModels.ts';
import type { Outcome } from '../scan/riskGroup.ts';
import { type Commodity, netDelta } from './commodity.ts';

/**
 * The inter-commodity credit of each commodity, by name: spreads of opposite net deltas are formed in the model's order, each from what the ones before left, and
 * credit = rate · spreads · units · price risk per unit of delta, on both sides.
 * Source: cme.com, "Components of SPAN"; CME's "Inter Spreads" (weighted price risk). Checked against a published spread in test/engine/span/published.test.ts.
 */
export function interCommodityCredits(commodities: readonly Commodity[], model: SpanModel): Map<string, number> {
  const credits = new Map(commodities.map(({ group }) => [group.name, 0]));
  const left = new Map(commodities.map((commodity) => [commodity.group.name, netDelta(commodity)]));
  const perUnit = new Map(commodities.map((commodity) => [commodity.group.name, pricePerDelta(commodity, model)]));
  for (const { legs, credit } of model.parameters.interCommodity) {
    const deltas = legs.map(({ commodity }) => left.get(commodity) ?? 0);
    const isOpposite = deltas.some((delta) => delta > 0) && deltas.some((delta) => delta < 0);
    if (!isOpposite) continue;
    const spreads = Math.min(...legs.map(({ delta }, index) => Math.abs(deltas[index] ?? 0) / delta));
    legs.forEach(({ commodity, delta }, index) => {
      const used = spreads * delta;
      const own = deltas[index] ?? 0;
      left.set(commodity, own - Math.sign(own) * used);
      credits.set(commodity, (credits.get(commodity) ?? 0) + credit * used * (perUnit.get(commodity) ?? 0));
    });
  }
  return credits;
}

/** The price risk of a commodity for each unit of its net delta. */
function pricePerDelta(commodity: Commodity, model: SpanModel): number {
  const delta = Math.abs(netDelta(commodity));
  return delta > 0 ? priceRisk(commodity.group, model) / delta : 0;
}

/**
 * The part of the scanning risk that is of the price: the loss of the worst scenario averaged with those of the same price move, less the mean loss where the
 * price does not move; not below zero.
 * Source: SPAN splits scanning risk into price, time and volatility (CME, "Intercommodity Spreading Tier Requirements Report"); the averages are the usual way to do it,
 * for which no published numbers were found. Checked by hand in test/engine/span/span.test.ts.
 */
export function priceRisk({ outcomes, worst }: Commodity['group'], { scenarios }: SpanModel): number {
  const own = scenarios.find(({ id }) => id === worst?.id);
  if (own === undefined) return 0;
  const lossWhere = (isLike: (scenario: SpanModel['scenarios'][number]) => boolean) => {
    const like = scenarios.filter(isLike).map(({ id }) => id);
    return meanLoss(outcomes.filter(({ id }) => like.includes(id)));
  };
  const adjusted = lossWhere(({ range, weight }) => range === own.range && weight === own.weight);
  return Math.max(0, adjusted - lossWhere(({ range }) => range === 0));
}

function meanLoss(outcomes: readonly Outcome[]): number {
  return outcomes.length === 0 ? 0 : -sum(outcomes.map(({ totalUsd }) => totalUsd)) / outcomes.length;
}
