import type { Leg } from './legs.ts';
import type { CrossParameters } from './models/model.ts';
import { tradeCharges } from './tradeCharges.ts';
import { type ChargeTable, type UnitCharges, type UnitCharging, unitCharges } from './unitCharges.ts';

/** Charges beside the scenarios, by name, in USD. They all vanish where nothing is owed in any scenario. */
export interface AddOns {
  /** Cover for float error. */
  readonly numericalBuffer: number;
  /** The least for options sold and not bought back. */
  readonly shortOption: number;
  /** Forwards and perps moving against spot. */
  readonly basis: number;
  /** Prices that their source itself is unsure of. */
  readonly oracle: number;
  /** What selling and closing cost by their impact on the price. */
  readonly liquidity: number;
  /** What the price can move further while a size is traded that takes longer than the model's horizon. */
  readonly concentration: number;
  /** What may be lost by a venue's own fault. */
  readonly venue: number;
}

/** No charge at all. */
export const NO_ADD_ONS: AddOns = {
  numericalBuffer: 0,
  shortOption: 0,
  basis: 0,
  oracle: 0,
  liquidity: 0,
  concentration: 0,
  venue: 0,
};

/**
 * The add-ons of legs. Each is zero or more, scales with the book, is for two books together at most the sum of both, and does not
 * grow by an option that is bought, but for the numerical buffer.
 * Source: design margin-model §4. Checked by hand and as properties in test/engine/addOns.test.ts.
 */
export function addOnsOf(
  legs: readonly Leg[],
  { parameters, mover }: { readonly parameters: CrossParameters } & Pick<UnitCharging, 'mover'>,
): AddOns {
  const held = legs.map((leg, unit) => ({
    unit,
    amount: leg.amount,
    accruedUsd: leg.kind === 'perp' ? leg.accruedUsd : 0,
  }));
  return chargeHoldings(held, { charges: unitCharges(legs, { parameters, mover }), parameters });
}

/** Everything that is charged. */
export function totalAddOns({ liquidity, concentration, venue, ...others }: AddOns): number {
  const { numericalBuffer, shortOption, basis, oracle } = others;
  return numericalBuffer + shortOption + basis + oracle + liquidity + concentration + venue;
}

/** So much of a unit. */
export interface HeldUnit {
  /** Index into the charges' units. */
  readonly unit: number;
  readonly amount: number;
  readonly accruedUsd: number;
}

/** What holdings are charged by. */
export interface Charging {
  readonly charges: ChargeTable;
  readonly parameters: Pick<CrossParameters, 'addOns' | 'numericalBuffer' | 'range'>;
}

/**
 * The add-ons of holdings, whose units are priced already.
 *
 * numericalBuffer: a share of Σ exposure.
 * shortOption: spot · max(0, −Σ contracts) of each underlying, expiry and type: an option bought at any strike bounds what one sold can cost.
 * basis: what forwards and perps cost when they move against spot, Σ max(0, −profit up, −profit down) over expiries and perps, each by itself. Nothing is netted between
 * two expiries, nor with spot: that is the risk. An option bought counts where it gains only: what it can lose the scenarios take, and being bought must not be a burden.
 * Source: Deribit's roll shock (annualised 7.5 %, floor 1 %), taken on values and not on deltas.
 * oracle: the doubt about each token, perp, option and range, net of what is held against it in the same.
 */
export function chargeHoldings(held: readonly HeldUnit[], { charges, parameters }: Charging): AddOns {
  const { addOns, numericalBuffer } = parameters;
  return {
    numericalBuffer: numericalBuffer * exposureOf(held, charges),
    shortOption: addOns.shortOption * shortNotionalUsd(held, charges),
    basis: basisUsd(held, charges),
    oracle: addOns.oracle * unsureUsd(held, charges),
    ...tradeCharges(held, { charges, parameters }),
  };
}

function exposureOf(held: readonly HeldUnit[], { units }: ChargeTable): number {
  let totalUsd = 0;
  for (const { unit, amount, accruedUsd } of held) {
    totalUsd += Math.abs(accruedUsd) + Math.abs(amount) * (units[unit] as UnitCharges).exposureUsd;
  }
  return totalUsd;
}

function shortNotionalUsd(held: readonly HeldUnit[], { units, shorts, sums }: ChargeTable): number {
  sums.fill(0, 0, shorts.length);
  for (const { unit, amount } of held) {
    const { shortGroup } = units[unit] as UnitCharges;
    if (shortGroup >= 0) sums[shortGroup] = (sums[shortGroup] as number) + amount;
  }
  let totalUsd = 0;
  for (let group = 0; group < shorts.length; group += 1) {
    totalUsd += Math.max(0, -(sums[group] as number)) * (shorts[group] as UnitCharges).spotUsd;
  }
  return totalUsd;
}

function basisUsd(held: readonly HeldUnit[], { units, bases, sums }: ChargeTable): number {
  const downs = bases.length;
  sums.fill(0, 0, 2 * downs);
  for (const { unit, amount, accruedUsd } of held) {
    const move = units[unit] as UnitCharges;
    const { basisGroup, isOption, accruedMove } = move;
    if (basisGroup < 0) continue;
    const isBought = isOption && amount > 0;
    const upUsd = accruedUsd * accruedMove + amount * move.upUsd;
    const downUsd = amount * move.downUsd - accruedUsd * accruedMove;
    sums[basisGroup] = (sums[basisGroup] as number) + (isBought ? Math.max(0, upUsd) : upUsd);
    sums[downs + basisGroup] = (sums[downs + basisGroup] as number) + (isBought ? Math.max(0, downUsd) : downUsd);
  }
  let totalUsd = 0;
  for (let group = 0; group < downs; group += 1) {
    totalUsd += Math.max(0, -(sums[group] as number), -(sums[downs + group] as number));
  }
  return totalUsd;
}

function unsureUsd(held: readonly HeldUnit[], { units, doubts, sums }: ChargeTable): number {
  sums.fill(0, 0, doubts.length);
  for (const { unit, amount } of held) {
    const { doubtGroup } = units[unit] as UnitCharges;
    if (doubtGroup >= 0) sums[doubtGroup] = (sums[doubtGroup] as number) + amount;
  }
  let totalUsd = 0;
  for (let group = 0; group < doubts.length; group += 1) {
    const net = sums[group] as number;
    const { longDoubtUsd, shortDoubtUsd } = doubts[group] as UnitCharges;
    totalUsd += Math.abs(net) * (net < 0 ? shortDoubtUsd : longDoubtUsd);
  }
  return totalUsd;
}
