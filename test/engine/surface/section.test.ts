import { expect, test } from 'vitest';
import { exp, log } from '../../../src/engine/math.ts';
import { ExpiryOutsideSurfaceError, sectionAt } from '../../../src/engine/surface/section.ts';
import { fitSurface, STRIKE_REACH, SurfaceArbitrageError } from '../../../src/engine/surface/surface.ts';
import { StrikeOutsideSurfaceError, surfaceVol } from '../../../src/engine/surface/surfaceVol.ts';
import { totalVariance } from '../../../src/engine/surface/svi.ts';
import { AS_OF, madeChain, STRIKES, TWO_MONTHS } from './chains.ts';

const DAY = 86_400;
const SURFACE = fitSurface(madeChain(TWO_MONTHS, STRIKES));
const [FIRST, SECOND] = TWO_MONTHS;
const at = (days: number, strikeUsd: number) => surfaceVol(SURFACE, { expiry: AS_OF + days * DAY, strikeUsd });

test('default: at a quoted expiry the surface is its slice', () => {
  for (const { days, svi, forwardUsd } of TWO_MONTHS) {
    for (const strike of STRIKES) {
      const { vol, forwardUsd: own } = at(days, strike);
      expect(own).toBe(forwardUsd);
      expect(vol).toBeCloseTo(Math.sqrt(totalVariance(svi, log(strike / forwardUsd)) / (days / 365)), 4);
    }
  }
});

test('behavior: between two expiries total variance is linear in time at the same log-moneyness', () => {
  const k = -0.15;
  const forwardUsd = 2010 * Math.sqrt(2020 / 2010);
  const { vol, forwardUsd: own } = at(45, forwardUsd * exp(k));
  expect(own).toBeCloseTo(forwardUsd, 9);
  const w = (totalVariance(FIRST.svi, k) + totalVariance(SECOND.svi, k)) / 2;
  expect(vol).toBeCloseTo(Math.sqrt(w / (45 / 365)), 4);
});

test('behavior: total variance never falls with time at the same log-moneyness', () => {
  for (const k of [-0.3, -0.1, 0, 0.1, 0.25]) {
    let before = 0;
    for (let days = 15; days <= 66; days += 1) {
      const { w } = sectionAt(SURFACE, AS_OF + days * DAY).curve(k);
      expect(w).toBeGreaterThan(before);
      before = w;
    }
  }
});

test('behavior: nearer than the first and farther than the last, volatility and carry stay', () => {
  const k = 0.1;
  for (const [days, quoted, forwardUsd] of [
    [16, 30, 2010],
    [65, 60, 2020],
  ] as const) {
    const moved = 2000 * exp((days / quoted) * log(forwardUsd / 2000));
    const { vol, forwardUsd: own } = at(days, moved * exp(k));
    expect(own).toBeCloseTo(moved, 9);
    expect(vol).toBeCloseTo(at(quoted, forwardUsd * exp(k)).vol, 9);
  }
});

test('error: an expiry nearer than half the first or farther than 1.1 times the last', () => {
  expect(() => at(14.9, 2000)).toThrow(ExpiryOutsideSurfaceError);
  expect(() => at(66.1, 2000)).toThrow(ExpiryOutsideSurfaceError);
  expect(() => at(-1, 2000)).toThrow(ExpiryOutsideSurfaceError);
  expect(at(15, 2000).vol).toBeGreaterThan(0);
  expect(at(66, 2000).vol).toBeGreaterThan(0);
});

test('error: a strike more than half a standard deviation beyond the quoted ones', () => {
  const deviation = Math.sqrt(totalVariance(FIRST.svi, log(2000 / 2010)));
  const edge = 2700 * exp(STRIKE_REACH * deviation);
  expect(at(30, edge * 0.999).vol).toBeGreaterThan(0);
  expect(() => at(30, edge * 1.001)).toThrow(StrikeOutsideSurfaceError);
  expect(() => at(45, 1)).toThrow(/the surface answers from/);
  expect(() => at(30, -5)).toThrow(StrikeOutsideSurfaceError);
});

test('error: marks that no calendar allows and no lift can repair', () => {
  const steep = { a: 0.2, b: 1.99, rho: 0, m: 0, sigma: 0.01 };
  const flat = { a: 0.01, b: 0.001, rho: 0, m: 0, sigma: 0.1 };
  const chain = madeChain(
    [
      { days: 30, svi: steep, forwardUsd: 2000 },
      { days: 31, svi: flat, forwardUsd: 2000 },
    ],
    STRIKES,
  );
  expect(() => fitSurface(chain)).toThrow(SurfaceArbitrageError);
});
