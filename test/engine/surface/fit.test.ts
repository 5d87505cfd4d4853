import { expect, test } from 'vitest';
import { fitSvi } from '../../../src/engine/surface/fitSvi.ts';
import { nelderMead } from '../../../src/engine/surface/nelderMead.ts';
import { solveLevel } from '../../../src/engine/surface/solveLevel.ts';
import { butterfly, gridOf, type Svi, smallest, totalVariance } from '../../../src/engine/surface/svi.ts';

const SMILE: Svi = { a: 0.002, b: 0.04, rho: -0.3, m: 0.01, sigma: 0.12 };
const YEARS = 0.05;
const KS = gridOf({ low: -0.4, high: 0.4 }, 21);
const FREE = { years: YEARS, reach: { low: -0.45, high: 0.45 }, floor: () => 0, strictness: 1 };

function pointsOf(svi: Svi, ks = KS) {
  return ks.map((k) => ({ k, vol: Math.sqrt(totalVariance(svi, k) / YEARS) }));
}

test('default: the parameters that made the volatilities are found again', () => {
  const fitted = fitSvi({ ...FREE, points: pointsOf(SMILE) });
  for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) expect(fitted[name], name).toBeCloseTo(SMILE[name], 4);
  for (const { k, vol } of pointsOf(SMILE)) {
    expect(Math.sqrt(totalVariance(fitted, k) / YEARS)).toBeCloseTo(vol, 5);
  }
});

test('behavior: marks whose own curve has a negative density are fitted by one that has none', () => {
  const vogt: Svi = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
  const ks = gridOf({ low: -1, high: 1.3 }, 24);
  const points = ks.map((k) => ({ k, vol: Math.sqrt(totalVariance(vogt, k)) }));
  const task = { points, years: 1, reach: { low: -1.1, high: 1.4 }, floor: () => 0 };
  const fitted = fitSvi({ ...task, strictness: 100 });
  expect(smallest(gridOf(task.reach, 501), (k) => butterfly(fitted, k))).toBeGreaterThan(0);
  expect(Math.max(...points.map(({ k, vol }) => Math.abs(Math.sqrt(totalVariance(fitted, k)) - vol)))).toBeLessThan(
    0.03,
  );
});

test('behavior: a slice is held above the expiry before, and near its points where that is far below', () => {
  const before = (k: number) => totalVariance({ ...SMILE, a: 0.0021, rho: -0.6 }, k);
  const fitted = fitSvi({ ...FREE, points: pointsOf(SMILE), floor: before });
  expect(smallest(KS, (k) => totalVariance(fitted, k) - before(k))).toBeGreaterThan(-2e-5);
  expect(smallest(KS, (k) => totalVariance(SMILE, k) - before(k))).toBeLessThan(-2e-3);
});

test('default: level and wings solve the weighted least squares: the residual is orthogonal to each of them', () => {
  const points = KS.map((k, index) => ({
    k,
    w: 0.01 + 0.02 * k * k + 0.001 * Math.sin(index),
    weight: 1 + (index % 3),
  }));
  const [m, sigma] = [0.02, 0.1];
  const { a, right, left } = solveLevel({ points, floors: [], m, sigma });
  expect(Math.min(right, left)).toBeGreaterThan(0);
  const rests = points.map(({ k, w, weight }) => {
    const y = (k - m) / sigma;
    const z = Math.sqrt(y * y + 1);
    const basis = [1, (z + y) / 2, (z - y) / 2] as const;
    return { basis, rest: weight * weight * (w - a - right * basis[1] - left * basis[2]) };
  });
  for (const column of [0, 1, 2] as const) {
    expect(rests.reduce((total, { basis, rest }) => total + rest * basis[column], 0)).toBeCloseTo(0, 12);
  }
});

test('behavior: no wing falls, whatever the points do', () => {
  const points = KS.map((k) => ({ k, w: 0.02 - 0.03 * k * k, weight: 1 }));
  const { a, right, left } = solveLevel({ points, floors: [], m: 0, sigma: 0.1 });
  expect([right, left]).toEqual([0, 0]);
  expect(a).toBeCloseTo(points.reduce((total, { w }) => total + w, 0) / points.length, 12);
});

test('behavior: a floor counts only where it is missed', () => {
  const points = KS.map((k) => ({ k, w: 0.02, weight: 1 }));
  const floors = (w: number) => KS.map((k) => ({ k, w, weight: 1000 }));
  const own = solveLevel({ points, floors: floors(0.01), m: 0, sigma: 0.1 });
  expect(own.a + (own.right + own.left) / 2).toBeCloseTo(0.02, 10);
  const raised = solveLevel({ points, floors: floors(0.03), m: 0, sigma: 0.1 });
  expect(raised.a + (raised.right + raised.left) / 2).toBeCloseTo(0.03, 6);
});

test("default: the simplex finds the end of Rosenbrock's valley", () => {
  const cost = (x: number, y: number) => (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
  const found = nelderMead({ cost, start: { x: -1.2, y: 1 }, step: { x: 0.5, y: 0.5 }, iterations: 200 });
  expect(found.x).toBeCloseTo(1, 6);
  expect(found.y).toBeCloseTo(1, 6);
});
