import { factorOf, type Mover, moveIn, moverOf } from './factors.ts';
import { expandScenarios, type Stresses } from './families/expand.ts';
import type { FloatMarket, Inputs } from './inputs.ts';
import { assetsOf, type Leg, type OptionLeg } from './legs.ts';
import { lookup } from './lookup.ts';
import type { CrossModel, CrossParameters, CrossScenario } from './models/model.ts';
import { readLegs } from './readLegs.ts';
import { createValuer, type Valuer, volIn } from './valuer.ts';

/** Every leg's value in one scenario. */
export interface StressedScenario {
  readonly scenario: CrossScenario;
  /** Signed, in the order of the legs. */
  readonly valuesUsd: readonly number[];
  /** The price of an asset in the scenario. */
  readonly spotUsd: (asset: string) => number;
  /** The volatility of an option in the scenario. */
  readonly volOf: (option: OptionLeg) => number;
}

/** A book in every column of its stresses, the unshocked one first. */
export interface StressedBook {
  readonly stresses: Stresses;
  readonly legs: readonly Leg[];
  /** What the legs' prices are of. */
  readonly assets: readonly string[];
  readonly market: FloatMarket;
  readonly columns: readonly StressedScenario[];
  /** What an asset's price depends on. */
  readonly mover: (asset: string) => Mover;
  /** What moves an asset. */
  readonly factorOf: (asset: string) => string;
}

/** Values every leg in every scenario and draw, in the model's order. */
export function stressBook(inputs: Inputs, model: CrossModel): StressedBook {
  const legs = readLegs(inputs);
  const { market } = inputs;
  const { parameters } = model;
  const movers = new Map<string, Mover>();
  const mover = (asset: string): Mover => {
    const known = movers.get(asset) ?? moverOf(market, asset, parameters.range);
    movers.set(asset, known);
    return known;
  };
  const assets = [...new Set(legs.flatMap(assetsOf))];
  const valuer = createValuer(legs, { parameters, ...(inputs.prices === undefined ? {} : { prices: inputs.prices }) });
  const stresses = expandScenarios(model, { legs, market });
  const columns = stresses.columns.map((scenario) => stress(scenario, { market, assets, mover, valuer, parameters }));
  return { stresses, legs, assets, market, columns, mover, factorOf: (asset) => factorOf(market, asset) };
}

interface Stressing {
  readonly market: FloatMarket;
  readonly assets: readonly string[];
  readonly mover: (asset: string) => Mover;
  readonly valuer: Valuer;
  readonly parameters: CrossParameters;
}

function stress(scenario: CrossScenario, { market, assets, mover, valuer, parameters }: Stressing): StressedScenario {
  const factors = new Map(assets.map((asset) => [asset, moveIn(scenario, mover(asset))]));
  const price = (asset: string) => factors.get(asset) ?? moveIn(scenario, mover(asset));
  const spotUsd = (asset: string) => (lookup(market.assets, asset)?.usd ?? 0) * price(asset);
  const volOf = (option: OptionLeg) => volIn(scenario, option, parameters);
  return { scenario, spotUsd, volOf, valuesUsd: valuer(scenario, price) };
}
