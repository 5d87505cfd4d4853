import { expect, test } from 'vitest';
import { normalCdf } from '../../src/engine/math.ts';
import { binomialCdf } from '../../src/statistics/binomial.ts';
import { chiSquareTail, incompleteBeta, logGamma } from '../../src/statistics/gamma.ts';
import { normalQuantile } from '../../src/statistics/normalQuantile.ts';
import { studentTCdf, studentTLogDensity, studentTQuantile } from '../../src/statistics/studentT.ts';

/** To so many relative digits. */
function near(actual: number, expected: number, relative = 1e-12): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

// Published quantiles of the tables (5 % of χ²), and SciPy 1.17.1, which computes them by other methods (Cephes, Boost).
test.each([
  [3.841458820694124, 1, 0.05],
  [5.991464547107979, 2, 0.05],
  [18.307038053275146, 10, 0.05],
  [40, 57, 0.9573961157466311],
  [80, 57, 0.023934022659329698],
])('default: χ² exceeds %d with %d degrees as published', (x, degrees, tail) => {
  near(chiSquareTail(x, degrees), tail, 2e-12);
});

test('behavior: χ² with one and two degrees is the normal and the exponential tail', () => {
  for (let x = 0.01; x < 60; x += 0.37) {
    near(chiSquareTail(x, 1), 2 * normalCdf(-Math.sqrt(x)), 1e-11);
    near(chiSquareTail(x, 2), Math.exp(-x / 2), 1e-11);
  }
  expect([chiSquareTail(0, 3), chiSquareTail(Number.POSITIVE_INFINITY, 3)]).toEqual([1, 0]);
});

test.each([
  [1e-10, -6.361340902404056],
  [0.01, -2.3263478740408408],
  [0.025, -1.9599639845400545],
  [0.3, -0.5244005127080409],
  [0.999, 3.090232306167813],
])('default: the normal quantile at %d is as published', (p, z) => {
  near(normalQuantile(p), z, 4e-14);
});

test('behavior: the normal quantile turns the distribution around, and ends in infinities', () => {
  for (let z = -8; z < 5; z += 0.173) near(normalCdf(normalQuantile(normalCdf(z))), normalCdf(z), 2e-12);
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)].map((z) => z + 0)).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    0,
  ]);
  expect([normalQuantile(-0.1), normalQuantile(1.1)]).toEqual([Number.NaN, Number.NaN]);
});

test.each([
  [0.975, 4, 2.7764451051977934],
  [0.99, 3, 4.540702858568132],
  [0.001, 7, -4.785289628638334],
])("default: Student's t at %d with %d degrees is as published", (p, degrees, x) => {
  near(studentTQuantile(p, degrees), x, 1e-11);
  near(studentTCdf(x, degrees), p, 1e-11);
});

test("behavior: the density of Student's t is the slope of its distribution", () => {
  near(studentTLogDensity(1.7, 5), -2.3370942563257717);
  const slope = (studentTCdf(1.7001, 5) - studentTCdf(1.6999, 5)) / 0.0002;
  near(Math.log(slope), studentTLogDensity(1.7, 5), 1e-7);
});

test('default: ln Γ is that of factorials and of a half', () => {
  near(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-14);
  near(logGamma(123.4), 469.3360974421906, 1e-14);
  let factorial = 1;
  for (let n = 3; n < 20; n += 1) {
    factorial *= n - 1;
    near(logGamma(n), Math.log(factorial), 1e-14);
  }
});

test('default: the binomial distribution is the sum of its terms', () => {
  let [term, total] = [0.97 ** 40, 0];
  for (let k = 0; k < 40; k += 1) {
    total += term;
    near(binomialCdf(k, { n: 40, p: 0.03 }), total, 1e-11);
    term *= ((40 - k) / (k + 1)) * (0.03 / 0.97);
  }
  near(binomialCdf(4, { n: 250, p: 0.01 }), 0.8921876269036251);
  expect([binomialCdf(-1, { n: 4, p: 0.5 }), binomialCdf(4, { n: 4, p: 0.5 })]).toEqual([0, 1]);
});

test('behavior: the incomplete beta function and its mirror are 1 together', () => {
  for (const [a, b] of [
    [0.5, 0.5],
    [2, 7],
    [950, 50],
  ] as const) {
    for (let x = 0.05; x < 1; x += 0.09) near(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a), 1, 1e-12);
  }
});
