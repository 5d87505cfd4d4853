import { compareText } from '../portfolio/order.ts';
import type { Mover } from './factors.ts';
import { assetsOf, type Leg, type OptionLeg } from './legs.ts';
import type { Traded } from './liquidity.ts';
import { at, lookup } from './lookup.ts';
import type { BasisParameters, CrossParameters } from './models/model.ts';
import { optionGreeks } from './optionGreeks.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { exposureUsd, type LegShock, unitValue } from './valuation.ts';

/** What a unit of an instrument adds to the charges beside the scenarios, the same for everybody who holds it. Groups are numbers, −1 where there is none. */
export interface UnitCharges {
  /** What its value can be off by is a share of this, USD. */
  readonly exposureUsd: number;
  /** Options of one underlying, expiry, type and settlement, before expiry. */
  readonly shortGroup: number;
  readonly spotUsd: number;
  /** What moves against spot together: the options and futures of an expiry, or the perp. */
  readonly basisGroup: number;
  /** Profit where forward or perp rises by the basis shock, and where it falls, USD. */
  readonly upUsd: number;
  readonly downUsd: number;
  /** What an inverse perp has accrued gains by the same, as a share. */
  readonly accruedMove: number;
  readonly isOption: boolean;
  /** The instrument itself, where its price is in doubt. */
  readonly doubtGroup: number;
  /** What the doubt can cost a net long and a net short unit, USD. */
  readonly longDoubtUsd: number;
  readonly shortDoubtUsd: number;
  /** A token: what is sold, or bought to pay a debt. */
  readonly tokenGroup: number;
  /** The value of a unit today, USD. */
  readonly valueUsd: number;
  /** What is closed, by what it is on: perps, and options and ranges where they are owed. */
  readonly closingGroup: number;
  /** What closing a unit trades, USD: the size of a perp, the delta of an option. */
  readonly closedUsd: number;
  /** Whether it needs closing only where it is owed. */
  readonly isDebtOnly: boolean;
  readonly traded: Traded;
  /** Share of the value of a token that the venue is charged with. */
  readonly venueShare: number;
}

/** The charges of some units, and one unit of each group. */
export interface ChargeTable {
  readonly units: readonly UnitCharges[];
  readonly shorts: readonly UnitCharges[];
  readonly bases: readonly UnitCharges[];
  readonly doubts: readonly UnitCharges[];
  readonly tokens: readonly UnitCharges[];
  readonly closings: readonly UnitCharges[];
  /** Room to sum the groups in. */
  readonly sums: Float64Array;
}

/** What units are charged by. */
export interface UnitCharging {
  readonly parameters: Pick<CrossParameters, 'addOns' | 'peg'>;
  /** What an asset's price depends on. */
  readonly mover: (asset: string) => Mover;
}

/**
 * The charges of a unit of each leg. Groups are numbered by the order of their names, so that the sums over them run in the same order for a book and for all instruments there are.
 * Source and checks: {@link addOnsOf}.
 */
export function unitCharges(legs: readonly Leg[], { parameters, mover }: UnitCharging): ChargeTable {
  const { addOns } = parameters;
  const units = legs.map((leg) => (leg.kind === 'perp' ? { ...leg, amount: 1, accruedUsd: 0 } : { ...leg, amount: 1 }));
  const shorts = numberGroups(units.map(shortKey));
  const bases = numberGroups(units.map(basisKey));
  const doubts = numberGroups(units.map((leg) => (leg.confidence < 1 ? instrumentOf(leg) : undefined)));
  const tokens = numberGroups(units.map((leg) => (leg.kind === 'token' ? leg.asset : undefined)));
  const closings = numberGroups(units.map((leg) => (leg.kind === 'token' ? undefined : assetsOf(leg)[0])));
  const charges = units.map((leg, index) => ({
    exposureUsd: exposureUsd(leg),
    shortGroup: shorts.groupOf(index),
    spotUsd: leg.kind === 'option' ? leg.spotUsd : 0,
    basisGroup: bases.groupOf(index),
    ...basisMoves(leg, addOns.basis),
    isOption: leg.kind === 'option',
    doubtGroup: doubts.groupOf(index),
    ...doubtOf(leg),
    tokenGroup: tokens.groupOf(index),
    closingGroup: closings.groupOf(index),
    ...tradeOf(leg),
    isDebtOnly: leg.kind !== 'perp',
    traded: tradedOf(assetsOf(leg)[0] ?? '', { parameters, mover }),
    venueShare: lookup(addOns.venue.shares, leg.venue) ?? addOns.venue.others,
  }));
  const firsts = ({ members }: { readonly members: readonly number[] }) => members.map((index) => at(charges, index));
  const groups = { shorts: firsts(shorts), bases: firsts(bases), doubts: firsts(doubts) };
  const trades = { tokens: firsts(tokens), closings: firsts(closings) };
  const room = Math.max(shorts.members.length, 2 * bases.members.length, doubts.members.length);
  return { units: charges, ...groups, ...trades, sums: new Float64Array(room) };
}

/** At expiry there is nothing left to charge for: the value is what is paid. */
function shortKey(leg: Leg): string | undefined {
  if (leg.kind !== 'option' || leg.seconds === 0) return undefined;
  return JSON.stringify([leg.underlying, leg.expiry, leg.type, leg.settlement]);
}

/** An expiry that has passed is settled at spot and has no basis. */
function basisKey(leg: Leg): string | undefined {
  if ((leg.kind !== 'perp' && leg.kind !== 'option') || leg.seconds === 0) return undefined;
  return JSON.stringify([leg.underlying, leg.seconds]);
}

function instrumentOf(leg: Leg): string {
  if (leg.kind === 'range') return JSON.stringify([leg.kind, ...assetsOf(leg), leg.lowerRoot, leg.upperRoot]);
  if (leg.kind === 'token') return JSON.stringify([leg.kind, leg.asset]);
  const { kind, underlying, settlement, seconds } = leg;
  const terms = kind === 'option' ? [leg.expiry, leg.type, leg.strikeUsd] : [seconds];
  return JSON.stringify([kind, underlying, settlement, ...terms]);
}

/** b = max(floor, annual · years) for an expiry, floor for a perp. */
function basisMoves(leg: Leg, { annual, floor }: BasisParameters) {
  if (basisKey(leg) === undefined) return { upUsd: 0, downUsd: 0, accruedMove: 0 };
  const seconds = leg.kind === 'perp' || leg.kind === 'option' ? (leg.seconds ?? 0) : 0;
  const shock = Math.min(1, Math.max(floor, annual * (seconds / SECONDS_PER_YEAR)));
  const todayUsd = unitValue(leg, moved(1, 1));
  return {
    upUsd: unitValue(leg, moved(1 + shock, 1)) - todayUsd,
    downUsd: unitValue(leg, moved(1 - shock, 1)) - todayUsd,
    accruedMove: leg.kind === 'perp' && leg.settlement === 'inverse' ? shock : 0,
  };
}

/**
 * What the doubt about a price can cost: tokens, perps and ranges (1 − confidence) of their value; an option sold what it costs more where forward
 * and volatility are off by that share against it. Options bought are not charged: the scenarios take all that they can lose, and what is owned by being bought must
 * not be a burden.
 */
function doubtOf(leg: Leg): { longDoubtUsd: number; shortDoubtUsd: number } {
  const doubt = 1 - leg.confidence;
  if (leg.kind === 'option') return { longDoubtUsd: 0, shortDoubtUsd: doubt > 0 ? optionDoubtUsd(leg, doubt) : 0 };
  const valueUsd = leg.kind === 'range' ? Math.abs(unitValue(leg, moved(1, 1))) : leg.priceUsd;
  return { longDoubtUsd: doubt * valueUsd, shortDoubtUsd: doubt * valueUsd };
}

/** Usd = max(V(F·(1 ± doubt), σ·(1 + doubt))) − V(F, σ) of one contract. */
function optionDoubtUsd(leg: OptionLeg, doubt: number): number {
  const [up, down] = [1 + doubt, 1 - doubt].map((price) => unitValue(leg, moved(price, 1 + doubt)));
  return Math.max(up ?? 0, down ?? 0) - unitValue(leg, moved(1, 1));
}

/** At expiry nothing is closed: what it pays is a debt like another. */
function tradeOf(leg: Leg): { valueUsd: number; closedUsd: number } {
  if (leg.kind === 'perp') return { valueUsd: 0, closedUsd: leg.priceUsd };
  const valueUsd = unitValue(leg, moved(1, 1));
  if (leg.kind === 'token') return { valueUsd, closedUsd: 0 };
  return { valueUsd, closedUsd: leg.kind === 'range' ? Math.abs(valueUsd) : Math.abs(optionGreeks(leg).deltaUsd) };
}

/** A stablecoin ranges as far as its peg may break. */
function tradedOf(asset: string, { parameters, mover }: UnitCharging): Traded {
  const { addOns, peg } = parameters;
  const { range } = mover(asset);
  const { dailyVolumeUsd, others } = addOns.liquidity;
  return {
    dailyVolumeUsd: lookup(dailyVolumeUsd, asset) ?? others,
    range: range > 0 ? range : (lookup(peg.assets, asset) ?? peg.stable).down,
  };
}

function moved(price: number, volatility: number): LegShock {
  return { price: () => price, vol: ({ vol }) => vol * volatility };
}

/** The group of each key, by the order of the keys, and the first member of each group. */
function numberGroups(keys: readonly (string | undefined)[]) {
  const first = new Map<string, number>();
  keys.forEach((key, index) => {
    if (key !== undefined && !first.has(key)) first.set(key, index);
  });
  const sorted = [...first].sort(([a], [b]) => compareText(a, b));
  const numbers = new Map(sorted.map(([key], number) => [key, number]));
  return {
    members: sorted.map(([, index]) => index),
    groupOf: (index: number) => numbers.get(keys[index] ?? '') ?? -1,
  };
}
