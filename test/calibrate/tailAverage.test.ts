import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderTails, TAIL_FILE, tailHistory } from '../../scripts/tailAverage.ts';
import { FewPeriodsError } from '../../src/calibrate/errors.ts';
import { mergeNearest } from '../../src/calibrate/merge.ts';
import { readPeriods } from '../../src/calibrate/periods.ts';
import { DimensionError, outermost } from '../../src/calibrate/shell.ts';
import { measureTails } from '../../src/calibrate/tailAverage.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import type { TailParameters } from '../../src/engine/models/families.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { book, MARKET, option, token } from '../engine/books.ts';

const history = tailHistory();
const kept = measureTails(history);
const all = measureTails(history, { keepsAll: true });
/** At 80 % for each, so that no draw meets the cap. */
const ASSETS = {
  ...MARKET.assets,
  BTC: { usd: 50_000, confidence: 1, vol: 0.6 },
  ETH: { usd: 2000, confidence: 1, vol: 0.6 },
};

/** What the regimes lose under draws. */
function lossesOf(positions: Parameters<typeof book>[0], tailAverage: TailParameters): number[] {
  const { portfolio, market } = book(positions, { market: { ...MARKET, assets: ASSETS } });
  const model = {
    ...crossmargin1,
    parameters: { ...crossmargin1.parameters, tailAverage },
    scenarios: [{ family: 'tailAverage' } as const],
  };
  const { scenarios } = computeMargin({ portfolio, market, model });
  return scenarios.slice(1).map(({ pnlUsd }) => -pnlUsd);
}

/** The few against all, relative, of so many random books. */
function errorsOf(build: (random: ReturnType<typeof createRandom>) => Parameters<typeof book>[0], count: number) {
  const random = createRandom(5);
  return Array.from({ length: count }, () => {
    const positions = build(random);
    const [few, every] = [lossesOf(positions, kept), lossesOf(positions, all)];
    return every.map((loss, regime) => (loss > 100 ? (few[regime] ?? Number.NaN) / loss - 1 : 0));
  });
}

describe('the draws of crossmargin-1', () => {
  test('default: are those of test/data, byte for byte', () => {
    expect(readFileSync(TAIL_FILE, 'utf8')).toBe(renderTails(kept));
    expect(kept).toEqual(crossmargin1.parameters.tailAverage);
  });

  test('behavior: few stand for many, and all that can be among the worst are there', () => {
    for (const { periods, draws } of kept.regimes) {
      expect(periods).toBe(2725);
      const days = draws.reduce((total, draw) => total + draw.days, 0);
      expect(days).toBeGreaterThan(0.01 * periods);
      expect(days).toBeLessThan(0.15 * periods);
    }
    expect(kept.regimes.map(({ draws }) => draws.length)).toEqual([90, 36]);
    expect(all.regimes.map(({ draws }) => draws.length)).toEqual([2725, 2725]);
  });

  test('behavior: against the average over all periods: linear books within 3 %', () => {
    const amount = (random: ReturnType<typeof createRandom>) => random.normal();
    const errors = errorsOf((random) => [token('BTC', amount(random)), token('ETH', 25 * amount(random))], 60);
    for (const [calm = Number.NaN, stress = Number.NaN] of errors) {
      expect(calm).toBeGreaterThan(-0.03);
      expect(calm).toBeLessThan(0.001);
      expect(Math.abs(stress)).toBeLessThan(0.05);
    }
  });

  test('behavior: books with options within 12 %, most of them within 3 %', () => {
    const errors = errorsOf((random) => {
      const leg = () =>
        option(10 * random.normal(), {
          type: random.uniform() < 0.5 ? 'call' : 'put',
          strike: random.uniform() < 0.5 ? 2000 : 2500,
        });
      return [leg(), leg(), leg(), token('ETH', 5 * random.normal()), token('BTC', 0.2 * random.normal())];
    }, 60).flat();
    const sizes = errors.map(Math.abs).sort((a, b) => a - b);
    expect(sizes.at(-1)).toBeLessThan(0.12);
    expect(sizes[Math.floor(0.8 * sizes.length)]).toBeLessThan(0.03);
  });
});

describe('how draws are chosen', () => {
  test('behavior: the outermost in every direction, by hand on a cross', () => {
    const points = [
      [3, 0],
      [2, 0],
      [-3, 0],
      [0, 3],
      [0, -3],
      [0.1, 0.1],
    ];
    expect(outermost(points, 1)).toEqual([0, 2, 3, 4]);
    expect(outermost(points, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(() => outermost([[1, 2, 3, 4]], 1)).toThrow(DimensionError);
  });

  test('behavior: the nearest are put together, and the mean stays', () => {
    const clusters = mergeNearest([[0], [10], [1], [30]], 3);
    expect(clusters).toEqual([
      { members: [0, 2], mean: [0.5] },
      { members: [1], mean: [10] },
      { members: [3], mean: [30] },
    ]);
  });

  test('behavior: a period is in units of what was known when it began', () => {
    const periods = readPeriods(history);
    const later = history.factors.map((series) => {
      const prices = series.prices.map((price, index) => (index > 1500 ? price * (1 + (index % 7)) : price));
      return { ...series, prices };
    });
    const changed = readPeriods({ ...history, factors: later });
    // Thirty changes begin the average and two days end a period: nothing before the first changed price moves.
    const untouched = 1500 - 30 - 2;
    expect(changed.slice(0, untouched).map(({ multiples }) => multiples)).toEqual(
      periods.slice(0, untouched).map(({ multiples }) => multiples),
    );
  });

  test('error: too short a history', () => {
    const factors = history.factors.map(({ asset, times, prices }) => ({
      asset,
      times: times.slice(-400),
      prices: prices.slice(-400),
    }));
    expect(() => measureTails({ ...history, factors })).toThrow(FewPeriodsError);
  });
});
