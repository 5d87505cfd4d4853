import { describe, expect, test } from 'vitest';
import { followsFactor, moveInputs } from '../../../src/engine/explain/move.ts';
import { readInputs } from '../../../src/engine/inputs.ts';
import { computeInputs, computeMargin } from '../../../src/engine/margin.ts';
import { book, MARKET, MONTH, option, perp, scenarios, token } from '../books.ts';

const INVERSE = { settlement: 'inverse' };
const KINDS = {
  token: token('WSTETH', 3),
  debt: token('ETH', -2),
  cash: token('USDC', 500),
  option: option(-2),
  'inverse option': option(3, { ...INVERSE, type: 'put' }),
  perp: perp(2, { unrealisedUsd: 30, fundingUsd: -4 }),
  future: perp(-2, { expiry: MONTH }),
  'inverse perp': perp(2, { ...INVERSE, unrealisedUsd: 30, fundingUsd: -4 }),
  'inverse future': perp(-2, { ...INVERSE, expiry: MONTH, unrealisedUsd: 7 }),
};
const QUOTE = MARKET.expiries[0];
const MARKETS = {
  forward: { ...MARKET, expiries: [{ ...QUOTE, forwardUsd: 2100 }] },
  carry: {
    ...MARKET,
    expiries: [{ underlying: 'ETH', expiry: MONTH, carry: 0.3, rate: 0.1, confidence: QUOTE?.confidence }],
  },
};

describe.each(Object.entries(MARKETS))('moveInputs with a %s', (_, market) => {
  test.each(Object.entries(KINDS))('default: the equity after it is that of the scenario: %s', (__, leg) => {
    for (const spot of [0.3, 0.97, 1.8]) {
      const input = book([leg], { market, ...scenarios({ id: 'x', spot, vol: 'none', weight: 1 }) });
      const { equityUsd, scenarios: results } = computeMargin(input);
      const inputs = readInputs(input);
      const isMoved = followsFactor(inputs.market, ['ETH']);
      const after = computeInputs(moveInputs(inputs, { factor: spot, isMoved }), input.model);
      expect(after.equityUsd).toBeCloseTo(equityUsd + (results[1]?.pnlUsd ?? Number.NaN), 8);
    }
  });
});

test('behavior: what follows another factor stays', () => {
  const inputs = readInputs(book([token('BTC', 1), token('WETH', 1), perp(1)]));
  const moved = moveInputs(inputs, { factor: 0.5, isMoved: followsFactor(inputs.market, ['BTC']) });
  expect(moved.market.assets.BTC?.usd).toBe(25_000);
  expect({ ...moved.market, assets: { ...moved.market.assets, BTC: inputs.market.assets.BTC } }).toEqual(inputs.market);
  expect(moved.positions).toEqual(inputs.positions);
});

test('behavior: two moves one after the other are one move, whatever the leg: also what the next one costs', () => {
  for (const leg of Object.values(KINDS)) {
    const inputs = readInputs(book([leg, token('USDC', 1e6)]));
    const by = (factor: number) => ({ factor, isMoved: followsFactor(inputs.market, ['ETH']) });
    const twice = moveInputs(moveInputs(inputs, by(1.25)), by(0.4));
    const once = moveInputs(inputs, by(0.5));
    const model = book([]).model;
    const [first, second] = [twice, once].map((moved) => computeInputs(moved, model));
    expect(first?.equityUsd).toBeCloseTo(second?.equityUsd ?? Number.NaN, 6);
    expect(first?.maintenanceUsd).toBeCloseTo(second?.maintenanceUsd ?? Number.NaN, 6);
  }
});
