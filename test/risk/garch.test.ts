import { expect, test } from 'vitest';
import { changesOf } from '../../src/history/changes.ts';
import { readPrices, seriesOf } from '../../src/history/prices.ts';
import {
  ewmaFilter,
  ewmaVariances,
  FlatSeriesError,
  fitDecay,
  logLikelihood,
  type VarianceFilter,
  variancesOf,
} from '../../src/risk/ewma.ts';
import { fitGarch, longRunVariance } from '../../src/risk/garch.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { dataText } from '../history/data.ts';

/** Changes that follow the recursion, with normal shocks. */
function simulate(filter: VarianceFilter, { count, seed }: { count: number; seed: number }): Float64Array {
  const random = createRandom(seed);
  const changes = new Float64Array(count);
  let variance = longRunVariance(filter) ?? 1;
  for (let index = 0; index < count; index += 1) {
    const change = Math.sqrt(variance) * random.normal();
    changes[index] = change;
    variance = filter.omega + filter.alpha * change * change + filter.beta * variance;
  }
  return changes;
}

const likelihoodOf = (changes: Float64Array, filter: VarianceFilter) =>
  logLikelihood(changes, variancesOf(changes, filter));

test('default: the recursion by hand; an average is one without a return', () => {
  const changes = Float64Array.from({ length: 40 }, (_, index) => (index < 30 ? 0.01 : 0.03));
  const variances = variancesOf(changes, { omega: 1e-5, alpha: 0.1, beta: 0.8 });
  expect(variances[30]).toBeCloseTo(1e-4, 14);
  expect(variances[31]).toBeCloseTo(1e-5 + 0.1 * 9e-4 + 0.8 * 1e-4, 14);
  expect(variancesOf(changes, ewmaFilter(0.94))).toEqual(ewmaVariances(changes, 0.94));
  expect([longRunVariance({ omega: 1e-5, alpha: 0.1, beta: 0.8 }), longRunVariance(ewmaFilter(0.9))]).toEqual([
    expect.closeTo(1e-4, 12),
    null,
  ]);
});

test.each([
  [0.05, 0.9],
  [0.1, 0.85],
  [0.2, 0.6],
])('default: α = %d and β = %d are found again in 4,000 changes, within 0.035 and 0.07', (alpha, beta) => {
  const filter = { omega: 4e-4 * (1 - alpha - beta), alpha, beta };
  for (const seed of [1, 2]) {
    const fitted = fitGarch(simulate(filter, { count: 4000, seed }));
    expect(Math.abs(fitted.alpha - alpha)).toBeLessThan(0.035);
    expect(Math.abs(fitted.beta - beta)).toBeLessThan(0.07);
    expect(longRunVariance(fitted)).toBeGreaterThan(0.75 * 4e-4);
    expect(longRunVariance(fitted)).toBeLessThan(1.25 * 4e-4);
  }
});

test('behavior: on the days of bitcoin nothing on a grid is likelier, and the likeliest average is not either', () => {
  const series = seriesOf(readPrices(dataText('daily_prices.csv.gz')), 'BTC');
  const changes = changesOf([series]).columns[0] ?? new Float64Array(0);
  const fitted = fitGarch(changes);
  const best = likelihoodOf(changes, fitted);
  const target = longRunVariance(fitted) ?? 0;
  for (let alpha = 0.01; alpha < 0.5; alpha += 0.01) {
    for (let beta = 0.4; alpha + beta < 0.999; beta += 0.01) {
      const other = { omega: target * (1 - alpha - beta), alpha, beta };
      expect(likelihoodOf(changes, other)).toBeLessThanOrEqual(best + 1e-9);
    }
  }
  expect(likelihoodOf(changes, ewmaFilter(fitDecay(changes)))).toBeLessThan(best);
  expect(target).toBeCloseTo(changes.reduce((total, change) => total + change * change, 0) / changes.length, 12);
});

test('error: a series that does not move has no volatility', () => {
  expect(() => fitGarch(new Float64Array(100))).toThrow(FlatSeriesError);
});
