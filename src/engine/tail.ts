import type { Balance } from './requirement.ts';

/** What is held and owed in draws, of which each mean over a share is a scenario. */
export interface Tail {
  readonly draws: readonly Balance[];
  /** How many periods each stands for. */
  readonly days: Float64Array;
  /** How many make a mean. */
  readonly worstDays: number;
}

/** The mean with the largest loss: expected shortfall, as one more scenario. */
export function worstMean(tail: Tail): Balance {
  return mean(tail, worstDays(keysOf(tail, netOf), tail));
}

/**
 * The least of `least` and of assets ÷ (liabilities + add-ons) over every mean: not only over the one with the largest loss, so that health never falls by what is given to an account, and it is below 1
 * exactly where that one is. By the draws with the least assets − h · (liabilities + add-ons), h the least ratio so far, until none is lower.
 * Source: W. Dinkelbach, "On nonlinear fractional programming" (1967). Checked against all means of small tails in test/engine/tail.test.ts.
 */
export function leastRatio(tail: Tail, { addOnsUsd, least }: { addOnsUsd: number; least: number }): number {
  let h = least < Number.POSITIVE_INFINITY ? least : ratioOf(tail, { addOnsUsd, order: (owed) => -owed });
  if (h === Number.POSITIVE_INFINITY) return h;
  for (;;) {
    const best = h;
    const ratio = ratioOf(tail, { addOnsUsd, order: (owed, held) => held - best * owed });
    if (!(ratio < best)) return best;
    h = ratio;
  }
}

interface Ordering {
  readonly addOnsUsd: number;
  /** The least come first. */
  readonly order: (owedUsd: number, heldUsd: number) => number;
}

function ratioOf(tail: Tail, { addOnsUsd, order }: Ordering): number {
  const keys = keysOf(tail, (draw) => order(draw.liabilitiesUsd + addOnsUsd, draw.assetsUsd));
  const { assetsUsd, liabilitiesUsd } = mean(tail, worstDays(keys, tail));
  const owedUsd = liabilitiesUsd + addOnsUsd;
  return owedUsd > 0 ? assetsUsd / owedUsd : Number.POSITIVE_INFINITY;
}

/**
 * How many periods of each draw are in a mean: draws in the order of their keys, the first of equals, each with the periods that it stands for, and of the last one what is missing.
 * The edge counts in part, so that the mean is coherent: Acerbi and Tasche, "On the coherence of expected shortfall" (2002), definition 2.6.
 */
export function worstDays(
  keys: Float64Array,
  { days, worstDays: count }: Pick<Tail, 'days' | 'worstDays'>,
): Float64Array {
  const open = keys.slice();
  const taken = new Float64Array(open.length);
  let left = count;
  while (left > 0) {
    const first = leastOf(open);
    if (!((open[first] as number) < Number.POSITIVE_INFINITY)) return taken;
    const own = days[first] as number;
    taken[first] = own < left ? own : left;
    left -= own;
    open[first] = Number.POSITIVE_INFINITY;
  }
  return taken;
}

/** The place of the least, the first of equals. */
export function leastOf(values: Float64Array): number {
  let place = 0;
  let least = values[0] as number;
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] as number;
    if (!(value < least)) continue;
    least = value;
    place = index;
  }
  return place;
}

function keysOf({ draws }: Tail, keyOf: (draw: Balance) => number): Float64Array {
  const keys = new Float64Array(draws.length);
  for (let index = 0; index < keys.length; index += 1) keys[index] = keyOf(draws[index] as Balance);
  return keys;
}

/** What is left: assets less liabilities. */
export function netOf({ assetsUsd, liabilitiesUsd }: Balance): number {
  return assetsUsd - liabilitiesUsd;
}

function mean({ draws }: Tail, taken: Float64Array): Balance {
  let [assetsUsd, liabilitiesUsd, total] = [0, 0, 0];
  for (let index = 0; index < taken.length; index += 1) {
    const days = taken[index] as number;
    if (days === 0) continue;
    const draw = draws[index] as Balance;
    assetsUsd += days * draw.assetsUsd;
    liabilitiesUsd += days * draw.liabilitiesUsd;
    total += days;
  }
  return { assetsUsd: assetsUsd / total, liabilitiesUsd: liabilitiesUsd / total };
}
