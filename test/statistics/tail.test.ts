import { expect, test } from 'vitest';
import { acerbiSzekely, type ForecastDay } from '../../src/statistics/acerbiSzekely.ts';
import { normalQuantile } from '../../src/statistics/normalQuantile.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { expectedShortfall, NoLossesError, valueAtRisk } from '../../src/statistics/tail.ts';

const LEVELS = [0.95, 0.975, 0.99];
const NORMAL = Float64Array.from({ length: 400 }, (_, cell) => normalQuantile((cell + 0.5) / 400));

test('default: VaR and ES of a hundred losses by hand', () => {
  const losses = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(valueAtRisk(losses, 0.95)).toBe(95);
  expect(expectedShortfall(losses, 0.95)).toBeCloseTo(98, 12);
  // The worst 2.5: 100, 99 and half of 98.
  expect(valueAtRisk(losses, 0.975)).toBe(98);
  expect(expectedShortfall(losses, 0.975)).toBeCloseTo((100 + 99 + 49) / 2.5, 12);
  expect([valueAtRisk([7], 0.99), expectedShortfall([7], 0.99)]).toEqual([7, 7]);
  expect(() => valueAtRisk([], 0.99)).toThrow(NoLossesError);
});

test('behavior: ES is never below VaR, grows with the level, scales and shifts with the losses', () => {
  const random = createRandom(11);
  for (let round = 0; round < 200; round += 1) {
    const losses = Float64Array.from(
      { length: 1 + Math.floor(random.uniform() * 300) },
      () => random.normal() ** 3,
    ).sort();
    const shortfalls = LEVELS.map((level) => expectedShortfall(losses, level));
    LEVELS.forEach((level, index) => {
      expect(shortfalls[index]).toBeGreaterThanOrEqual(valueAtRisk(losses, level) - 1e-12);
    });
    expect([...shortfalls].sort((a, b) => a - b)).toEqual(shortfalls);
    expect(
      expectedShortfall(
        losses.map((loss) => 3 * loss + 1),
        0.975,
      ),
    ).toBeCloseTo(3 * (shortfalls[1] ?? 0) + 1, 9);
  }
});

test('behavior: ES of two books together is at most the sum of theirs; VaR need not be', () => {
  const random = createRandom(12);
  const sorted = (losses: readonly number[]) => Float64Array.from(losses).sort();
  let above = 0;
  for (let round = 0; round < 300; round += 1) {
    const size = 20 + Math.floor(random.uniform() * 200);
    const one = Array.from({ length: size }, () => random.normal() ** 3);
    const two = Array.from({ length: size }, (_, index) => random.normal() ** 3 - (one[index] ?? 0) * random.uniform());
    const both = sorted(one.map((loss, index) => loss + (two[index] ?? 0)));
    for (const level of LEVELS) {
      const apart = expectedShortfall(sorted(one), level) + expectedShortfall(sorted(two), level);
      expect(expectedShortfall(both, level)).toBeLessThanOrEqual(apart + 1e-9);
      if (valueAtRisk(both, level) > valueAtRisk(sorted(one), level) + valueAtRisk(sorted(two), level)) above += 1;
    }
  }
  expect(above).toBeGreaterThan(0);
});

function normalDays(count: number, random: () => number): ForecastDay[] {
  return Array.from({ length: count }, () => ({ losses: NORMAL, loss: random() }));
}

test('default: the 5 % critical value of Z2 for 250 normal days at 97.5 % is the published −0.70', () => {
  const random = createRandom(5);
  const scores = Array.from({ length: 400 }, () =>
    acerbiSzekely(normalDays(250, random.normal), { level: 0.975, seed: 1, simulations: 0 }),
  );
  const z2 = Float64Array.from(scores.map((score) => score.z2)).sort();
  expect(z2[20]).toBeGreaterThan(-0.82);
  expect(z2[20]).toBeLessThan(-0.58);
  // Right forecasts score 0 on average.
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  expect(Math.abs(mean([...z2]))).toBeLessThan(0.06);
  expect(Math.abs(mean(scores.map(({ z3 }) => z3)))).toBeLessThan(0.06);
});

test('behavior: right forecasts are rejected as often as the level of the test, wrong ones nearly always', () => {
  const random = createRandom(6);
  const options = { level: 0.975, seed: 2, simulations: 100 };
  const right = Array.from({ length: 30 }, () => acerbiSzekely(normalDays(250, random.normal), options));
  for (const test_ of ['p1', 'p2', 'p3'] as const) {
    expect(right.filter((result) => (result[test_] ?? 1) < 0.05).length).toBeLessThan(8);
  }
  const wrong = acerbiSzekely(
    normalDays(250, () => 1.6 * random.normal()),
    options,
  );
  expect([wrong.p1, wrong.p2, wrong.p3].every((p) => p !== null && p < 0.02)).toBe(true);
  expect(
    acerbiSzekely(
      normalDays(250, () => 0),
      options,
    ),
  ).toMatchObject({ z1: null, p1: null, z2: 1 });
});

test('behavior: the same seed gives the same probabilities', () => {
  const days = normalDays(100, createRandom(9).normal);
  const options = { level: 0.95, seed: 4, simulations: 100 };
  expect(acerbiSzekely(days, options)).toEqual(acerbiSzekely(days, options));
});
