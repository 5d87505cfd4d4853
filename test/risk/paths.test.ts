import { expect, test } from 'vitest';
import { changesOf } from '../../src/history/changes.ts';
import { HOUR_SECONDS, readPrices } from '../../src/history/prices.ts';
import { filteredDraws, standardise } from '../../src/risk/draws.ts';
import { forecastDraws, METHODS } from '../../src/risk/forecast.ts';
import { copulaPaths, filteredPaths, historicalPaths } from '../../src/risk/paths.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { dataText } from '../history/data.ts';

const DAY = 86_400;
const random = createRandom(31);
const columns = [0.02, 0.05].map((size) => Float64Array.from({ length: 600 }, () => size * random.normal()));
const CHANGES = {
  factors: ['A', 'B'],
  times: columns[0] ? [...columns[0].keys()].map((i) => DAY * i) : [],
  columns,
  missing: 0,
};
const FILTERS = [
  { omega: 1e-5, alpha: 0.1, beta: 0.85 },
  { omega: 0, alpha: 0.05, beta: 0.95 },
];
const STANDARD = standardise(CHANGES, FILTERS);
const meanSquare = (values: readonly number[]) =>
  values.reduce((total, value) => total + value * value, 0) / values.length;
const column = (rows: readonly Float64Array[], factor: number) => rows.map((row) => row[factor] ?? Number.NaN);

test('default: historical runs are sums of what followed each other; each factor over its own time', () => {
  const { rows } = historicalPaths(CHANGES, { steps: [3, 1], window: 50 }, DAY);
  expect(rows.length).toBe(48);
  const [a, b] = columns.map((own) => [...own.subarray(-50)]) as [number[], number[]];
  expect(rows[10]?.[0]).toBeCloseTo((a[10] ?? 0) + (a[11] ?? 0) + (a[12] ?? 0), 14);
  expect(rows[10]?.[1]).toBe(b[10]);
});

test('behavior: no run goes across a gap', () => {
  const times = CHANGES.times.map((time, index) => (index < 580 ? time : time + DAY));
  const { rows } = historicalPaths({ ...CHANGES, times }, { steps: [3, 3], window: 50 }, DAY);
  // The two runs that would need the periods on both sides of it.
  expect(rows.length).toBe(46);
});

test('default: one step of a filtered path is one of the filtered draws', () => {
  const draws = filteredDraws(STANDARD, 200).rows.map((row) => [...row].map((x) => x.toPrecision(12)).join());
  const { rows } = filteredPaths(STANDARD, { steps: [1, 1], window: 200, count: 300, seed: 4 });
  for (const row of rows) expect(draws).toContain([...row].map((x) => x.toPrecision(12)).join());
  expect(new Set(column(rows, 0)).size).toBeGreaterThan(100);
});

test('default: over ten steps the variance is what the recursion expects, not the root of time alone', () => {
  const steps = [10, 10];
  const { rows } = filteredPaths(STANDARD, { steps, window: 600, count: 20_000, seed: 5 });
  FILTERS.forEach(({ omega, alpha, beta }, factor) => {
    const ownSquare = meanSquare([...(STANDARD.columns[factor] ?? [])]);
    let variance = (STANDARD.next[factor] ?? 0) ** 2;
    let expected = 0;
    for (let step = 0; step < 10; step += 1) {
      expected += variance * ownSquare;
      variance = omega + (alpha * ownSquare + beta) * variance;
    }
    expect(Math.abs(meanSquare(column(rows, factor)) / expected - 1)).toBeLessThan(0.06);
  });
});

test('behavior: a factor that is held for less moves for less; the others as they would have', () => {
  const options = { window: 600, count: 500, seed: 6 };
  const long = filteredPaths(STANDARD, { ...options, steps: [5, 5] });
  const short = filteredPaths(STANDARD, { ...options, steps: [2, 5] });
  expect(column(short.rows, 1)).toEqual(column(long.rows, 1));
  expect(meanSquare(column(short.rows, 0))).toBeLessThan(0.6 * meanSquare(column(long.rows, 0)));
});

test('behavior: paths by a copula have the same variance, and by Student heavier joint tails', () => {
  const options = { steps: [4, 4], window: 600, count: 4000, seed: 7 };
  const [gauss, student] = [copulaPaths(STANDARD, options), copulaPaths(STANDARD, { ...options, degrees: 3 })];
  const filtered = filteredPaths(STANDARD, options);
  for (const { rows } of [gauss, student])
    expect(Math.abs(meanSquare(column(rows, 0)) / meanSquare(column(filtered.rows, 0)) - 1)).toBeLessThan(0.12);
});

test('default: every method forecasts one step and several, the same bits from the same seed, others from another', () => {
  for (const method of METHODS) {
    for (const steps of [
      [1, 1],
      [3, 2],
    ]) {
      const forecasting = { method, steps, window: 300, count: 400, seed: 3, stepSeconds: DAY };
      const { draws, filters, degrees } = forecastDraws(CHANGES, forecasting);
      expect(forecastDraws(CHANGES, forecasting).draws).toEqual(draws);
      const isSimulated = ['gaussian', 'student'].includes(method) || (steps[0] === 3 && method !== 'historical');
      const other = forecastDraws(CHANGES, { ...forecasting, seed: 4 }).draws;
      if (isSimulated) expect(other).not.toEqual(draws);
      else expect(other).toEqual(draws);
      expect(draws.rows.length).toBe(isSimulated ? 400 : 300 - (steps[0] === 3 ? 2 : 0));
      expect(filters.length).toBe(method === 'historical' ? 0 : 2);
      expect(degrees === undefined).toBe(method !== 'student');
    }
  }
});

test('default: an hour of March 2020: filtered draws follow the hours, a history of the same hours does not', () => {
  const series = readPrices(dataText('hourly_prices_2020-03.csv.gz'), HOUR_SECONDS);
  const changes = changesOf(series, HOUR_SECONDS);
  const crash = changes.times.findIndex((time) => time >= Date.parse('2020-03-13T03:00Z') / 1000);
  const before = {
    ...changes,
    columns: changes.columns.map((own) => own.subarray(0, crash)),
    times: changes.times.slice(0, crash),
  };
  const forecasting = {
    window: 200,
    count: 0,
    seed: 1,
    steps: changes.factors.map(() => 1),
    stepSeconds: HOUR_SECONDS,
  };
  const [past, filtered] = (['historical', 'filtered'] as const).map((method) =>
    meanSquare(column(forecastDraws(before, { ...forecasting, method }).draws.rows, 0)),
  );
  expect(filtered).toBeGreaterThan(2 * (past ?? 0));
});
