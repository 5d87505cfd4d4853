import { basisUsd } from './basis.ts';
import { assetsOf, type Leg, type OptionLeg } from './legs.ts';
import { sum } from './lookup.ts';
import type { CrossParameters } from './models/model.ts';
import { exposureUsd, type LegShock, legValue } from './valuation.ts';

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
}

/** No charge at all. */
export const NO_ADD_ONS: AddOns = { numericalBuffer: 0, shortOption: 0, basis: 0, oracle: 0 };

/**
 * The add-ons of legs. Each is zero or more, scales with the book, is for two books together at most the sum of both, and does not
 * grow by an option that is bought, but for the numerical buffer.
 * Source: design margin-model §4. Checked by hand and as properties in test/engine/addOns.test.ts.
 */
export function addOnsOf(legs: readonly Leg[], { addOns, numericalBuffer }: CrossParameters): AddOns {
  return {
    numericalBuffer: numericalBuffer * sum(legs.map(exposureUsd)),
    shortOption: addOns.shortOption * shortNotionalUsd(legs),
    basis: basisUsd(legs, addOns.basis),
    oracle: addOns.oracle * unsureUsd(legs),
  };
}

/** Everything that is charged. */
export function totalAddOns({ numericalBuffer, shortOption, basis, oracle }: AddOns): number {
  return numericalBuffer + shortOption + basis + oracle;
}

/**
 * Spot times the options sold less those bought, of each underlying, expiry and type. An option bought at any strike bounds what one sold can cost.
 * Usd = spot · max(0, −Σ contracts). At expiry there is nothing left to charge for: the value is what is paid.
 */
function shortNotionalUsd(legs: readonly Leg[]): number {
  const live = legs.filter((leg) => leg.kind === 'option' && leg.seconds > 0) as OptionLeg[];
  const sold = groupBy(live, ({ underlying, expiry, type, settlement }) =>
    JSON.stringify([underlying, expiry, type, settlement]),
  );
  return sum(sold.map((options) => Math.max(0, -netOf(options)) * (options[0]?.spotUsd ?? 0)));
}

/** The doubt about each asset, perp, option and range, net of what is held against it in the same. */
function unsureUsd(legs: readonly Leg[]): number {
  const instruments = groupBy(legs, instrumentOf);
  return sum(instruments.map(([first, ...others]) => (first === undefined ? 0 : unsureOf(first, [first, ...others]))));
}

/**
 * What the doubt about a price can cost on the net exposure: tokens, perps and ranges (1 − confidence) of their value; an option sold what it costs more where forward
 * and volatility are off by that share against it. Options bought are not charged: the scenarios take all that they can lose, and what is owned by being bought must
 * not be a burden.
 */
function unsureOf(leg: Leg, all: readonly Leg[]): number {
  const net = netOf(all);
  const doubt = 1 - leg.confidence;
  switch (leg.kind) {
    case 'option':
      return net < 0 && doubt > 0 ? -net * doubtUsd(leg, doubt) : 0;
    case 'range':
      return doubt * Math.abs(legValue({ ...leg, amount: net }, moved(1, 1)));
    default:
      return doubt * Math.abs(net) * leg.priceUsd;
  }
}

/** Usd = max(V(F·(1 ± doubt), σ·(1 + doubt))) − V(F, σ) of one contract. */
function doubtUsd(leg: OptionLeg, doubt: number): number {
  const one = { ...leg, amount: 1 };
  const [up, down] = [1 + doubt, 1 - doubt].map((price) => legValue(one, moved(price, 1 + doubt)));
  return Math.max(up ?? 0, down ?? 0) - legValue(one, moved(1, 1));
}

function moved(price: number, volatility: number): LegShock {
  return { price: () => price, vol: ({ vol }) => vol * volatility };
}

function instrumentOf(leg: Leg): string {
  if (leg.kind === 'range') return JSON.stringify([leg.kind, ...assetsOf(leg), leg.lowerRoot, leg.upperRoot]);
  if (leg.kind === 'token') return JSON.stringify([leg.kind, leg.asset]);
  const { kind, underlying, settlement, seconds } = leg;
  const terms = kind === 'option' ? [leg.expiry, leg.type, leg.strikeUsd] : [seconds];
  return JSON.stringify([kind, underlying, settlement, ...terms]);
}

function netOf(legs: readonly Leg[]): number {
  return sum(legs.map(({ amount }) => amount));
}

/** Groups in the order in which their first members stand. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return [...groups.values()];
}
