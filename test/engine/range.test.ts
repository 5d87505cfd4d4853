import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputRangeError } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { rangeAmounts, rangeTerms, rootOf, TickRangeError } from '../../src/engine/range.ts';
import { UnsupportedLegError } from '../../src/engine/supported.ts';
import { book, MARKET, range, scenarios, token } from './books.ts';
import { fix, mul, ONE, sqrt, unfix } from './reference.ts';

const LIQUIDITY = 10n ** 16n;

interface Pool {
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly decimals0: number;
  readonly decimals1: number;
}

/** √1.0001^tick with 96 digits, by squaring: no logarithm, no exponential. */
function rootAt(tick: number): bigint {
  let result = ONE;
  let factor = sqrt((ONE * 10_001n) / 10_000n);
  for (let n = Math.abs(tick); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = mul(result, factor);
    factor = mul(factor, factor);
  }
  return tick < 0 ? (ONE * ONE) / result : result;
}

/** LiquidityAmounts.getAmountsForLiquidity in whole tokens; the price of token 0 in token 1 as a float. */
function amountsInIntegers({ tickLower, tickUpper, decimals0, decimals1 }: Pool, price: number): [number, number] {
  const [lower, upper] = [rootAt(tickLower), rootAt(tickUpper)];
  const shift = fix(price) * 10n ** BigInt(decimals1);
  const root = sqrt(shift / 10n ** BigInt(decimals0));
  const s = root < lower ? lower : root > upper ? upper : root;
  const amount0 = (LIQUIDITY * ((ONE * ONE) / s - (ONE * ONE) / upper)) / 10n ** BigInt(decimals0);
  const amount1 = (LIQUIDITY * (s - lower)) / 10n ** BigInt(decimals1);
  return [unfix(amount0), unfix(amount1)];
}

function amountsOf(pool: Pool, price: number): [number, number] {
  const home = { venue: 'v', silo: 's', custody: 'pledged', token0: 'A', token1: 'B' } as const;
  const terms = rangeTerms({ kind: 'range', index: 0, ...home, ...pool, amount: Number(LIQUIDITY) });
  const { amount0, amount1 } = rangeAmounts(terms, Math.sqrt(price));
  return [amount0, amount1];
}

describe('a range', () => {
  test('default: both amounts within, below and above, against the whitepaper in integers', () => {
    const pool = { tickLower: -201_720, tickUpper: -198_720, decimals0: 18, decimals1: 6 };
    for (const price of [1000, 1734, 1736, 2000, 2339, 2342, 9000]) {
      const [amount0, amount1] = amountsOf(pool, price);
      const [exact0, exact1] = amountsInIntegers(pool, price);
      expect(Math.abs(amount0 - exact0)).toBeLessThanOrEqual((1e-14 * 1e4) / Math.sqrt(price));
      expect(Math.abs(amount1 - exact1)).toBeLessThanOrEqual(1e-14 * 1e4 * Math.sqrt(price));
    }
    expect(amountsOf(pool, 1000)[1]).toBe(0);
    expect(amountsOf(pool, 9000)[0]).toBe(0);
  });

  test('behavior: any ticks, any decimals, any price: within 2e-14 of the liquidity over all prices', () => {
    const pools = fc.record({
      tickLower: fc.integer({ min: -400_000, max: 399_990 }),
      width: fc.integer({ min: 1, max: 5000 }),
      decimals0: fc.integer({ min: 0, max: 27 }),
      decimals1: fc.integer({ min: 0, max: 27 }),
      away: fc.double({ min: 0.5, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(pools, ({ width, away, ...rest }) => {
        const pool = { ...rest, tickUpper: rest.tickLower + width };
        const middle = unfix(rootAt(pool.tickLower + Math.floor(width / 2)));
        const price = middle * middle * 10 ** (pool.decimals0 - pool.decimals1) * away;
        fc.pre(price > 1e-60 && price < 1e60);
        const [amount0, amount1] = amountsOf(pool, price);
        const [exact0, exact1] = amountsInIntegers(pool, price);
        const whole = Number(LIQUIDITY) / Math.sqrt(10 ** (pool.decimals0 + pool.decimals1));
        const root = Math.sqrt(price);
        expect(Math.abs(amount0 - exact0)).toBeLessThanOrEqual((2e-14 * whole) / root);
        expect(Math.abs(amount1 - exact1)).toBeLessThanOrEqual(2e-14 * whole * root);
      }),
      { numRuns: 300 },
    );
  });

  test('behavior: the value never falls with either price, and a price of zero is a price', () => {
    const terms = { amount: 5, lowerRoot: 40, upperRoot: 50 };
    const price = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(price, price, price, (a, b, other) => {
        const value = (price0: number, price1: number) => {
          const { amount0, amount1 } = rangeAmounts(terms, rootOf(price0, price1));
          return amount0 * price0 + amount1 * price1;
        };
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(value(high, other)).toBeGreaterThanOrEqual(value(low, other) * (1 - 1e-12) - 1e-9);
        expect(value(other, high)).toBeGreaterThanOrEqual(value(other, low) * (1 - 1e-12) - 1e-9);
        expect(Number.isFinite(value(0, low) + value(low, 0) + value(0, 0))).toBe(true);
      }),
    );
  });
});

describe('a range leg', () => {
  const L = 1e16;
  const UNIT = L / 1e12;
  const LOWER = 1.0001 ** (-201_720 / 2) * 1e6;
  const UPPER = 1.0001 ** (-198_720 / 2) * 1e6;

  function valueAt(price: number): number {
    const s = Math.min(UPPER, Math.max(LOWER, Math.sqrt(price)));
    return UNIT * (1 / s - 1 / UPPER) * price + UNIT * (s - LOWER);
  }

  test('default: today and at shocked prices, by hand', () => {
    const shocks = [0.5, 0.9, 1.1, 2].map((spot) => ({ id: `${spot}`, spot, vol: 'none', weight: 1 }));
    const margin = computeMargin(book([range(L), token('USDC', -1)], scenarios(...shocks)));
    expect(margin.equityUsd / (valueAt(2000) - 1)).toBeCloseTo(1, 12);
    const pnl = [2000, 1000, 1800, 2200, 4000].map((price) => valueAt(price) - valueAt(2000));
    margin.scenarios.forEach(({ pnlUsd }, index) => {
      expect(pnlUsd).toBeCloseTo(pnl[index] ?? Number.NaN, 6);
    });
    expect(margin.binding).toMatchObject({ id: '0.5', sentence: 'ETH −50 %' });
  });

  test('behavior: a coin off its peg moves the range and its price, both tokens are factors and pegs of the book', () => {
    const margin = computeMargin(book([range(L), token('USDC', -1)]));
    const down = margin.scenarios.find(({ id }) => id === 'peg:USDC:down');
    const s = Math.min(UPPER, Math.sqrt(2000 / 0.9));
    const then = UNIT * (1 / s - 1 / UPPER) * 2000 + UNIT * (s - LOWER) * 0.9;
    expect(down?.pnlUsd).toBeCloseTo(then - valueAt(2000) + 0.1, 6);
    expect(margin.scenarios.map(({ id }) => id)).toContain('decorrelation:ETH:down:none');
  });

  test('behavior: liquidity that is owed is a debt, and is hedged exactly by the same liquidity', () => {
    const short = computeMargin(book([range(-L), token('ETH', 100)]));
    expect(short.health).not.toBeNull();
    expect(short.binding.lossUsd).toBeGreaterThan(0);
    const hedged = computeMargin(book([range(-L), range(L, { silo: 'other' })]));
    expect(hedged.binding.lossUsd).toBeLessThan(1e-9);
  });

  test('behavior: a fee that is claimed is a token; the prices of both tokens are needed and trusted', () => {
    const market = { ...MARKET, assets: { ...MARKET.assets, USDC: { usd: 1, confidence: 0.9, peg: 'USD' } } };
    const margin = computeMargin(book([range(L), token('WETH', 0.1), token('ETH', -0.1)], { market }));
    expect(margin.addOns.oracle).toBeCloseTo(0.1 * valueAt(2000), 6);
    expect(() => computeMargin(book([range(1, { token1: 'XYZ' })]))).toThrow(/range WETH\/XYZ.*market\.assets\.XYZ/);
  });

  test('error: TickRangeError, InputRangeError, UnsupportedLegError', () => {
    expect(() => computeMargin(book([range(1, { tickUpper: -201_720 })]))).toThrow(TickRangeError);
    expect(() => book([range(1, { tickUpper: 900_000 })])).toThrow(/tickUpper/);
    const { portfolio, ...rest } = book([range(1)]);
    const positions = portfolio.positions.map((position) => ({ ...position, tickLower: 0.5 }));
    expect(() => computeMargin({ ...rest, portfolio: { ...portfolio, positions } })).toThrow(InputRangeError);
    expect(() => computeMargin(book([range(1)], { model: 'derive-pm2' }))).toThrow(UnsupportedLegError);
  });
});
