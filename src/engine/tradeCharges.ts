import type { AddOns, Charging, HeldUnit } from './addOns.ts';
import { addCosts, cheapestSale, costOf, NO_COST, type Trade, type Trading } from './liquidity.ts';
import { at } from './lookup.ts';
import type { UnitCharges } from './unitCharges.ts';

/**
 * The charges on what would have to be sold and closed to cover what is owed, as things stand.
 *
 * Owed: tokens net of what is held of the same token anywhere, and the value of options and ranges that were sold. To cover it, tokens are sold at the least impact ({@link cheapestSale}), what is owed
 * in tokens is bought, and all perps, and options and ranges that were sold, are closed, each side of a position at two venues by itself. liquidity is the impact of all that, concentration what it costs to take longer than the horizon.
 * venue: a share of what would have to be sold there: of every token held at a venue, what is owed ÷ what is held, at most 1.
 * Options bought are neither sold nor charged. Not sub-additive and not proportional, unlike the other charges: two sizes move a market more than each alone.
 * Source: design margin-model §4. Checked by hand and as properties in test/engine/tradeCharges.test.ts.
 */
export function tradeCharges(
  held: readonly HeldUnit[],
  { charges, parameters }: Charging,
): Pick<AddOns, 'liquidity' | 'concentration' | 'venue'> {
  const trading: Trading = { liquidity: parameters.addOns.liquidity, horizonDays: parameters.range.horizonDays };
  const nets = new Float64Array(charges.tokens.length);
  const closed = new Float64Array(charges.closings.length);
  let owedUsd = 0;
  for (const { unit, amount } of held) {
    const { tokenGroup, closingGroup, valueUsd, closedUsd, isDebtOnly } = charges.units[unit] as UnitCharges;
    if (tokenGroup >= 0) nets[tokenGroup] = (nets[tokenGroup] as number) + amount * valueUsd;
    if (closingGroup < 0 || (isDebtOnly && amount >= 0)) continue;
    closed[closingGroup] = (closed[closingGroup] as number) + Math.abs(amount) * closedUsd;
    owedUsd += Math.max(0, -amount * valueUsd);
  }
  const tokens = charges.tokens.map((token, group) => tradeOf(token, at(nets, group)));
  const debts = charges.tokens.map((token, group) => tradeOf(token, -at(nets, group)));
  for (const { sizeUsd } of debts) owedUsd += Math.max(0, sizeUsd);
  const closings = charges.closings.map((closing, group) => tradeOf(closing, at(closed, group)));
  let total = NO_COST;
  for (const trades of [debts, closings, soldOf(tokens, owedUsd)]) {
    for (const trade of trades) total = addCosts(total, costOf(trade, trading));
  }
  const { impactUsd, delayUsd } = total;
  return { liquidity: impactUsd, concentration: delayUsd, venue: venueUsd(held, { charges, owedUsd }) };
}

function soldOf(tokens: readonly Trade[], owedUsd: number): Trade[] {
  const holdings = tokens.filter(({ sizeUsd }) => sizeUsd > 0);
  const sizes = cheapestSale(holdings, owedUsd);
  return holdings.map(({ dailyVolumeUsd, range }, index) => ({ dailyVolumeUsd, range, sizeUsd: at(sizes, index) }));
}

function tradeOf({ traded: { dailyVolumeUsd, range } }: UnitCharges, sizeUsd: number): Trade {
  return { dailyVolumeUsd, range, sizeUsd };
}

function venueUsd(
  held: readonly HeldUnit[],
  { charges, owedUsd }: Pick<Charging, 'charges'> & { readonly owedUsd: number },
): number {
  let assetsUsd = 0;
  let chargedUsd = 0;
  for (const { unit, amount } of held) {
    const { tokenGroup, valueUsd, venueShare } = charges.units[unit] as UnitCharges;
    if (tokenGroup < 0 || amount <= 0) continue;
    assetsUsd += amount * valueUsd;
    chargedUsd += amount * valueUsd * venueShare;
  }
  return assetsUsd > 0 ? chargedUsd * Math.min(1, owedUsd / assetsUsd) : 0;
}
