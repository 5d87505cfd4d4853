import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countPairs } from '../../../src/engine/families/decorrelation.ts';
import { readHeld } from '../../../src/engine/families/held.ts';
import { readInputs } from '../../../src/engine/inputs.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { readLegs } from '../../../src/engine/readLegs.ts';
import type { Margin } from '../../../src/engine/result.ts';
import { AAVE, book, MARKET, option, token } from '../books.ts';

const ONLY = { model: { preset: 'crossmargin-1', scenarios: [{ family: 'decorrelation' }] } };
/** √(1−ρ²) of the preset's two correlations, 0.66 and 0.23. */
const KNOWN = 0.751266;
const OTHER = 0.973191;
const BTC_RANGE = 6 * Math.sqrt(2 / 365);

function pnlOf({ scenarios }: Margin): Record<string, number> {
  return Object.fromEntries(scenarios.map(({ id, pnlUsd }) => [id, pnlUsd]));
}

describe('the family decorrelation', () => {
  test('default: each factor alone and each pair apart, by hand', () => {
    const margin = computeMargin(book([token('WETH', 10), token('BTC', -0.3)], ONLY));
    expect(pnlOf(margin)).toEqual({
      unshocked: 0,
      ...aloneOf('BTC', -15_000 * BTC_RANGE),
      ...aloneOf('ETH', 20_000 * 0.18),
      'decorrelation:BTC/ETH': expect.closeTo(KNOWN * (-15_000 * BTC_RANGE - 3600), 8),
    });
    expect(margin.binding).toMatchObject({ id: 'decorrelation:BTC/ETH', sentence: 'BTC +33.4 %, ETH −13.5 %' });

    function aloneOf(factor: string, usd: number): Record<string, unknown> {
      const shares = { ':up': 1, ':down': -1 };
      const full = Object.entries(shares).flatMap(([name, share]) =>
        ['none', 'up', 'down'].map((vol) => [`decorrelation:${factor}${name}:${vol}`, expect.closeTo(share * usd, 8)]),
      );
      const partial = [KNOWN, -KNOWN, OTHER, -OTHER].map((share) => [
        `decorrelation:${factor}:${share}`,
        expect.closeTo(share * usd, 8),
      ]);
      return Object.fromEntries([...full, ...partial]);
    }
  });

  test('behavior: a hedge of one asset by another is no hedge', () => {
    const hedged = [token('ETH', 10), token('BTC', -0.4), token('USDC', 20_000)];
    const { maintenanceUsd, binding } = computeMargin(book(hedged));
    expect(binding.id).toBe('decorrelation:BTC/ETH');
    expect(maintenanceUsd).toBeGreaterThan(3600);
  });

  test('behavior: a pair without a correlation of its own takes the default', () => {
    const { scenarios } = computeMargin(book([token('ETH', 1), token('NEW', -1)], ONLY));
    const pair = scenarios.find(({ id }) => id === 'decorrelation:NEW/ETH');
    expect(pair?.pnlUsd).toBeCloseTo(-OTHER * (5 + 360), 9);
    const model = { ...ONLY.model, parameters: { correlation: { pairs: { 'ETH/NEW': 0 } } } };
    const own = computeMargin(book([token('ETH', 1), token('NEW', -1)], { model }));
    expect(pnlOf(own)['decorrelation:NEW/ETH']).toBeCloseTo(-365, 9);
  });

  test('behavior: the number of scenarios is bounded', () => {
    const names = Array.from({ length: 20 }, (_, index) => `A${index}`);
    const assets = Object.fromEntries(names.map((name) => [name, { usd: 1, confidence: 1 }]));
    const market = { ...MARKET, assets };
    const held = names.map((name, index) => token(name, index < 3 ? -1 : 1));
    expect(computeMargin(book(held, { ...ONLY, market })).scenarios).toHaveLength(1 + 20 * 10 + 3 * 17);
    const long = names.map((name) => token(name, 1));
    expect(computeMargin(book(long, { ...ONLY, market })).scenarios).toHaveLength(1 + 20 * 10);
  });

  test('behavior: the pairs that are left out would change nothing', () => {
    const factors = ['BTC', 'ETH', 'NEW'] as const;
    const range = { BTC: BTC_RANGE, ETH: 0.18, NEW: 0.5 };
    const pairs = factors.flatMap((up) =>
      factors
        .filter((down) => down !== up)
        .map((down) => {
          const step = up === 'NEW' || down === 'NEW' ? OTHER : KNOWN;
          const shocks = { [up]: 1 + step * range[up], [down]: 1 - step * range[down] };
          return { id: `${up}-${down}`, shocks, vol: 'none', weight: 1 };
        }),
    );
    const all = { model: { preset: 'crossmargin-1', scenarios: [{ family: 'decorrelation' }, ...pairs] } };
    const amount = fc.integer({ min: -50, max: 50 });
    const home = { silo: 'aaveV3' };
    fc.assert(
      fc.property(fc.tuple(amount, amount, amount, amount), amount, ([eth, btc, fresh, calls], debt) => {
        const legs = [
          token('ETH', eth),
          token('BTC', btc / 100),
          token('NEW', fresh * 10),
          option(calls),
          token('WETH', Math.abs(eth), home),
          token('USDC', -Math.abs(debt) * 1000, home),
        ];
        const silos = [AAVE];
        const few = computeMargin(book(legs, { ...ONLY, silos }));
        const many = computeMargin(book(legs, { ...all, silos }));
        expect(few.maintenanceUsd).toBeCloseTo(many.maintenanceUsd, 6);
      }),
      { numRuns: 200 },
    );
  });
});

test('behavior: pairs are counted as they are built, long, short and both', () => {
  const legs = [token('WETH', 10), token('BTC', -0.3), token('NEW', 5), token('NEW', -2), token('USDC', 9)];
  const inputs = readInputs(book(legs, ONLY));
  const held = readHeld({ legs: readLegs(inputs), market: inputs.market });
  const pairs = computeMargin(book(legs, ONLY)).scenarios.filter(({ id }) => /^decorrelation:\w+\/\w+$/.test(id));
  // Up that loses: BTC, NEW; down that loses: ETH, NEW; NEW against itself is none.
  expect([countPairs(held), pairs.length]).toEqual([3, 3]);
});
