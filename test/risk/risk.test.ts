import { expect, test } from 'vitest';
import { normalCdf } from '../../src/engine/math.ts';
import { ewmaCorrelation, shrink } from '../../src/risk/correlation.ts';
import { copulaDraws, empiricalQuantile, filteredDraws, historicalDraws, standardise } from '../../src/risk/draws.ts';
import { ewmaVariances, FlatSeriesError, fitDecay } from '../../src/risk/ewma.ts';
import { fitDegrees } from '../../src/risk/fitCopula.ts';
import { cholesky, eigen, NotPositiveDefiniteError, nearestCorrelation } from '../../src/risk/matrix.ts';
import { normalQuantile } from '../../src/statistics/normalQuantile.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { studentTQuantile } from '../../src/statistics/studentT.ts';
import { expectedShortfall, shortfallError, valueAtRisk } from '../../src/statistics/tail.ts';

const TWO = ['A', 'B'];
const correlated = (rho: number) => [
  [1, rho],
  [rho, 1],
];

test('default: the average by hand, and only of what came before', () => {
  const changes = Float64Array.from({ length: 40 }, (_, index) => (index < 30 ? 0.01 : 0.03));
  const variances = ewmaVariances(changes, 0.9);
  expect(variances[30]).toBeCloseTo(1e-4, 12);
  expect(variances[31]).toBeCloseTo(0.9e-4 + 0.1 * 9e-4, 12);
  const other = ewmaVariances(changes.with(35, 9), 0.9);
  expect([...other.subarray(0, 36)]).toEqual([...variances.subarray(0, 36)]);
  expect(other[36]).toBeGreaterThan(variances[36] ?? 0);
});

test('error: a flat series, and one that is too short, have no volatility', () => {
  expect(() => ewmaVariances(new Float64Array(100), 0.94)).toThrow(FlatSeriesError);
  expect(() => ewmaVariances(new Float64Array(10).fill(1), 0.94)).toThrow(FlatSeriesError);
});

test('behavior: the likeliest decay is near the one that the changes were drawn with', () => {
  const random = createRandom(21);
  for (const decay of [0.88, 0.96]) {
    const changes = new Float64Array(3000);
    let variance = 1e-4;
    for (let index = 0; index < changes.length; index += 1) {
      const change = Math.sqrt(variance) * random.normal();
      changes[index] = change;
      variance = Math.min(1, Math.max(1e-6, decay * variance + (1 - decay) * change * change));
    }
    expect(Math.abs(fitDecay(changes) - decay)).toBeLessThan(0.025);
  }
});

test("default: Higham's example: the correlation matrix nearest to a tridiagonal one", () => {
  const matrix = [
    [1, 1, 0],
    [1, 1, 1],
    [0, 1, 1],
  ];
  expect(() => cholesky(matrix)).toThrow(NotPositiveDefiniteError);
  const nearest = nearestCorrelation(matrix);
  // Higham (2002), §4: 0.7607 and 0.1573.
  expect(nearest[0]?.[1]).toBeCloseTo(0.7607, 4);
  expect(nearest[0]?.[2]).toBeCloseTo(0.1573, 4);
  expect(() => cholesky(nearest)).not.toThrow();
});

test('behavior: eigenvectors and triangle give the matrix back; one that is a correlation stays', () => {
  const matrix = [
    [1, 0.6, -0.2],
    [0.6, 1, 0.1],
    [-0.2, 0.1, 1],
  ];
  const { values, vectors } = eigen(matrix);
  const lower = cholesky(matrix);
  const nearest = nearestCorrelation(matrix);
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      const rebuilt = values.reduce((sum, of, k) => sum + of * (vectors[i]?.[k] ?? 0) * (vectors[j]?.[k] ?? 0), 0);
      expect(rebuilt).toBeCloseTo(value, 12);
      expect(lower[i]?.reduce((sum, of, k) => sum + of * (lower[j]?.[k] ?? 0), 0)).toBeCloseTo(value, 12);
      expect(nearest[i]?.[j]).toBeCloseTo(value, 6);
    });
  });
  expect(shrink(matrix, 1)[0]?.[1]).toBeCloseTo(0.5 / 3, 12);
  expect(shrink(matrix, 0)).toEqual(matrix);
});

test('behavior: drawn correlations and degrees of freedom are found again; margins are as asked', () => {
  for (const degrees of [undefined, 4]) {
    const copula = {
      correlation: correlated(0.6),
      ...(degrees === undefined ? {} : { degrees }),
      quantile: (_: number, p: number) => normalQuantile(p),
    };
    const { rows } = copulaDraws(TWO, copula, { seed: 5, count: 1200 });
    const columns = [0, 1].map((factor) => Float64Array.from(rows, (row) => row[factor] ?? 0));
    expect(ewmaCorrelation(columns, 1)[0]?.[1]).toBeGreaterThan(0.5);
    expect(ewmaCorrelation(columns, 1)[0]?.[1]).toBeLessThan(0.7);
    const sorted = columns[0]?.sort() ?? [];
    expect(Math.abs(valueAtRisk(sorted, 0.95) - 1.6449)).toBeLessThan(0.3);
    const fitted = fitDegrees(
      columns.length === 0 ? [] : [0, 1].map((f) => Float64Array.from(rows, (row) => row[f] ?? 0)),
      correlated(0.6),
    );
    if (degrees === undefined) expect(fitted).toBeGreaterThanOrEqual(12);
    else expect([3, 4, 5, 6]).toContain(fitted);
  }
});

test('behavior: the joint tail of Student is heavier than that of Gauss with the same correlation', () => {
  const both = (degrees?: number) => {
    const copula = {
      correlation: correlated(0.5),
      quantile: (_: number, p: number) => p,
      ...(degrees === undefined ? {} : { degrees }),
    };
    const { rows } = copulaDraws(TWO, copula, { seed: 8, count: 10_000 });
    return rows.filter((row) => (row[0] ?? 0) < 0.01 && (row[1] ?? 0) < 0.01).length;
  };
  expect(both(3)).toBeGreaterThan(1.5 * both());
});

test('default: Monte Carlo goes to the closed form of a log-normal asset as one over the root of the draws', () => {
  const [sigma, level] = [0.05, 0.975];
  const z = normalQuantile(1 - level);
  const varExact = 1 - Math.exp(sigma * z);
  const esExact = 1 - (Math.exp((sigma * sigma) / 2) * normalCdf(z - sigma)) / (1 - level);
  const copula = { correlation: [[1]], quantile: (_: number, p: number) => sigma * normalQuantile(p) };
  const error = (count: number) => {
    let [square, varMean] = [0, 0];
    for (let seed = 0; seed < 24; seed += 1) {
      const { rows } = copulaDraws(['A'], copula, { seed, count });
      const losses = Float64Array.from(rows, (row) => 1 - Math.exp(row[0] ?? 0)).sort();
      square += (expectedShortfall(losses, level) - esExact) ** 2 / 24;
      varMean += valueAtRisk(losses, level) / 24;
    }
    expect(Math.abs(varMean - varExact)).toBeLessThan((12 * sigma) / Math.sqrt(24 * count));
    return Math.sqrt(square);
  };
  const ratio = error(250) / error(4000);
  // Sixteen times the draws, a quarter of the error; 24 seeds tell it to about a fifth.
  expect(ratio).toBeGreaterThan(2.2);
  expect(ratio).toBeLessThan(6.5);
});

test('behavior: the same seed gives the same draws to the bit, another seed others', () => {
  const copula = {
    correlation: correlated(0.3),
    degrees: 5,
    quantile: (_: number, p: number) => studentTQuantile(p, 5),
  };
  const draw = (seed: number) => copulaDraws(TWO, copula, { seed, count: 20 });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('default: historical draws are the last changes; filtered ones are those at the volatility of now', () => {
  const random = createRandom(2);
  const column = Float64Array.from({ length: 200 }, (_, index) => (index < 150 ? 0.01 : 0.05) * random.normal());
  const changes = { factors: ['A'], times: [...column.keys()], columns: [column], missing: 0 };
  expect(historicalDraws(changes, 3).rows.map((row) => row[0])).toEqual([...column.subarray(-3)]);
  const standard = standardise(changes, [0.9]);
  const variances = ewmaVariances(column, 0.9);
  const { rows } = filteredDraws(standard, 200);
  expect(rows[60]?.[0]).toBeCloseTo(
    ((column[60] ?? 0) * Math.sqrt(variances[200] ?? 0)) / Math.sqrt(variances[60] ?? 1),
    14,
  );
  const quantile = empiricalQuantile(standard, 200);
  const sorted = Float64Array.from(rows, (row) => row[0] ?? 0).sort();
  expect([quantile(0, 1e-9), quantile(0, 1)]).toEqual([sorted[0], sorted[199]].map((x) => expect.closeTo(x ?? 0, 14)));
});

test('behavior: another seed moves ES by no more than its standard error says', () => {
  const copula = { correlation: [[1]], degrees: 4, quantile: (_: number, p: number) => 0.05 * normalQuantile(p) };
  const results = Array.from({ length: 40 }, (_, seed) => {
    const { rows } = copulaDraws(['A'], copula, { seed, count: 2000 });
    const losses = Float64Array.from(rows, (row) => 1 - Math.exp(row[0] ?? 0)).sort();
    return { es: expectedShortfall(losses, 0.975), error: shortfallError(losses, 0.975) };
  });
  const mean = results.reduce((total, { es }) => total + es / 40, 0);
  const spread = Math.sqrt(results.reduce((total, { es }) => total + (es - mean) ** 2 / 39, 0));
  const stated = results.reduce((total, { error }) => total + error / 40, 0);
  // Forty seeds tell a spread to about a ninth.
  expect(spread / stated).toBeGreaterThan(0.65);
  expect(spread / stated).toBeLessThan(1.35);
  expect(results.filter(({ es, error }) => Math.abs(es - mean) > 3 * error)).toEqual([]);
});
