import { describe, expect, test } from 'vitest';
import { factorsOf, freedByClosing, healthMoves } from '../../../src/engine/explain/explain.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { AAVE, book, option, perp, token } from '../books.ts';

const LENDING = { silo: 'aaveV3' };
const LOAN = [token('WETH', 10, LENDING), token('USDC', -12_000, LENDING)];

describe('healthMoves', () => {
  test('default: a loan under siloed is liquidated where 82.5 % of the collateral is the debt', () => {
    const moves = healthMoves(book(LOAN, { model: 'siloed', silos: [AAVE] }), ['ETH']);
    expect(moves.down).toBeCloseTo(12_000 / 16_500 - 1, 12);
    expect(moves.up).toBeNull();
  });

  test('behavior: the move is exact to twelve digits', () => {
    const input = book(LOAN, { model: 'siloed', silos: [AAVE] });
    const { down } = healthMoves(input, ['ETH']);
    const priceOf = (move: number) => 20_000 * (1 + move) * 0.825;
    expect(priceOf((down ?? 0) - 1e-12)).toBeLessThan(12_000);
    expect(priceOf((down ?? 0) + 1e-12)).toBeGreaterThan(12_000);
  });

  test('behavior: a short perp under paradex-2026: equity 500 − 2010·x is half of 16 % of 2010·(1 + x)', () => {
    const moves = healthMoves(book([perp(-1), token('USDC', 500)], { model: 'paradex-2026' }), ['ETH']);
    expect(moves.up).toBeCloseTo((500 - 2010 * 0.08) / (2010 * 1.08), 10);
    expect(moves.down).toBeNull();
  });

  test('behavior: where health is below 1 today, the moves that heal it', () => {
    const moves = healthMoves(book([token('ETH', 1), token('USDC', -2500)], { model: 'siloed' }), ['ETH']);
    expect(moves).toEqual({ down: null, up: expect.closeTo(0.25, 12) });
  });

  test('behavior: each factor by itself, and all together', () => {
    const input = book([token('ETH', 5), token('BTC', 0.2), token('USDC', -15_000)], { model: 'siloed' });
    expect(factorsOf(input)).toEqual(['BTC', 'ETH']);
    expect(healthMoves(input, ['ETH']).down).toBeCloseTo(-0.5, 12);
    expect(healthMoves(input, ['BTC']).down).toBeCloseTo(-0.5, 12);
    expect(healthMoves(input, factorsOf(input)).down).toBeCloseTo(-0.25, 12);
  });

  test('behavior: both ways for a short straddle, the same each time', () => {
    const positions = [option(-5, { strike: 2000 }), option(-5, { strike: 2000, type: 'put' }), token('USDC', 9000)];
    const moves = healthMoves(book(positions), ['ETH']);
    expect(moves.down).toBeLessThan(0);
    expect(moves.up).toBeGreaterThan(0);
    expect(healthMoves(book(positions.toReversed()), ['ETH'])).toEqual(moves);
  });

  test('behavior: who owes nothing crosses nothing', () => {
    expect(healthMoves(book([token('ETH', 5)]), ['ETH'])).toEqual({ down: null, up: null });
  });
});

describe('freedByClosing', () => {
  test('default: a perp frees its own 16 %, a hedge the opposite', () => {
    const input = book([perp(3), perp(-1), token('USDC', 1000)], { model: 'paradex-2026' });
    const margin = computeMargin(input);
    expect(margin.initialUsd).toBeCloseTo(2 * 2010 * 0.16, 9);
    const long = freedByClosing(input, { index: 0, margin });
    expect(long.freedInitialUsd).toBeCloseTo(2010 * 0.16, 9);
    expect(long.freedMaintenanceUsd).toBeCloseTo(2010 * 0.08, 9);
    expect(freedByClosing(input, { index: 1, margin }).freedInitialUsd).toBeCloseTo(-2010 * 0.16, 9);
    expect(freedByClosing(input, { index: 2, margin }).freedInitialUsd).toBe(0);
  });
});

test('behavior: factors are what the legs follow, without the dollar', () => {
  expect(factorsOf(book([token('WSTETH', 1), token('USDC', 1), perp(1)]))).toEqual(['ETH']);
  expect(factorsOf(book([token('USDC', 1)]))).toEqual([]);
});
