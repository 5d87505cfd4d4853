import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optionValue } from '../../src/engine/value.ts';
import * as reference from './reference.ts';

const AT_THE_MONEY = { forwardUsd: 100, strikeUsd: 100, vol: 0.2, years: 1, discount: 1 };

const terms = fc.record({
  forwardUsd: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  strikeUsd: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  vol: fc.double({ min: 0, max: 5, noNaN: true }),
  years: fc.double({ min: 0, max: 5, noNaN: true }),
  discount: fc.double({ min: 0.1, max: 1.1, noNaN: true }),
});

function both(of: Omit<Parameters<typeof optionValue>[0], 'type'>) {
  return { call: optionValue({ ...of, type: 'call' }), put: optionValue({ ...of, type: 'put' }) };
}

describe('optionValue', () => {
  test('default', () => {
    // 100·(2Φ(0.1) − 1)
    expect(optionValue({ ...AT_THE_MONEY, type: 'call' })).toBeCloseTo(7.965567455405798, 12);
    expect(optionValue({ ...AT_THE_MONEY, type: 'put', discount: 0.5 })).toBeCloseTo(3.982783727702899, 12);
  });

  test('behavior: within 1e-15·max(F,K) of the exact value, and 1e-12 of it where it is above 1e-9·F', () => {
    const worst = { absolute: 0, relative: 0, points: 0 };
    for (const moneyness of [
      0.02,
      0.2,
      0.5,
      0.8,
      0.9,
      0.97,
      0.999,
      1 - 1e-9,
      1,
      1 + 1e-12,
      1.0003,
      1.05,
      1.3,
      2,
      7,
      40,
    ]) {
      for (const vol of [0.001, 0.03, 0.2, 0.45, 0.81, 1.5, 4]) {
        for (const years of [1 / 31_536_000, 1 / 365, 7 / 365, 30 / 365, 0.5, 1, 3]) {
          const forward = 2681.6029850999994;
          const strike = forward * moneyness;
          const exact = reference.black76({ forward, strike, vol, years });
          const got = both({ forwardUsd: forward, strikeUsd: strike, vol, years, discount: 1 });
          for (const type of ['call', 'put'] as const) {
            const error = Math.abs(reference.unfix(reference.fix(got[type]) - exact[type]));
            worst.points += 1;
            worst.absolute = Math.max(worst.absolute, error / Math.max(forward, strike));
            const value = reference.unfix(exact[type]);
            if (value > 1e-9 * forward) worst.relative = Math.max(worst.relative, error / value);
          }
        }
      }
    }
    expect(worst.points).toBe(16 * 7 * 7 * 2);
    expect(worst.absolute).toBeLessThan(1e-15);
    expect(worst.relative).toBeLessThan(1e-12);
  });

  test('behavior: the same on the hard grid: strikes over eight decades, σ√τ up to 200, times down to the smallest floats', () => {
    const worst = { absolute: 0, relative: 0, points: 0 };
    const forward = 2681.6029850999994;
    for (const moneyness of [1e-4, 1e-3, 0.05, 0.4, 0.7499, 0.7501, 0.98, 1, 1.0003, 1.2499, 1.2501, 3, 50, 1e3, 1e4]) {
      for (const [vol, years] of [
        ...[1e-6, 1e-4, 0.0099, 0.0101, 0.3, 1.2, 5, 12, 40, 75, 120, 200].map((deviation) => [deviation, 1] as const),
        [2, 1e-12],
        [0.8, 1e-30],
        [4, 1e-60],
      ] as const) {
        const strike = forward * moneyness;
        const exact = reference.black76({ forward, strike, vol, years });
        const got = both({ forwardUsd: forward, strikeUsd: strike, vol, years, discount: 1 });
        for (const type of ['call', 'put'] as const) {
          const error = Math.abs(reference.unfix(reference.fix(got[type]) - exact[type]));
          worst.points += 1;
          worst.absolute = Math.max(worst.absolute, error / Math.max(forward, strike));
          const value = reference.unfix(exact[type]);
          if (value > 1e-9 * forward) worst.relative = Math.max(worst.relative, error / value);
        }
      }
    }
    expect(worst.points).toBe(15 * 15 * 2);
    expect(worst.absolute).toBeLessThan(1e-15);
    expect(worst.relative).toBeLessThan(1e-12);
    for (const years of [5e-324, 1e-310, 2.2250738585072014e-308]) {
      for (const strikeUsd of [0.5, 1, 1 + 1e-15, 2].map((moneyness) => forward * moneyness)) {
        const { call, put } = both({ forwardUsd: forward, strikeUsd, vol: 5, years, discount: 1 });
        expect(Math.abs(call - Math.max(0, forward - strikeUsd))).toBeLessThan(1e-100);
        expect(Math.abs(put - Math.max(0, strikeUsd - forward))).toBeLessThan(1e-100);
      }
    }
  });

  test('behavior: put–call parity', () => {
    fc.assert(
      fc.property(terms, (of) => {
        const { call, put } = both(of);
        const parity = of.discount * (of.forwardUsd - of.strikeUsd);
        expect(Math.abs(call - put - parity)).toBeLessThanOrEqual(1e-15 * Math.max(of.forwardUsd, of.strikeUsd));
      }),
      { numRuns: 1000 },
    );
  });

  test('behavior: between the intrinsic value and the forward, or the strike', () => {
    fc.assert(
      fc.property(terms, (of) => {
        const { call, put } = both(of);
        const slack = 1e-15 * Math.max(of.forwardUsd, of.strikeUsd);
        expect(call).toBeGreaterThanOrEqual(of.discount * Math.max(0, of.forwardUsd - of.strikeUsd));
        expect(call).toBeLessThanOrEqual(of.discount * of.forwardUsd + slack);
        expect(put).toBeGreaterThanOrEqual(of.discount * Math.max(0, of.strikeUsd - of.forwardUsd));
        expect(put).toBeLessThanOrEqual(of.discount * of.strikeUsd + slack);
      }),
      { numRuns: 1000 },
    );
  });

  test('behavior: rises with volatility and time; a call rises with the forward', () => {
    fc.assert(
      fc.property(terms, fc.double({ min: 0.01, max: 1, noNaN: true }), (of, step) => {
        const slack = 1e-14 * Math.max(of.forwardUsd, of.strikeUsd);
        const call = optionValue({ ...of, type: 'call' });
        expect(optionValue({ ...of, vol: of.vol + step, type: 'call' })).toBeGreaterThanOrEqual(call - slack);
        expect(optionValue({ ...of, years: of.years + step, type: 'call' })).toBeGreaterThanOrEqual(call - slack);
        expect(optionValue({ ...of, forwardUsd: of.forwardUsd * (1 + step), type: 'call' })).toBeGreaterThanOrEqual(
          call - slack,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('behavior: intrinsic at and past expiry, and at zero volatility', () => {
    for (const flat of [{ years: 0 }, { years: -1 }, { vol: 0 }]) {
      expect(optionValue({ ...AT_THE_MONEY, ...flat, forwardUsd: 130, type: 'call' })).toBe(30);
      expect(optionValue({ ...AT_THE_MONEY, ...flat, forwardUsd: 130, type: 'put' })).toBe(0);
      expect(optionValue({ ...AT_THE_MONEY, ...flat, forwardUsd: 80, type: 'put' })).toBe(20);
    }
  });

  test('behavior: never NaN for finite terms', () => {
    const hard = [0, 5e-324, 1e-310, 1e-300, 1e-30, 1, 1e30, 1e300, 1.7e308, -1];
    for (const forwardUsd of hard) {
      for (const strikeUsd of hard) {
        for (const vol of [0, 1e-300, 1e-8, 1, 1886, 1e10, 1e300, 1.7e308]) {
          for (const years of [0, 5e-324, 1e-9, 1, 1e6, 1.7e308]) {
            const { call, put } = both({ forwardUsd, strikeUsd, vol, years, discount: 1 });
            expect(call).not.toBeNaN();
            expect(put).not.toBeNaN();
          }
        }
      }
    }
  });

  test('behavior: at an endless volatility a call is worth the forward and a put the strike', () => {
    const endless = { forwardUsd: 120, strikeUsd: 100, vol: 1e6, years: 1, discount: 1 };
    expect(both(endless)).toEqual({ call: 120, put: 100 });
  });
});
