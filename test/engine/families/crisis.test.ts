import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../../src/engine/margin.ts';
import { crises } from '../../../src/engine/models/crises.ts';
import { optionValue } from '../../../src/engine/value.ts';
import { book, MARKET, option, token } from '../books.ts';

const ONLY = { model: { preset: 'crossmargin-1', scenarios: [{ family: 'crisis' }] } };
const ASSETS = {
  ...MARKET.assets,
  STETH: { usd: 2000, confidence: 1, peg: 'ETH' },
  WSTETH: { usd: 2400, confidence: 1, peg: 'STETH' },
  FRAX: { usd: 1, confidence: 1, peg: 'USD' },
  aUSDC: { usd: 1, confidence: 1, peg: 'USDC' },
};
const MORE = { ...ONLY, market: { ...MARKET, assets: ASSETS } };

function on(day: string, positions: Parameters<typeof book>[0]) {
  const { scenarios } = computeMargin(book(positions, MORE));
  return scenarios.find(({ id }) => id === `crisis:${day}`);
}

describe('the family crisis', () => {
  test('default: eight days, each asset as it moved, by hand', () => {
    const positions = [token('WETH', 1), token('BTC', 0.1), token('USDC', -1000)];
    const { scenarios } = computeMargin(book(positions, MORE));
    expect(scenarios.map(({ id }) => id)).toEqual(['unshocked', ...crises.map(({ day }) => `crisis:${day}`)]);
    expect(on('2020-03-12', positions)).toEqual({
      id: 'crisis:2020-03-12',
      sentence: 'as on 2020-03-12: BTC −46.4 %, ETH −47.8 %, USDC +4.1 %, volatility +64 %',
      pnlUsd: expect.closeTo(-0.37 * (2000 * 0.4778 + 5000 * 0.4645 + 1000 * 0.0406), 8),
    });
    expect(on('2023-03-11', positions)?.pnlUsd).toBeCloseTo(-200.8 - 468 + 99.24, 8);
  });

  test('behavior: staked ether moves with ether and against it, once however it is wrapped', () => {
    expect(on('2022-11-08', [token('STETH', 1)])?.pnlUsd).toBeCloseTo(0.74 * 2000 * (0.7597 * 0.9506 - 1), 9);
    expect(on('2022-11-08', [token('WSTETH', 1)])).toEqual({
      id: 'crisis:2022-11-08',
      sentence: 'as on 2022-11-08: STETH −27.8 %, volatility +64 %',
      pnlUsd: expect.closeTo(0.74 * 2400 * (0.7597 * 0.9506 - 1), 9),
    });
  });

  test('behavior: without data a factor moves as the worst of the day, a stablecoin as the others, a wrapped asset as its peg', () => {
    expect(on('2025-10-10', [token('NEW', 1)])?.pnlUsd).toBeCloseTo(10 * (0.6509 - 1), 9);
    expect(on('2023-03-11', [token('FRAX', 1)])?.pnlUsd).toBeCloseTo(0.90076 - 1, 9);
    expect(on('2024-08-05', [token('FRAX', 1)])?.pnlUsd).toBe(0);
    expect(on('2023-03-11', [token('aUSDC', 1)])?.pnlUsd).toBeCloseTo(0.90076 - 1, 9);
    expect(on('2024-08-05', [token('WETH', 1)])?.pnlUsd).toBeCloseTo(0.75 * 2000 * (0.7622 - 1), 9);
  });

  test('behavior: volatility moves by term, relative to today', () => {
    const value = (forwardUsd: number, vol: number) =>
      optionValue({ type: 'put', strikeUsd: 1500, forwardUsd, vol, years: 30 / 365, discount: 1 });
    const short = on('2024-08-05', [option(-1, { type: 'put', strike: 1500 })]);
    expect(short?.pnlUsd).toBeCloseTo(0.75 * (value(2000, 0.8) - value(2000 * 0.7622, 0.8 * 1.4948)), 9);
  });

  test('behavior: the fall of ether alone counts no more than the floor of the range', () => {
    for (const { moves, weight } of crises) expect(weight * (1 - (moves.ETH ?? 0))).toBeLessThanOrEqual(0.18);
    const model = { preset: 'crossmargin-1', parameters: { tailAverage: { regimes: [] } } };
    const { binding } = computeMargin(book([token('WETH', 10), token('ETH', -5)], { model }));
    expect(binding.id).toBe('grid:-3/3:none');
  });

  test('behavior: the others move as the worst that the day knows', () => {
    const pegged = /^(USDC|USDT|DAI|W?STETH)$/;
    for (const { moves, others } of crises) {
      const factors = Object.entries(moves).filter(([asset]) => !pegged.test(asset));
      expect(others).toBe(Math.min(...factors.map(([, move]) => move)));
    }
  });
});
