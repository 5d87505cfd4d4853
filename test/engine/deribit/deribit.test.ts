import { describe, expect, test } from 'vitest';
import { LargeDeltaError, roundNine } from '../../../src/engine/deribit/deribit.ts';
import { rollMove } from '../../../src/engine/deribit/roll.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { deribit2026 } from '../../../src/engine/models/deribit2026.ts';
import { UnsupportedLegError } from '../../../src/engine/supported.ts';
import { optionValue } from '../../../src/engine/value.ts';
import { book, DAY, MARKET, MONTH, option, perp, token } from '../books.ts';

const INVERSE = { settlement: 'inverse' };
const AWAY = { silo: 'wallet', custody: 'observed' };

type Json = Readonly<Record<string, unknown>>;

function deribit(positions: readonly Json[], { parameters = {}, scenarios, ...parts }: Json = {}) {
  const model = { preset: 'deribit-2026', parameters, ...(scenarios === undefined ? {} : { scenarios }) };
  return computeMargin(book(positions, { model, ...parts }));
}

function call(forwardUsd: number, vol: number): number {
  return optionValue({ type: 'call', forwardUsd, strikeUsd: 2500, vol, years: 30 / 365, discount: 1 });
}

describe('deribit-2026 by hand', () => {
  test('default: the tables', () => {
    expect(deribit2026.scenarios).toHaveLength(27 + 8);
    const { scenarios } = deribit([perp(1)]);
    expect(scenarios).toHaveLength(35);
    expect(scenarios[0]).toMatchObject({ id: 'ETH_USDC:-4/4:up', sentence: 'ETH −18 %, volatility up' });
    expect(scenarios[0]?.pnlUsd).toBeCloseTo(-2010 * 0.18, 9);
    expect(scenarios[3]?.pnlUsd).toBeCloseTo(-2010 * 0.135, 9);
  });

  test('behavior: linear contracts settle in cash; a perpetual rolls at the least move', () => {
    const margin = deribit([perp(2), token('USDC', 1000)]);
    const matrix = 2 * 2010 * 0.18 + 2 * 2000 * 0.01;
    expect(margin.initialUsd).toBeCloseTo(matrix, 8);
    expect(margin.maintenanceUsd).toBeCloseTo(0.8 * matrix, 8);
    expect(margin.equityUsd).toBe(1000);
    expect(margin.health).toBeCloseTo(1000 / (0.8 * matrix), 12);
    expect(margin.addOns).toEqual({ 'roll:ETH_USDC': 40 });
    expect(margin.binding).toMatchObject({ id: 'ETH_USDC:-4/4:up' });
    expect(margin.binding.lossUsd).toBeCloseTo(2 * 2010 * 0.18, 9);
  });

  test('behavior: an inverse option, in coins, with the volatility shock and its floor', () => {
    const scenarios = ['up', 'down'].map((vol) => ({ id: vol, range: 1, vol }));
    const { scenarios: results } = deribit([option(-2, INVERSE)], { scenarios });
    const before = call(2000, 0.8) / 2000;
    for (const [index, vol] of [0.8 * 1.4, 0.8 * 0.75].entries()) {
      const coins = -2 * (call(2360, vol) / 2360 - before);
      expect(results[index]?.pnlUsd).toBeCloseTo(coins * 2000, 9);
    }
    const calm = { market: { ...MARKET, vols: [{ underlying: 'ETH', expiry: MONTH, strike: 2500, vol: 0.2 }] } };
    const [up] = deribit([option(-2, INVERSE)], { scenarios, ...calm }).scenarios;
    expect(up?.pnlUsd).toBeCloseTo(-4000 * (call(2360, 0.5) / 2360 - call(2000, 0.2) / 2000), 9);
  });

  test('behavior: a tail counts for range ÷ move, less the dampener, down to nothing', () => {
    const scenarios = [{ id: 'double', spot: 2, vol: 'none' }];
    const pnl = (size: number) => deribit([perp(-size)], { scenarios }).scenarios[0]?.pnlUsd ?? Number.NaN;
    const dampener = (1 / 0.18 - 1) * 25_000;
    expect(pnl(1)).toBe(0);
    expect(pnl(1000)).toBeCloseTo(-1000 * 2010 * 0.18 + dampener, 6);
    // Inverse: −q·m/(1 + m) coins, as USD at the moved price, as coins at the end of the range; the dampener alike.
    const coins = deribit([perp(-9000, INVERSE)], { scenarios }).scenarios[0]?.pnlUsd ?? Number.NaN;
    expect(coins).toBeCloseTo((-9000 * 2000 * 0.18 + (1 / 0.18 - 1) * 200_000) / 1.18, 5);
  });

  test('behavior: the roll of an option and of a dated future', () => {
    const year = { annualisedMove: 0.075, minMove: 0.01, dampenerUsd: 0 };
    expect(rollMove(0, year)).toBe(0.01);
    expect(rollMove(40 * DAY, year)).toBe(0.01);
    expect(rollMove(365 * DAY, year)).toBeCloseTo(Math.exp(0.075) - 1, 14);
    const spread = deribit([perp(10), perp(-10, { expiry: MONTH })]);
    expect(spread.binding.lossUsd).toBeCloseTo(100 * 0.18, 8);
    expect(spread.addOns['roll:ETH_USDC']).toBeCloseTo(2 * 10 * 2000 * 0.01, 8);
    const hedged = deribit([perp(10, { expiry: MONTH }), perp(-10, { expiry: MONTH })]);
    expect(hedged.addOns['roll:ETH_USDC']).toBe(0);
  });

  test('behavior: currencies are separate accounts: coins do not heal cash', () => {
    const margin = deribit([perp(2), token('ETH', 100), perp(-1, INVERSE)]);
    expect(margin.equityUsd).toBe(200_000);
    expect(margin.health).toBe(0);
    const both = deribit([perp(2), token('USDC', 1e4), token('ETH', 100), perp(-1, INVERSE)]);
    // The least move of ETH's own currency is .5 %.
    expect(both.addOns).toEqual({ 'roll:ETH_ETH': 10, 'roll:ETH_USDC': 40 });
    expect(both.binding.id).toMatch(/^ETH_ETH:4\/4:up \+ ETH_USDC:-4\/4:up$/);
    expect(both.health).toBeCloseTo(1e4 / (0.8 * (2 * 2010 * 0.18 + 40)), 10);
  });

  test('behavior: the legs sum to the binding loss; health < 1 in the account that is short', () => {
    const positions = [
      perp(2),
      option(-3),
      option(1, INVERSE),
      perp(-1, INVERSE),
      token('USDC', 1500),
      token('ETH', 1),
    ];
    const margin = deribit(positions);
    const total = margin.legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
    expect(total).toBeCloseTo(margin.binding.lossUsd, 8);
    expect(margin.maintenanceUsd).toBeCloseTo(0.8 * margin.initialUsd, 9);
    const { legs: _, ...rest } = deribit(positions.toReversed());
    const { legs: __, ...expected } = margin;
    expect(JSON.stringify(rest)).toBe(JSON.stringify(expected));
  });

  test('behavior: the pledged legs by themselves, less what observed silos are short of', () => {
    const own = [perp(2), token('USDC', 1000)];
    const alone = deribit(own);
    const { equityUsd, freeUsd, health } = alone;
    expect(alone).toMatchObject({ pledgedEquityUsd: equityUsd, pledgedFreeUsd: freeUsd, pledgedHealth: health });
    const hedged = deribit([...own, perp(-2, AWAY), token('USDC', 5000, AWAY)]);
    expect(hedged.pledgedFreeUsd).toBe(freeUsd);
    expect(hedged.pledgedHealth).toBe(health);
    expect(hedged.maintenanceUsd).toBeLessThan(alone.maintenanceUsd);
    const hurt = deribit([...own, perp(1, { ...AWAY, unrealisedUsd: -100 })]);
    expect(hurt.pledgedEquityUsd).toBe(equityUsd);
    expect(hurt.pledgedFreeUsd).toBeCloseTo(freeUsd - 100, 9);
    const worst = 100 + 2010 * 0.18;
    expect(hurt.pledgedHealth).toBeCloseTo(1000 / (alone.maintenanceUsd + worst), 10);
  });

  test('behavior: nine decimals, to the nearest', () => {
    expect(roundNine(0.05968587238)).toBe(0.059685872);
    expect(roundNine(0.15246412672)).toBe(0.152464127);
    expect(roundNine(12_345_678.123456789)).toBe(12_345_678.123456789);
  });

  test('error: UnsupportedLegError for an underlying without parameters, until the book gives them', () => {
    const market = { ...MARKET, perps: { NEW: { usd: 10, confidence: 1 } } };
    const position = perp(5, { underlying: 'NEW' });
    expect(() => deribit([position], { market })).toThrow(UnsupportedLegError);
    const pair = { ...deribit2026.parameters.pairs.ETH, priceRange: 0.5 };
    const { binding } = deribit([position], { market, parameters: { pairs: { NEW: pair } } });
    expect(binding.lossUsd).toBeCloseTo(25, 9);
  });

  test('error: UnsupportedLegError for what settles within half an hour', () => {
    for (const position of [option(1), perp(1, { expiry: MONTH })]) {
      expect(deribit([position], { asOf: MONTH - 1800 }).scenarios).toHaveLength(35);
      expect(() => deribit([position], { asOf: MONTH - 1799 })).toThrow(UnsupportedLegError);
      expect(() => deribit([position], { asOf: MONTH + 1 })).toThrow(UnsupportedLegError);
    }
  });

  test('error: LargeDeltaError', () => {
    expect(deribit([perp(9_900)]).initialUsd).toBeGreaterThan(0);
    expect(() => deribit([perp(10_001)])).toThrow(LargeDeltaError);
    // Long options are no excuse: these calls have 9,964 deltas, and all together are worth 74,000 USD.
    expect(() => deribit([perp(-10_001), option(51_000)])).toThrow(LargeDeltaError);
    expect(deribit([perp(-9_900), option(51_000)]).initialUsd).toBeGreaterThan(0);
    const pairs = { ETH: { largestDeltaUsd: 1e9 } };
    expect(deribit([perp(10_001)], { parameters: { pairs } }).initialUsd).toBeGreaterThan(0);
  });

  test('error: BookError for parameters that do not go together', () => {
    const parse = (model: Json) => () => deribit([], model);
    expect(parse({ parameters: { pairs: { NEW: { priceRange: 0.2 } } } })).toThrow(/pairs\.NEW\.volShock: is missing/);
    expect(parse({ parameters: { pairs: { NEW: { volShock: {}, priceRange: 1e-9, largestDeltaUsd: 1 } } } })).toThrow(
      /pairs\.NEW\.volShock\.up: is missing/,
    );
    expect(parse({ parameters: { currencies: { NEW: { minMove: 0.2 } } } })).toThrow(/currencies\.NEW\.annualisedMove/);
    expect(parse({ parameters: { cash: 'ETH' } })).toThrow(/model\.parameters\.cash/);
    expect(parse({ scenarios: [{ id: 'a', vol: 'up' }] })).toThrow(/scenarios\[0\]: needs exactly one/);
    expect(parse({ scenarios: [{ id: 'a', vol: 'up', spot: 1, range: 1 }] })).toThrow(/needs exactly one/);
  });
});
