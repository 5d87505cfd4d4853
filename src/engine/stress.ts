import { factorOf, priceFactor } from './factors.ts';
import { expandScenarios } from './families/expand.ts';
import type { FloatMarket, Inputs } from './inputs.ts';
import { assetsOf, type Leg, type OptionLeg, readLegs } from './legs.ts';
import { lookup } from './lookup.ts';
import type { CrossModel, CrossScenario } from './models/model.ts';
import { smileFactor } from './smile.ts';
import { legValue } from './valuation.ts';
import { shockedVol } from './volShock.ts';

/** Every leg's value in one scenario. */
export interface StressedScenario {
  readonly scenario: CrossScenario;
  /** Signed, in the order of the legs. */
  readonly valuesUsd: readonly number[];
  /** The price of an asset in the scenario. */
  readonly spotUsd: (asset: string) => number;
}

/** A book under every scenario of its model, the unshocked one first. */
export interface StressedBook {
  readonly legs: readonly Leg[];
  readonly market: FloatMarket;
  readonly scenarios: readonly StressedScenario[];
  /** What moves an asset. */
  readonly factorOf: (asset: string) => string;
}

/** Today: the scenario that the engine adds to every model. */
export const UNSHOCKED: CrossScenario = { id: 'unshocked', vol: 'none', weight: 1 };

/** Values every leg in every scenario, in the model's order. */
export function stressBook(inputs: Inputs, model: CrossModel): StressedBook {
  const legs = readLegs(inputs);
  const { market } = inputs;
  const scenarios = [UNSHOCKED, ...expandScenarios(model, { legs, market })].map((scenario) =>
    stress(scenario, { legs, market, model }),
  );
  return { legs, market, scenarios, factorOf: (asset) => factorOf(market, asset) };
}

function stress(
  scenario: CrossScenario,
  { legs, market, model }: { legs: readonly Leg[]; market: FloatMarket; model: CrossModel },
): StressedScenario {
  const { range, volShock, smile: shape } = model.parameters;
  const { smile } = scenario;
  const factors = new Map(
    legs.flatMap(assetsOf).map((asset) => [asset, priceFactor(scenario, asset, { market, range })]),
  );
  const price = (asset: string) => factors.get(asset) ?? priceFactor(scenario, asset, { market, range });
  const vol = (option: OptionLeg) => {
    const shocked = shockedVol(option, scenario.vol, volShock);
    return smile === undefined ? shocked : shocked * smileFactor(option, smile, shape);
  };
  return {
    scenario,
    spotUsd: (asset) => (lookup(market.assets, asset)?.usd ?? 0) * price(asset),
    valuesUsd: legs.map((leg) => legValue(leg, { price, vol })),
  };
}
