import { expect, test } from 'vitest';
import { readInputs } from '../../src/engine/inputs.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import type { CrossScenario } from '../../src/engine/models/model.ts';
import { readLegs } from '../../src/engine/readLegs.ts';
import { smileFactor } from '../../src/engine/smile.ts';
import { legValue } from '../../src/engine/valuation.ts';
import { createValuer, type OptionPrices } from '../../src/engine/valuer.ts';
import { shockedVol } from '../../src/engine/volShock.ts';
import { book, option, perp, range, token } from './books.ts';

test('behavior: what is priced once is, to the bit, what each leg is worth by itself', () => {
  const { parameters } = crossmargin1;
  const twice = [option(-3), option(7, { silo: 'other' }), option(2, { type: 'put' }), option(1, { strike: 3000 })];
  const legs = readLegs(readInputs(book([...twice, token('WETH', 3), perp(-1), range(1e15)])));
  const valuer = createValuer(legs, { parameters });
  const shapes = [{}, { smile: { tilt: 1 } }, { smile: { wings: -1 } }, { smile: { tilt: 1, twist: 1 } }];
  const vols = ['none', 'up', 'down', 0.64, -0.2] as const;
  const scenarios: CrossScenario[] = vols.flatMap((vol) =>
    shapes.map((shape) => ({ id: 's', vol, weight: 1, ...shape })),
  );
  for (const factor of [1, 0.82, 1, 1.5]) {
    for (const scenario of scenarios) {
      const price = (asset: string) => (asset === 'USDC' ? 0.9 : factor);
      const vol = (leg: Parameters<typeof smileFactor>[0] & { readonly vol: number }) => {
        const shocked = shockedVol(leg, scenario.vol, parameters.volShock);
        return scenario.smile === undefined ? shocked : shocked * smileFactor(leg, scenario.smile, parameters.smile);
      };
      expect(valuer(scenario, price)).toEqual(legs.map((leg) => legValue(leg, { price, vol })));
    }
  }
});

test('behavior: accounts that share their prices are worth the same, and price what the others hold no second time', () => {
  const { parameters } = crossmargin1;
  const scenarios: CrossScenario[] = (['none', 'up', 'down'] as const).map((vol) => ({ id: vol, vol, weight: 1 }));
  const legs = readLegs(readInputs(book([option(-3), option(2, { type: 'put' }), token('WETH', 3)])));
  const prices: OptionPrices = new Map();
  const valuesOf = (valuer: ReturnType<typeof createValuer>) =>
    scenarios.map((scenario) => valuer(scenario, () => 0.9));
  const countOf = () => [...prices.values()].flatMap((byPrice) => [...byPrice.values()].flatMap((byVol) => [...byVol]));
  const alone = valuesOf(createValuer(legs, { parameters }));
  expect(valuesOf(createValuer(legs, { parameters, prices }))).toEqual(alone);
  const priced = countOf();
  expect(priced.length).toBe(2 * scenarios.length);
  expect(valuesOf(createValuer(legs, { parameters, prices }))).toEqual(alone);
  expect(countOf()).toEqual(priced);
});
