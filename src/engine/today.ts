import type { Leg } from './legs.ts';
import { legValue } from './valuation.ts';

/** What the legs are worth as the market stands, in USD, in their order. */
export function valuesToday(legs: readonly Leg[]): number[] {
  return legs.map((leg) => legValue(leg, { price: () => 1, vol: ({ vol }) => vol }));
}
