import { describe, expect, test } from 'vitest';
import type { OptionLeg } from '../../src/engine/legs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { optionGreeks } from '../../src/engine/optionGreeks.ts';
import { book, DAY, MARKET, MONTH, option, perp, range, scenarios, token } from './books.ts';
import { black76Of, exp, fix, mul, ONE, unfix } from './reference.ts';

const HOME = { index: 0, silo: 's', venue: 'v', custody: 'pledged', confidence: 1 } as const;
const YEAR = 31_536_000;
const H = ONE >> 80n;

interface Point {
  readonly forward: bigint;
  readonly vol: bigint;
  readonly years: bigint;
  readonly rate: bigint;
}

/** The value with 96 digits. */
function valueAt({ forward, vol, years, rate }: Point, { strikeUsd, type }: OptionLeg): bigint {
  const { call, put } = black76Of({ forward, strike: fix(strikeUsd), vol, years });
  return mul(type === 'call' ? call : put, exp(-mul(rate, years)));
}

/** Finite differences of that value with steps of 2^-80. */
function differences(leg: OptionLeg): ReturnType<typeof optionGreeks> {
  const years = (fix(leg.seconds) * ONE) / fix(YEAR);
  const today = { forward: fix(leg.forwardUsd), vol: fix(leg.vol), years, rate: fix(leg.rate) };
  const f = (move: Partial<Record<keyof Point, bigint>>) => {
    const moved = { ...today };
    for (const [key, by] of Object.entries(move) as [keyof Point, bigint][]) {
      moved[key] = key === 'forward' ? today.forward + mul(today.forward, by) : today[key] + by;
    }
    return valueAt(moved, leg);
  };
  const first = (key: keyof Point) => unfix(((f({ [key]: H }) - f({ [key]: -H })) * ONE) / (2n * H));
  const second = (key: keyof Point) =>
    unfix((((f({ [key]: H }) - 2n * f({}) + f({ [key]: -H })) * ONE) / H) * (ONE / H));
  const up = f({ forward: H, vol: H }) - f({ forward: -H, vol: H });
  const down = f({ forward: H, vol: -H }) - f({ forward: -H, vol: -H });
  return {
    deltaUsd: first('forward'),
    gammaUsd: second('forward'),
    vega: first('vol'),
    theta: -first('years') / 365,
    rho: first('rate'),
    vannaUsd: unfix((((up - down) * ONE) / (4n * H)) * (ONE / H)),
    volga: second('vol'),
  };
}

describe('optionGreeks', () => {
  test('default: every Greek against finite differences in 96-digit arithmetic', () => {
    let points = 0;
    for (const type of ['call', 'put'] as const) {
      for (const strikeUsd of [900, 1900, 2000, 2001, 2500, 4400]) {
        for (const [vol, days] of [
          [0.2, 365],
          [0.8, 30],
          [1.5, 2],
          [3, 0.25],
        ] as const) {
          const market = { forwardUsd: 2000, spotUsd: 1990, vol, rate: 0.07, seconds: days * DAY, expiry: MONTH };
          const terms = {
            kind: 'option',
            underlying: 'ETH',
            type,
            amount: 1,
            strikeUsd,
            settlement: 'linear',
          } as const;
          const leg: OptionLeg = { ...HOME, ...terms, ...market };
          const exact = differences(leg);
          const got = optionGreeks(leg);
          for (const name of Object.keys(exact) as (keyof typeof exact)[]) {
            const error = Math.abs(got[name] - exact[name]);
            expect(error, `${name} ${type} ${strikeUsd} ${vol} ${days}`).toBeLessThanOrEqual(
              1e-11 * Math.abs(exact[name]) + 1e-12,
            );
          }
          points += 1;
        }
      }
    }
    expect(points).toBe(48);
  });

  test('behavior: nothing but the delta of what is intrinsic at expiry, without volatility, and far from the strike', () => {
    const leg = { ...HOME, kind: 'option', underlying: 'ETH', spotUsd: 2000, rate: 0, expiry: MONTH } as const;
    const still = { gammaUsd: 0, vega: 0, theta: 0, vannaUsd: 0, volga: 0 };
    const terms = { amount: -2, type: 'put', strikeUsd: 2500, forwardUsd: 2000, settlement: 'linear' } as const;
    const greeks = (more: Partial<OptionLeg>) => {
      const { rho, ...rest } = optionGreeks({ ...leg, ...terms, seconds: 0, vol: 1, ...more });
      return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, value + 0]));
    };
    expect(greeks({})).toEqual({ ...still, deltaUsd: 4000 });
    expect(greeks({ seconds: 100, vol: 0 })).toEqual({ ...still, deltaUsd: 4000 });
    expect(greeks({ type: 'call' })).toEqual({ ...still, deltaUsd: 0 });
    const far = optionGreeks({ ...leg, ...terms, strikeUsd: 1e29, forwardUsd: 1e-29, seconds: 100, vol: 0.1 });
    for (const greek of Object.values(far)) expect(Number.isFinite(greek)).toBe(true);
    expect(optionGreeks({ ...leg, ...terms, forwardUsd: 0, seconds: 100, vol: 1 }).gammaUsd).toBe(0);
  });
});

describe('the Greeks of a book', () => {
  const KEYS = ['delta', 'gamma', 'vega', 'theta', 'rho', 'vanna', 'volga', 'deltaUsd', 'gammaUsd'] as const;

  test('default: rows for legs, expiries and factors; pegged assets in units of their factor, dollars nowhere', () => {
    const positions = [token('WSTETH', 5), option(-3), token('USDC', 9000), perp(-2), option(1, { type: 'put' })];
    const { greeks = [], legs } = computeMargin(book(positions));
    expect(greeks.map(({ factor, expiry }) => [factor, expiry])).toEqual([
      ['ETH', MONTH],
      ['ETH', null],
    ]);
    const rows = legs.map((leg) => leg.greeks ?? []);
    expect(rows.map((own) => own.map(({ factor, expiry }) => [factor, expiry]))).toEqual([
      [['ETH', null]],
      [['ETH', MONTH]],
      [],
      [['ETH', null]],
      [['ETH', MONTH]],
    ]);
    expect(rows[0]?.[0]).toMatchObject({ delta: 6, gamma: 0, vega: 0, deltaUsd: 12_000 });
    expect(rows[3]?.[0]?.deltaUsd).toBe(-4020);
    for (const key of KEYS) {
      const total = rows.flat().reduce((sum, row) => sum + row[key], 0);
      expect(greeks[1]?.[key]).toBeCloseTo(total, 8);
    }
    expect((greeks[0]?.gamma ?? 0) * 2000 * 2000).toBeCloseTo(greeks[0]?.gammaUsd ?? 1, 8);
  });

  test('behavior: delta and gamma are what small moves of the whole book show', () => {
    const h = 1e-4;
    const shocks = [1 + h, 1 - h].map((spot) => ({ id: `${spot}`, spot, vol: 'none', weight: 1 }));
    const positions = [option(-3), option(2, { type: 'put' }), token('WETH', 1), perp(-1), range(1e16), range(-3e15)];
    const margin = computeMargin(book([...positions, token('USDC', 9000)], scenarios(...shocks)));
    const [, up = 0, down = 0] = margin.scenarios.map(({ pnlUsd }) => pnlUsd);
    const factor = margin.greeks?.find((row) => row.factor === 'ETH' && row.expiry === null);
    expect((factor?.deltaUsd ?? 0) / ((up - down) / (2 * h))).toBeCloseTo(1, 6);
    expect((factor?.gammaUsd ?? 0) / ((up + down) / (h * h))).toBeCloseTo(1, 4);
  });

  test('behavior: a range of two tokens of one factor has no gamma; out of range there is one token', () => {
    const pool = range(1e18, { token1: 'WSTETH', decimals1: 18, tickLower: -9000, tickUpper: 0 });
    const same = computeMargin(book([pool]));
    expect(same.legs[0]?.greeks).toHaveLength(1);
    expect(same.greeks?.[0]).toMatchObject({ gammaUsd: 0, deltaUsd: expect.closeTo(same.equityUsd, 9) });
    const market = { ...MARKET, assets: { ...MARKET.assets, WETH: { usd: 1000, confidence: 1, peg: 'ETH' } } };
    const below = computeMargin(book([range(1e16)], { market }));
    expect(below.greeks).toHaveLength(1);
    expect(below.greeks?.[0]).toMatchObject({ deltaUsd: expect.closeTo(below.equityUsd, 9) });
    expect((below.greeks?.[0]?.gammaUsd ?? 1) + 0).toBe(0);
  });

  test('behavior: a range of two factors answers to both', () => {
    const pool = range(1e16, { token1: 'NEW', decimals1: 18, tickLower: 50_000, tickUpper: 55_000 });
    const [first, second] = computeMargin(book([pool])).legs[0]?.greeks ?? [];
    expect([first?.factor, second?.factor]).toEqual(['ETH', 'NEW']);
    expect(first?.gammaUsd).toBe(second?.gammaUsd);
    expect(first?.gammaUsd).toBeLessThan(0);
  });
});
