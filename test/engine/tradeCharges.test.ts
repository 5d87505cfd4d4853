import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import { optionValue } from '../../src/engine/value.ts';
import { book, option, perp, range, token } from './books.ts';

const LIQUIDITY = {
  impact: 0.25,
  participation: 0.1,
  dailyVolumeUsd: { ETH: 1e8, USDC: 1e10, WETH: 1e8 },
  others: 1e6,
};
const VENUE = { shares: { wallet: 0, shaky: 0.02 }, others: 0.001 };
const addOns = { liquidity: LIQUIDITY, venue: VENUE };
const model = { preset: 'crossmargin-1', parameters: { addOns } };
// σ 70 %: the floor. USDC's peg: 10 %.
const ETHER_RANGE = 0.18;
const impact = (sizeUsd: number, { range: r = ETHER_RANGE, volume = 1e8 } = {}) =>
  sizeUsd * 0.25 * r * Math.sqrt(sizeUsd / volume);
const dollars = (sizeUsd: number) => impact(sizeUsd, { range: 0.1, volume: 1e10 });

function charges(positions: Parameters<typeof book>[0], parts: Parameters<typeof book>[1] = {}) {
  return computeMargin(book(positions, { model, ...parts })).addOns as Record<
    'liquidity' | 'concentration' | 'venue',
    number
  >;
}

describe('what would have to be sold', () => {
  test('default: the collateral that covers the debt is sold, and the debt is bought, by hand', () => {
    const { liquidity, concentration, venue } = charges([token('ETH', 100), token('USDC', -50_000)]);
    expect(liquidity).toBeCloseTo(impact(50_000) + dollars(50_000), 8);
    expect(concentration).toBe(0);
    expect(venue).toBeCloseTo(0.001 * 50_000, 9);
  });

  test('behavior: what is held of the owed token pays first; a debt larger than all sells all', () => {
    const held = charges([token('ETH', 100), token('USDC', -50_000), token('USDC', 20_000, { silo: 'wallet' })]);
    expect(held.liquidity).toBeCloseTo(impact(30_000) + dollars(30_000), 8);
    const under = charges([token('ETH', 10), token('USDC', -50_000)]);
    expect(under.liquidity).toBeCloseTo(impact(20_000) + dollars(50_000), 8);
    expect(under.venue).toBeCloseTo(20, 9);
  });

  test('behavior: perps are closed on each side, options and ranges that were sold too', () => {
    const legs = [perp(3), perp(-2, { silo: 'other' }), token('USDC', 1)];
    expect(charges(legs).liquidity).toBeCloseTo(impact(5 * 2010), 8);
    const terms = { strikeUsd: 2500, forwardUsd: 2000, vol: 0.8, years: 30 / 365, discount: 1, type: 'call' } as const;
    const step = 1e-3;
    const [up, down] = [2000 + step, 2000 - step].map((forwardUsd) => optionValue({ ...terms, forwardUsd }));
    const delta = ((up ?? 0) - (down ?? 0)) / (2 * step);
    const sold = charges([option(-10), token('ETH', 50)]);
    expect(sold.liquidity).toBeCloseTo(impact(10 * delta * 2000) + impact(10 * optionValue(terms)), 3);
    expect(charges([option(10), token('USDC', -1)]).liquidity).toBeLessThan(1e-5);
    expect(charges([range(-1e15), token('WETH', 100)]).liquidity).toBeGreaterThan(0);
    expect(charges([range(1e15), token('USDC', -1), token('USDC', 1)]).liquidity).toBe(0);
  });

  test('behavior: what takes longer than the horizon to sell pays for the time, by hand', () => {
    // 8,000,000 of a token of 1,000,000 a day, at a tenth of it: 80 days, forty times the horizon of two.
    const { concentration } = charges([token('NEW', 1_000_000), token('ETH', -4000)]);
    expect(concentration).toBeCloseTo(8e6 * Math.min(1, 0.5 * (Math.sqrt(40) - 1)), 2);
  });

  test('behavior: who owes nothing is charged nothing; a venue by its own share', () => {
    expect(charges([token('ETH', 1e6)])).toMatchObject({ liquidity: 0, concentration: 0, venue: 0 });
    const silo = { id: 'shaky', venue: 'shaky', rule: { kind: 'owned' } };
    const home = { silo: 'shaky' };
    const legs = [token('ETH', 10, home), token('ETH', 10), token('USDC', -10_000, home)];
    expect(charges(legs, { silos: [silo] }).venue).toBeCloseTo(((0.02 + 0.001) * 20_000 * 10_000) / 40_000, 8);
  });

  test('behavior: twice the book costs more than twice, and nothing bought costs more', () => {
    const amount = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.tuple(amount, amount, amount), fc.integer({ min: 1, max: 50 }), ([ether, usd, perps], bought) => {
        const legs = [token('ETH', ether), token('USDC', usd * 2000), perp(perps), token('BTC', -1)];
        const once = charges(legs);
        const twice = charges([...legs, ...legs]);
        expect(twice.liquidity).toBeGreaterThanOrEqual(2 * once.liquidity * (1 - 1e-12));
        expect(charges([...legs, option(bought)])).toMatchObject({
          liquidity: expect.closeTo(once.liquidity, 9),
          concentration: expect.closeTo(once.concentration, 9),
        });
      }),
      { numRuns: 100 },
    );
  });
});
