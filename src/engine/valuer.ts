import type { Leg, OptionLeg } from './legs.ts';
import type { CrossParameters, CrossScenario } from './models/model.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { smileFactor } from './smile.ts';
import { discountOf, legValue } from './valuation.ts';
import { optionValue } from './value.ts';
import { shockedVol } from './volShock.ts';

/** The signed values of legs in a scenario, in their order, by the factor on the price of each asset. */
export type Valuer = (scenario: CrossScenario, price: (asset: string) => number) => number[];

/**
 * Values legs scenario by scenario, as {@link legValue} does to the last bit. An option is priced once for each price and volatility that it meets, however many
 * legs and scenarios meet there. Checked against the plain sum in test/engine/valuer.test.ts.
 */
export function createValuer(legs: readonly Leg[], parameters: CrossParameters): Valuer {
  const priced = new Map<string, OptionPricer>();
  const pricers = legs.map((leg) => {
    if (leg.kind !== 'option') return undefined;
    const key = JSON.stringify([leg.underlying, leg.expiry, leg.strikeUsd, leg.type, leg.settlement]);
    const pricer = priced.get(key) ?? createPricer(leg, parameters);
    priced.set(key, pricer);
    return pricer;
  });
  return (scenario, price) => {
    const vol = (option: OptionLeg) => volIn(scenario, option, parameters);
    const shock = volatilityKey(scenario);
    return legs.map((leg, index) => {
      const pricer = pricers[index];
      if (pricer === undefined || leg.kind !== 'option') return legValue(leg, { price, vol });
      return leg.amount * pricer({ scenario, shock, price: price(leg.underlying) });
    });
  };
}

/** The volatility of an option in a scenario. */
export function volIn(
  { vol, smile }: CrossScenario,
  option: OptionLeg,
  { volShock, smile: shape }: CrossParameters,
): number {
  const shocked = shockedVol(option, vol, volShock);
  return smile === undefined ? shocked : shocked * smileFactor(option, smile, shape);
}

/** Equal for scenarios that do the same to volatility. */
function volatilityKey({ vol, smile = {} }: CrossScenario): string {
  return `${vol} ${smile.tilt ?? 0} ${smile.wings ?? 0} ${smile.twist ?? 0}`;
}

/** The value of one contract. */
type OptionPricer = (in_: { scenario: CrossScenario; shock: string; price: number }) => number;

function createPricer(option: OptionLeg, parameters: CrossParameters): OptionPricer {
  const { type, strikeUsd, forwardUsd, seconds } = option;
  const years = seconds / SECONDS_PER_YEAR;
  const terms = { type, strikeUsd, years, discount: discountOf(option) };
  const vols = new Map<string, number>();
  const values = new Map<number, Map<number, number>>();
  return ({ scenario, shock, price }) => {
    const vol = vols.get(shock) ?? volIn(scenario, option, parameters);
    vols.set(shock, vol);
    const byVol = values.get(price) ?? new Map<number, number>();
    values.set(price, byVol);
    const value = byVol.get(vol) ?? optionValue({ ...terms, forwardUsd: forwardUsd * price, vol });
    byVol.set(vol, value);
    return value;
  };
}
