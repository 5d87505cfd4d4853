import { expect, test } from 'vitest';
import { standardBooks } from '../../src/backtest/books.ts';
import { marketOf } from '../../src/backtest/day.ts';
import { recordBook } from '../../src/backtest/record.ts';
import { type BacktestDay, runBook, ShortHistoryError } from '../../src/backtest/run.ts';
import { type BookResult, summarise } from '../../src/backtest/summarise.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { PRESETS } from '../../src/engine/models/presets.ts';
import { MissingHistoryError, type PriceSeries, readPrices } from '../../src/history/prices.ts';
import { FlatSeriesError } from '../../src/risk/ewma.ts';
import { expectedShortfall, valueAtRisk } from '../../src/statistics/tail.ts';
import { dataText } from '../history/data.ts';

const prices = readPrices(dataText('daily_prices.csv.gz'));
const day = (date: string) => Date.parse(date) / 1000;
const OPTIONS = {
  from: day('2020-03-01'),
  to: day('2020-03-20'),
  methods: ['historical', 'filtered'] as const,
  models: ['crossmargin-1', 'siloed'],
  window: 300,
  draws: 400,
};
const run = (name: string, from: readonly PriceSeries[] = prices, options = {}) =>
  runBook(bookNamed(name), { prices: from, vols: [] }, { ...OPTIONS, ...options });

function bookNamed(name: string) {
  const book = standardBooks().find((one) => one.name === name);
  if (book === undefined) throw new RangeError(name);
  return book;
}

/** All prices from a day on, times something. */
function withFuture(from: number, factor: (time: number) => number): PriceSeries[] {
  return prices.map((series) => ({
    ...series,
    prices: series.prices.map((price, index) =>
      (series.times[index] ?? 0) > from ? price * factor(series.times[index] ?? 0) : price,
    ),
  }));
}

const asked = ({ regime, forecasts, margins, refused }: BacktestDay) => ({ regime, forecasts, margins, refused });

test.each(['long:BTC', 'short-straddle:ETH', 'random:2'])(
  'behavior: another future changes nothing that was asked of %s',
  (name) => {
    const to = day('2020-03-09');
    const simulated = { to, methods: ['historical', 'filtered', 'gaussian', 'student'] };
    const before = run(name, prices, simulated);
    const after = run(
      name,
      withFuture(to, (time) => 1 + ((time / 86_400) % 7) / 3),
      simulated,
    );
    expect(before.length).toBe(9);
    expect(after.map(asked)).toEqual(before.map(asked));
    // The loss of the last day is the only one that the future is in.
    expect(after.slice(0, -1).map(({ lossUsd }) => lossUsd)).toEqual(before.slice(0, -1).map(({ lossUsd }) => lossUsd));
    expect(after.at(-1)?.lossUsd).not.toBe(before.at(-1)?.lossUsd);
    const cut = prices.map((series) => ({ ...series, times: series.times.filter((time) => time <= to) }));
    expect(
      run(
        name,
        cut.map((series) => ({ ...series, prices: series.prices.slice(0, series.times.length) })),
        simulated,
      ).map(asked),
    ).toEqual(before.map(asked));
  },
);

test('default: 100,000 USD of bitcoin lose what bitcoin lost on 2020-03-12, and a short book gains it', () => {
  const on = (name: string) => run(name).find(({ time }) => time === day('2020-03-11'));
  const btc = prices.find(({ asset }) => asset === 'BTC');
  const price = (date: string) => btc?.prices[btc.times.indexOf(day(date))] ?? Number.NaN;
  const lost = 100_000 * (1 - price('2020-03-12') / price('2020-03-11'));
  expect(lost).toBeGreaterThan(30_000);
  expect(on('long:BTC')?.lossUsd).toBeCloseTo(lost, 5);
  expect(on('short:BTC')?.lossUsd).toBeCloseTo(-lost, 5);
});

test('behavior: volatility that has risen raises the filtered forecast, the historical one hardly', () => {
  const days = run('long:ETH');
  const grown = (method: string) => {
    const es = (index: number) => expectedShortfall(days.at(index)?.forecasts[method] ?? [], 0.975);
    return es(-1) / es(0);
  };
  expect(grown('filtered')).toBeGreaterThan(2);
  expect(grown('historical')).toBeLessThan(2);
  for (const { forecasts } of days) {
    for (const losses of Object.values(forecasts)) {
      expect(losses.length).toBe(300);
      expect(expectedShortfall(losses, 0.99)).toBeGreaterThanOrEqual(valueAtRisk(losses, 0.99));
    }
  }
});

test('behavior: simulated forecasts are near the filtered one that their margins are from; their seed is the day', () => {
  const methods = ['filtered', 'gaussian', 'student'];
  const days = run('btc-against-eth', prices, { methods, draws: 2000, to: day('2020-03-03') });
  expect(days).toEqual(run('btc-against-eth', prices, { methods, draws: 2000, to: day('2020-03-03') }));
  for (const { forecasts } of days) {
    const [filtered = 0, ...simulated] = methods.map((method) => valueAtRisk(forecasts[method] ?? [], 0.95));
    for (const value of simulated) expect(Math.abs(value / filtered - 1)).toBeLessThan(0.35);
  }
});

test('behavior: a day without a next one has no loss, and breaks the sequence', () => {
  const gap = day('2020-03-10');
  const holed = prices.map((series) => {
    const kept = series.times.map((time) => time !== gap);
    return {
      ...series,
      times: series.times.filter((_, i) => kept[i]),
      prices: series.prices.filter((_, i) => kept[i]),
    };
  });
  const days = run('short:ETH', holed);
  expect(days.map(({ time }) => time)).not.toContain(gap);
  expect(days.map(({ time }) => time)).not.toContain(day('2020-03-11'));
  expect(days.find(({ time }) => time === day('2020-03-09'))?.lossUsd).toBeNull();
  const [first] = summarise(recordBook(bookNamed('short:ETH'), days, OPTIONS)) as BookResult[];
  expect(first?.observations).toBe(days.length - 1);
});

test('default: results by measure, and what a model refuses by its code', () => {
  const models = ['crossmargin-1', 'siloed', 'derive-pm2'];
  const results = summarise(
    recordBook(bookNamed('random:1'), run('random:1', prices, { models }), { ...OPTIONS, models }),
  );
  expect(results.map(({ measure, model }) => `${measure} ${model}`)).toEqual([
    ...Array(3).fill('var historical'),
    'es historical',
    ...Array(3).fill('var filtered'),
    'es filtered',
    'margin crossmargin-1',
    'margin siloed',
    'margin derive-pm2',
  ]);
  expect(results.at(-1)).toEqual({
    name: 'random:1',
    model: 'derive-pm2',
    measure: 'margin',
    refused: 'UnderlyingError',
  });
  expect(results.at(-2)).toMatchObject({
    capitalToSiloed: 1,
    observations: 20,
    byYear: { 2020: { observations: 20 } },
  });
});

test('behavior: every standard book has a margin under crossmargin-1 on a day of its history', () => {
  const known = {
    asOf: day('2024-01-01'),
    usd: (asset: string) => ({ BTC: 42_000, ETH: 2300, STETH: 2299 })[asset] ?? 1,
    vol: () => 0.6,
  };
  for (const book of standardBooks()) {
    const portfolio = book.build(known);
    const market = marketOf(known, portfolio.positions);
    const { maintenanceUsd, siloedUsd } = computeMargin({ portfolio, market, model: PRESETS['crossmargin-1'] });
    expect({ name: book.name, asks: maintenanceUsd > 0 }).toEqual({ name: book.name, asks: true });
    expect(siloedUsd).toBeGreaterThan(0);
  }
});

test('error: a book without history, and a price that does not move', () => {
  expect(() =>
    run(
      'long:BTC',
      prices.filter(({ asset }) => asset !== 'BTC'),
    ),
  ).toThrow(MissingHistoryError);
  const flat = prices.map((series) => ({ ...series, prices: series.prices.map(() => 7) }));
  expect(() => run('long:BTC', flat)).toThrow(FlatSeriesError);
});

test('error: a window that no day of the history fills', () => {
  expect(() => run('long:BTC', prices, { window: 5000 })).toThrow(ShortHistoryError);
  expect(() => run('long:BTC', prices, { from: day('2030-01-01'), to: day('2031-01-01') })).toThrow('0 of them from');
});
