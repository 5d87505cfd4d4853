import { compareText } from '../../portfolio/order.ts';
import type { VenueLeg } from '../legs.ts';
import type { VolShockParameters } from '../models/model.ts';
import { formatMove, formatScenario } from '../sentence.ts';
import { legValue } from '../valuation.ts';
import { shockedVol } from '../volShock.ts';

/** What a scenario does to one group: a factor on its price, and volatility by term. */
export interface ScanShock {
  readonly factor: number;
  readonly vol: 'up' | 'down' | 'none';
  readonly volShock: VolShockParameters;
}

/** The profit of each leg in USD: its value under the shock less its value today. */
export function legProfits(legs: readonly VenueLeg[], { factor, vol, volShock }: ScanShock): number[] {
  return legs.map((leg) => {
    const before = legValue(leg, { price: () => 1, vol: (option) => option.vol });
    return legValue(leg, { price: () => factor, vol: (option) => shockedVol(option, vol, volShock) }) - before;
  });
}

/** `ETH −16 %, volatility up`. */
export function shockSentence(name: string, { factor, vol }: Omit<ScanShock, 'volShock'>): string {
  const moves = factor === 1 ? [] : [`${name} ${formatMove(factor)}`];
  return formatScenario(moves, vol === 'none' ? undefined : `volatility ${vol}`);
}

/** The indices of the legs by what `nameOf` calls them, in the order of the names; legs without a name are left out. */
export function membersBy(
  legs: readonly VenueLeg[],
  nameOf: (leg: VenueLeg) => string | undefined,
): Map<string, number[]> {
  const members = new Map<string, number[]>();
  legs.forEach((leg, member) => {
    const name = nameOf(leg);
    if (name !== undefined) members.set(name, [...(members.get(name) ?? []), member]);
  });
  return new Map([...members].sort(([a], [b]) => compareText(a, b)));
}
