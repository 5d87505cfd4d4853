import { describe, expect, test } from 'vitest';
import { requireKernel } from '../../../bench/threads.ts';
import { BookError } from '../../../src/book/bookError.ts';
import { parseBook } from '../../../src/book/parseBook.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { crossmargin1 } from '../../../src/engine/models/crossmargin1.ts';
import { loadHoldings, worstLosses } from '../../../src/engine/table/holdings.ts';
import { createMarginTable } from '../../../src/engine/table/marginTable.ts';
import { AAVE, book, MARKET, option, perp, token } from '../books.ts';

const DRAW = { days: 1, vol: 0, others: -2, factors: [-2], pegs: [0] };
const CALM = {
  regime: 'calm',
  title: 'mean of the worst',
  periods: 4,
  factors: ['ETH'],
  pegs: ['USDC'],
  draws: [
    { ...DRAW, factors: [-3], pegs: [0.01], vol: 0.5 },
    { ...DRAW, factors: [3], others: 4, pegs: [-0.02] },
    { ...DRAW, factors: [-1] },
    { ...DRAW, factors: [0], others: 1 },
  ],
};
const BREAKING = {
  ...CALM,
  regime: 'stress',
  factors: [],
  pegs: [],
  pegBreak: 4,
  draws: [{ ...DRAW, days: 4, factors: [], pegs: [] }],
};
/** σ√(2/365) of ether in the market of the tests. */
const DEVIATION = 0.7 * Math.sqrt(2 / 365);

function under(regimes: readonly object[], parameters: object = {}) {
  const model = {
    preset: 'crossmargin-1',
    parameters: { tailAverage: { share: 0.5, regimes }, ...parameters },
    scenarios: [{ family: 'tailAverage' }],
  };
  return { model };
}

describe('the family tailAverage', () => {
  test('default: an ether loan, by hand', () => {
    const margin = computeMargin(book([token('WETH', 10), token('USDC', -15_000)], under([CALM])));
    // Two of four: −3 deviations with the dollar coin up 1 %, and −1.
    const [deep = 0, flat = 0] = [3 * DEVIATION * 20_000 + 0.01 * 15_000, DEVIATION * 20_000];
    expect(margin.binding).toEqual({
      id: 'tailAverage:calm',
      sentence: `mean of the worst: ETH −${Math.round(2000 * DEVIATION) / 10} %, USDC +0.5 %, volatility +25 %`,
      lossUsd: expect.closeTo((deep + flat) / 2, 8),
    });
    expect(margin.scenarios.map(({ id }) => id)).toEqual(['unshocked', 'tailAverage:calm']);
    const owed = 15_000 * 1.005;
    const addOns = Object.values(margin.addOns).reduce((a, b) => a + b);
    expect(margin.health).toBeCloseTo((20_000 * (1 - 2 * DEVIATION)) / (owed + addOns), 10);
    expect(margin.legs.reduce((total, { bindingUsd }) => total + bindingUsd, 0)).toBeCloseTo(margin.binding.lossUsd, 8);
  });

  test('behavior: who is short has other draws than who is long', () => {
    const short = computeMargin(book([token('WETH', -10), token('USDC', 40_000)], under([CALM])));
    // +3 deviations with the dollar coin down 2 %, and 0.
    expect(short.binding.lossUsd).toBeCloseTo((3 * DEVIATION * 20_000 + 0.02 * 40_000) / 2, 8);
  });

  test('behavior: a factor without draws of its own moves as the others, by its own volatility, at most by the cap', () => {
    const loss = (asset: string, amount: number) =>
      computeMargin(book([token(asset, amount), token('USDC', -1)], under([CALM]))).scenarios[1]?.pnlUsd;
    // No volatility: the cap of 50 % ÷ 3 is its deviation. Two draws at −2; the coin goes with two of them.
    expect(loss('NEW', 1000)).toBeCloseTo(-10_000 * (2 * (0.5 / 3)) - 0.005, 6);
    // BTC at 200 %: −2 · 14.8 %.
    expect(loss('BTC', 1)).toBeCloseTo(-50_000 * 2 * 2 * Math.sqrt(2 / 365) - 0.005, 6);
    const far = { ...CALM, draws: [{ ...DRAW, days: 4, others: -9 }] };
    expect(computeMargin(book([token('NEW', 1000), token('USDC', -1)], under([far]))).binding.lossUsd).toBeCloseTo(
      5000,
      6,
    );
  });

  test('behavior: where pegs break, every one does with the fall, the largest of a chain once', () => {
    const parts = under([BREAKING], { peg: { assets: { WETH: { down: 0.02, up: 0 } } } });
    const margin = computeMargin(book([token('WSTETH', 10), token('ETH', -5), token('USDC', 1000)], parts));
    // −2 of 4: half of WSTETH's 8 % (WETH's 2 % is the smaller) and of USDC's 10 %.
    const fall = 2 * DEVIATION;
    const loss = 24_000 * (1 - (1 - fall) * 0.96) - 10_000 * fall + 50;
    expect(margin.binding).toMatchObject({ id: 'tailAverage:stress', lossUsd: expect.closeTo(loss, 8) });
    expect(margin.binding.sentence).toContain('WSTETH −');
  });

  test('behavior: what venues break in the draws is in the mean, and in the legs', () => {
    const home = { silo: 'aaveV3' };
    const positions = [token('WETH', 10, home), token('USDC', -15_000, home)];
    const margin = computeMargin(book(positions, { ...under([CALM]), silos: [AAVE] }));
    const plain = computeMargin(book(positions, under([CALM])));
    const [silo] = margin.silos;
    expect(silo?.bindingUsd).toBeGreaterThan(0);
    expect(margin.binding.lossUsd - plain.binding.lossUsd).toBeCloseTo(silo?.bindingUsd ?? 0, 8);
    expect(margin.legs.reduce((total, { bindingUsd }) => total + bindingUsd, 0)).toBeCloseTo(margin.binding.lossUsd, 8);
  });

  test('behavior: it binds in crossmargin-1: a staked ether loop, and whoever holds what moves more than three fifths a year', () => {
    const assets = { ...MARKET.assets, STETH: { usd: 2000, confidence: 1, peg: 'ETH' } };
    const loop = computeMargin(book([token('STETH', 100), token('ETH', -60)], { market: { ...MARKET, assets } }));
    expect(loop.binding.id).toBe('tailAverage:stress');
    expect(loop.binding.sentence).toMatch(/^average of the worst 1 % under stress: ETH −\d+/);
    const wild = { ...MARKET.assets, ETH: { usd: 2000, confidence: 1, vol: 1.2 } };
    const loan = computeMargin(
      book([token('ETH', 100), token('USDC', -150_000)], { market: { ...MARKET, assets: wild } }),
    );
    expect(loan.binding.id).toBe('tailAverage:calm');
    const calm = { ...MARKET.assets, ETH: { usd: 2000, confidence: 1, vol: 0.5 } };
    const quiet = computeMargin(book([token('ETH', 100), token('USDC', 10)], { market: { ...MARKET, assets: calm } }));
    expect(quiet.binding.id).toBe('grid:-3/3:none');
  });

  test('behavior: the sparse product has it too, in every kernel', async () => {
    const held = [
      token('ETH', 2),
      token('USDC', 9000),
      token('BTC', 0.01),
      option(2),
      option(-3, { type: 'put', strike: 1500 }),
      perp(1),
    ];
    const { market, portfolio } = book(held);
    const { binding, legs, scenarios } = computeMargin(book(held));
    for (const name of ['typescript', 'wasm', 'simd'] as const) {
      const table = createMarginTable(
        { market, model: crossmargin1, instruments: portfolio.positions },
        await requireKernel(name),
      );
      // Seventy accounts are more than one block: the same twice, and the same turned round.
      const amounts = [2, 9000, 0.01, 2, -3, 1];
      const loaded = loadHoldings(table, {
        starts: Uint32Array.from({ length: 71 }, (_, account) => 6 * account),
        instruments: Uint32Array.from({ length: 420 }, (_, index) => index % 6),
        amounts: Float64Array.from({ length: 420 }, (_, index) => amounts[index % 6] ?? 0),
      });
      const { lossesUsd, bindings } = worstLosses(table, loaded);
      expect(new Set(lossesUsd).size).toBe(1);
      expect(lossesUsd[69]).toBeCloseTo(binding.lossUsd, 7);
      expect(table.scenarios[bindings[69] ?? 0]?.id).toBe(binding.id);
      expect(table.scenarios.map(({ id }) => id).filter((id) => id.startsWith('tailAverage'))).toHaveLength(2);
    }
    expect(legs).toHaveLength(6);
    expect(binding.id).toBe('tailAverage:stress');
    expect(scenarios.at(-1)?.id).toBe('tailAverage:stress');
  });

  test('error: draws that contradict themselves', () => {
    const read = (regimes: readonly object[]) => () =>
      parseBook({
        asOf: 1,
        market: { assets: {}, perps: {}, expiries: [], vols: [] },
        positions: [],
        ...under(regimes),
      });
    expect(read([CALM])).not.toThrow();
    expect(read([])).not.toThrow();
    expect(read([CALM, CALM])).toThrow(BookError);
    expect(read([{ ...CALM, factors: ['BTC', 'ETH'] }])).toThrow('not one number for each factor and each peg');
    expect(read([{ ...CALM, periods: 400 }])).toThrow('fewer than the 200 to be averaged');
    expect(read([{ ...CALM, draws: [] }])).toThrow(BookError);
    expect(read([{ ...CALM, draws: [{ ...DRAW, days: 0 }] }])).toThrow(BookError);
  });
});
