import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import type { Margin } from '../../src/engine/result.ts';
import { AAVE, book, option, perp, scenarios, token } from './books.ts';

const OBSERVED = { custody: 'observed', silo: 'wallet' };
const LOAN = [token('WETH', 10), token('USDC', -12_000)];
const DOWN = scenarios({ id: 'down', range: -1, vol: 'none', weight: 1 });

function pledged({ pledgedEquityUsd, pledgedFreeUsd, pledgedHealth }: Margin) {
  return { pledgedEquityUsd, pledgedFreeUsd, pledgedHealth };
}

describe('the pledged margin', () => {
  test('default: a wholly pledged book has the numbers of the account', () => {
    const margin = computeMargin(book([...LOAN, option(-1), perp(2)]));
    expect(margin.pledgedEquityUsd).toBe(margin.equityUsd);
    expect(margin.initialUsd).toBeGreaterThan(0.1 * margin.equityUsd);
    expect(margin.pledgedFreeUsd).toBe(margin.freeUsd);
    expect(margin.pledgedHealth).toBe(margin.health);
  });

  test('behavior: what can leave never helps', () => {
    const alone = pledged(computeMargin(book(LOAN)));
    for (const extra of [
      token('USDC', 1e6, OBSERVED),
      option(20, { ...OBSERVED, type: 'put', strike: 2000 }),
      token('ETH', 3, OBSERVED),
    ]) {
      expect(pledged(computeMargin(book([...LOAN, extra])))).toEqual(alone);
    }
  });

  test('behavior: an observed hedge hedges nothing, by hand', () => {
    const margin = computeMargin(book([...LOAN, perp(-10, OBSERVED), token('USDC', 1, OBSERVED)], DOWN));
    expect(margin.maintenanceUsd).toBeLessThan(1e-3);
    expect(margin.pledgedEquityUsd).toBe(8000);
    expect(margin.pledgedFreeUsd).toBeCloseTo(8000 - 1.25 * 3600, 6);
    expect(margin.pledgedHealth).toBeCloseTo(16_400 / 12_000, 9);
  });

  test('behavior: an observed silo under water still hurts, today and in each scenario', () => {
    const today = computeMargin(book([...LOAN, token('USDC', -500, OBSERVED)], DOWN));
    expect(today.pledgedEquityUsd).toBe(8000);
    expect(today.pledgedFreeUsd).toBeCloseTo(7500 - 4500, 6);
    expect(today.pledgedHealth).toBeCloseTo(16_400 / 12_500, 9);
    // Worth +1000 today, −2618 in the scenario.
    const then = computeMargin(book([...LOAN, perp(10, OBSERVED), token('USDC', 1000, OBSERVED)], DOWN));
    expect(then.pledgedEquityUsd).toBe(8000);
    expect(then.pledgedFreeUsd).toBeCloseTo(8000 - 4500, 6);
    expect(then.pledgedHealth).toBeCloseTo(16_400 / (12_000 + 2618), 9);
  });

  test('behavior: each observed silo counts by itself: the surplus of one does not pay for another', () => {
    const short = token('USDC', -500, OBSERVED);
    const rich = token('USDC', 900, { custody: 'observed', silo: 'other' });
    expect(computeMargin(book([...LOAN, short, rich], DOWN)).pledgedFreeUsd).toBeCloseTo(7500 - 4500, 6);
    const same = token('USDC', 900, OBSERVED);
    expect(computeMargin(book([...LOAN, short, same], DOWN)).pledgedFreeUsd).toBeCloseTo(8000 - 4500, 6);
  });

  test('behavior: an observed silo pays its own break', () => {
    const home = { custody: 'observed', silo: 'aaveV3' };
    const loan = [token('WETH', 1, home), token('USDC', -1990, home)];
    const margin = computeMargin(book([...LOAN, ...loan], { silos: [AAVE], ...DOWN }));
    expect(margin.pledgedEquityUsd).toBe(8000);
    expect(margin.pledgedFreeUsd).toBeCloseTo(8000 + 10 - (0.05 * 2000) / 1.05 - 4500, 6);
  });

  test('behavior: the pledged part of a mixed silo is judged by itself', () => {
    const home = { silo: 'aaveV3' };
    const positions = [token('USDC', -1000, home), token('WETH', 1, { ...home, custody: 'observed' }), token('ETH', 1)];
    const margin = computeMargin(book(positions, { silos: [AAVE], ...DOWN }));
    expect(margin.pledgedEquityUsd).toBe(1000);
    expect(margin.pledgedHealth).toBeCloseTo(1640 / 1000, 9);
  });

  test('behavior: 0 where nothing is pledged, null where pledged legs owe nothing', () => {
    const zero = { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
    expect(pledged(computeMargin(book([token('ETH', 5, OBSERVED), token('USDC', -5, OBSERVED)])))).toEqual(zero);
    const owned = pledged(computeMargin(book([token('USDC', 7), token('USDC', 5, OBSERVED)], DOWN)));
    expect(owned).toEqual({ pledgedEquityUsd: 7, pledgedFreeUsd: expect.closeTo(6.3, 6), pledgedHealth: null });
  });

  test('behavior: who owes nothing is free of what would be left in the worst scenario, for a pledge is a debt that is no leg', () => {
    const margin = computeMargin(book([token('ETH', 1)], DOWN));
    expect(margin.freeUsd).toBe(2000);
    expect(margin.pledgedFreeUsd).toBeCloseTo(2000 - 1.25 * 360, 6);
    const hedged = computeMargin(book([token('ETH', 1), perp(-1)], DOWN));
    expect(hedged.pledgedFreeUsd).toBeGreaterThan(margin.pledgedFreeUsd);
  });
});
