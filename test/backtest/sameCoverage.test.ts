import { expect, test } from 'vitest';
import { breakDown } from '../../src/backtest/breakdown.ts';
import { comparePresets, frontierOf } from '../../src/backtest/frontier.ts';
import type { BookRecord } from '../../src/backtest/record.ts';
import { allowedHits, atCoverage } from '../../src/backtest/sameCoverage.ts';
import { type BookResult, summarise } from '../../src/backtest/summarise.ts';
import { createRandom } from '../../src/statistics/random.ts';

const random = createRandom(3);
const DAYS = 1000;
const lossesUsd = Array.from({ length: DAYS }, () => 100 * random.normal());
const limitsUsd = Array.from({ length: DAYS }, () => 150 + 50 * random.uniform());
const siloedUsd = lossesUsd.map(() => 200);
const beyond = (scale: number) => lossesUsd.filter((loss, index) => loss > scale * (limitsUsd[index] ?? 0)).length;

test('default: counted again, the multiple is exceeded as often as asked, and just under it once more', () => {
  for (const hits of [0, 1, 10, 55]) {
    const scale = atCoverage({ lossesUsd, limitsUsd, siloedUsd }, hits)?.scale ?? Number.NaN;
    expect([beyond(scale * (1 + 1e-12)), beyond(scale * (1 - 1e-9))]).toEqual([hits, hits + 1]);
  }
});

test('behavior: capital is the multiple of what was asked, against siloed', () => {
  const found = atCoverage({ lossesUsd: [10, -5, 30, 60], limitsUsd: [20, 20, 20, 20], siloedUsd: [5, 5, 5, 5] }, 1);
  expect(found).toEqual({ hits: 1, scale: 1.5, capitalToSiloed: 6 });
  expect(atCoverage({ lossesUsd, limitsUsd, siloedUsd: [] }, 1)?.capitalToSiloed).toBeNull();
});

test('behavior: where nothing is asked on days of loss no multiple is enough, unless they may be exceeded', () => {
  const asked = { lossesUsd: [1, 2, -3, 4], limitsUsd: [0, 0, 0, 2], siloedUsd: [1, 1, 1, 1] };
  expect(atCoverage(asked, 1)).toBeNull();
  expect(atCoverage(asked, 2)?.scale).toBe(2);
});

test('behavior: a level allows its share of days, by whole ones', () => {
  expect([allowedHits(1000, 0.99), allowedHits(250, 0.99), allowedHits(250, 0.975)]).toEqual([10, 2, 6]);
});

const day = (date: string) => Date.parse(date) / 1000;
const margin = (model: string, limits: readonly number[]) =>
  ({ model, measure: 'margin', level: 0.99, limitsUsd: limits, capitalUsd: limits }) as const;

/** Two books of four days over a new year; the last day of each has nothing to compare. */
const RECORDS: readonly BookRecord[] = [
  {
    name: 'a',
    assets: ['ETH', 'BTC'],
    times: ['2023-12-30', '2023-12-31', '2024-01-01', '2024-01-02'].map(day),
    regimes: ['calm', 'calm', 'stress', 'stress'],
    lossesUsd: [5, 15, 25, null],
    tracks: [
      margin('crossmargin-1', [20, 20, 20, 20]),
      margin('siloed', [10, 10, 10, 10]),
      margin('span16', [5, 5, 5, 5]),
    ],
  },
  {
    name: 'b',
    assets: ['BTC'],
    times: ['2023-12-30', '2023-12-31', '2024-01-01', '2024-01-02'].map(day),
    regimes: ['calm', 'stress', 'stress', 'stress'],
    lossesUsd: [-1, 8, 2, null],
    tracks: [
      margin('crossmargin-1', [10, 10, 10, 10]),
      margin('siloed', [10, 10, 10, 10]),
      { model: 'span16', measure: 'margin', refused: 'UnderlyingError' },
    ],
  },
];

test('default: days by year, by asset and by regime', () => {
  const { byYear, byAsset, byRegime } = breakDown(RECORDS);
  const of = <T extends { model: string }>(rows: readonly T[], model: string) =>
    rows.filter((row) => row.model === model);
  expect(of(byYear, 'siloed')).toEqual([
    {
      year: 2023,
      model: 'siloed',
      measure: 'margin',
      level: 0.99,
      books: 2,
      observations: 4,
      hits: 1,
      coverage: 0.75,
      capitalToSiloed: 1,
    },
    {
      year: 2024,
      model: 'siloed',
      measure: 'margin',
      level: 0.99,
      books: 2,
      observations: 2,
      hits: 1,
      coverage: 0.5,
      capitalToSiloed: 1,
    },
  ]);
  expect(of(byAsset, 'crossmargin-1')).toMatchObject([
    { asset: 'BTC+ETH', books: 1, observations: 3, hits: 1, capitalToSiloed: 2 },
    { asset: 'BTC', books: 1, observations: 3, hits: 0, capitalToSiloed: 1 },
  ]);
  expect(of(byRegime, 'siloed')).toMatchObject([
    { regime: 'calm', observations: 3, hits: 1 },
    { regime: 'stress', observations: 3, hits: 1 },
  ]);
});

test('default: the frontier is of the books that all models answer; each preset is compared on all of its own', () => {
  const { books, points, curves } = frontierOf(RECORDS);
  expect(books).toEqual(['a']);
  expect(points.map(({ model, hits, capitalToSiloed }) => [model, hits, capitalToSiloed])).toEqual([
    ['crossmargin-1', 1, 2],
    ['siloed', 2, 1],
    ['span16', 2, 0.5],
  ]);
  expect(curves.siloed).toEqual([{ hits: 0, scale: 2.5, capitalToSiloed: 2.5 }]);
  const presets = comparePresets(RECORDS);
  expect(presets.map(({ model, books: count }) => [model, count])).toEqual([
    ['crossmargin-1', 2],
    ['siloed', 2],
    ['span16', 1],
  ]);
  expect(presets[2]).toMatchObject({
    hits: 2,
    baseline: { hits: 1 },
    sameCoverage: { hits: 1, scale: 3, capitalToSiloed: 1.5 },
    capitalToBaseline: 0.75,
  });
});

test('behavior: a row of a margin says what it takes at the coverage of crossmargin-1, and by regime', () => {
  const rows = summarise(RECORDS[0] as BookRecord).filter((row): row is BookResult => 'hits' in row);
  expect(rows[1]).toMatchObject({
    model: 'siloed',
    sameCoverage: { hits: 1, scale: 1.5, capitalToSiloed: 1.5 },
    atLevel: { hits: 0, scale: 2.5 },
    byRegime: { calm: { observations: 2, hits: 1 }, stress: { observations: 1, hits: 1 } },
    byYear: { 2023: { observations: 2 }, 2024: { observations: 1 } },
    firstDay: day('2023-12-30'),
    lastDay: day('2024-01-02'),
  });
});
