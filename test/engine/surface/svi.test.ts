import { expect, test } from 'vitest';
import { exp, normalDensity } from '../../../src/engine/math.ts';
import { butterfly, curveOf, gridOf, type Svi, smallest, totalVariance } from '../../../src/engine/surface/svi.ts';
import { optionValue } from '../../../src/engine/value.ts';

const SMILE: Svi = { a: 0.01, b: 0.08, rho: -0.35, m: 0.02, sigma: 0.15 };
/** Axel Vogt's slice, by Gatheral and Jacquier (2014), section 2.2: no negative variance, a negative density. */
const VOGT: Svi = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };

/** The price of a call on a forward of 1 over a year. */
function call(svi: Svi, strikeUsd: number): number {
  const vol = Math.sqrt(totalVariance(svi, Math.log(strikeUsd)));
  return optionValue({ type: 'call', strikeUsd, forwardUsd: 1, vol, years: 1, discount: 1 });
}

test('default: total variance at its vertex and far out, by hand', () => {
  expect(totalVariance(SMILE, 0.02)).toBeCloseTo(0.01 + 0.08 * 0.15, 15);
  expect(totalVariance(SMILE, 1000) / 1000).toBeCloseTo(0.08 * (1 - 0.35), 4);
  expect(totalVariance(SMILE, -1000) / 1000).toBeCloseTo(0.08 * (1 + 0.35), 4);
});

test('behavior: slope and bend are the derivatives of total variance', () => {
  const h = 1e-4;
  for (const k of [-0.7, -0.1, 0, 0.02, 0.4]) {
    const { slope, bend } = curveOf(SMILE, k);
    const [down, here, up] = [k - h, k, k + h].map((x) => totalVariance(SMILE, x)) as [number, number, number];
    expect((up - down) / (2 * h)).toBeCloseTo(slope, 6);
    expect((up - 2 * here + down) / (h * h)).toBeCloseTo(bend, 5);
  }
});

test('behavior: g is the density of Black-76 prices, ∂²C/∂K² = g·φ(d2)/(K·√w)', () => {
  for (const svi of [SMILE, VOGT]) {
    for (const k of [-0.4, -0.1, 0, 0.15, 0.5, 0.9]) {
      const strike = exp(k);
      const h = 2e-4 * strike;
      const second = (call(svi, strike + h) - 2 * call(svi, strike) + call(svi, strike - h)) / (h * h);
      const deviation = Math.sqrt(totalVariance(svi, k));
      const d2 = -k / deviation - deviation / 2;
      expect((butterfly(svi, k) * normalDensity(d2)) / (strike * deviation)).toBeCloseTo(second, 5);
    }
  }
});

test("behavior: Vogt's slice has variance everywhere and a negative density near k = 0.8", () => {
  const grid = gridOf({ low: -1.5, high: 1.5 }, 301);
  expect(smallest(grid, (k) => totalVariance(VOGT, k))).toBeGreaterThan(0);
  expect(smallest(grid, (k) => butterfly(VOGT, k))).toBeLessThan(-0.01);
  expect(butterfly(VOGT, 0.8)).toBeLessThan(0);
  expect(smallest(grid, (k) => butterfly(SMILE, k))).toBeGreaterThan(0);
});

test('behavior: where there is no variance there is no density', () => {
  expect(butterfly({ ...SMILE, a: -1 }, 0)).toBe(Number.NEGATIVE_INFINITY);
});
