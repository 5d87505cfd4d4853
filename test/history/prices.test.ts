import { expect, test } from 'vitest';
import { changesOf, follows, NoCommonHistoryError } from '../../src/history/changes.ts';
import { outliersOf } from '../../src/history/outliers.ts';
import {
  gapsOf,
  HOUR_SECONDS,
  MissingHistoryError,
  PriceHistoryError,
  readPrices,
  seriesOf,
} from '../../src/history/prices.ts';
import { dataText } from './data.ts';

const TITLE = 'date,asset,close_usd';
const DAY = 86_400;
const read = (...rows: string[]) => readPrices([TITLE, ...rows].join('\n'));
const day = (date: string) => Date.parse(date) / 1000;

test('default: prices by asset, alternating or one after another', () => {
  const series = read('2024-01-01,BTC,100', '2024-01-01,ETH,10', '2024-01-02,BTC,110', '2024-01-02,ETH,9');
  expect(series).toEqual([
    { asset: 'BTC', times: [day('2024-01-01'), day('2024-01-02')], prices: [100, 110] },
    { asset: 'ETH', times: [day('2024-01-01'), day('2024-01-02')], prices: [10, 9] },
  ]);
  expect(() => seriesOf(series, 'SOL')).toThrow(MissingHistoryError);
});

test('behavior: a gap is told and nothing is differenced across it', () => {
  const [btc] = read('2024-01-01,BTC,100', '2024-01-02,BTC,110', '2024-01-05,BTC,50', '2024-01-06,BTC,55');
  if (btc === undefined) throw new RangeError('no series');
  expect(gapsOf(btc)).toEqual([{ asset: 'BTC', from: day('2024-01-02'), to: day('2024-01-05'), missing: 2 }]);
  const changes = changesOf([btc]);
  expect(changes.times).toEqual([day('2024-01-02'), day('2024-01-06')]);
  expect([...(changes.columns[0] ?? [])]).toEqual([Math.log(1.1), Math.log(1.1)].map((x) => expect.closeTo(x, 14)));
  expect(changes.missing).toBe(3);
  expect([follows(changes, 0), follows(changes, 1)]).toEqual([false, false]);
});

test('behavior: the shorter asset shortens the whole, and a gap of one is a gap of all', () => {
  const btc = ['01', '02', '03', '04', '05'].map((d, index) => `2024-01-${d},BTC,${100 + index}`);
  const eth = ['02', '03', '05'].map((d, index) => `2024-01-${d},ETH,${10 + index}`);
  const changes = changesOf(read(...btc, ...eth));
  expect(changes.times).toEqual([day('2024-01-03')]);
  expect(changes.columns.map((column) => column[0])).toEqual(
    [Math.log(102 / 101), Math.log(11 / 10)].map((x) => expect.closeTo(x, 14)),
  );
  expect(() => changesOf(read('2024-01-01,BTC,1', '2024-01-02,BTC,1', '2024-01-03,ETH,1'))).toThrow(
    NoCommonHistoryError,
  );
});

test.each([
  ['a zero price', '2024-01-01,BTC,0', 'the price "0"'],
  ['a negative price', '2024-01-01,BTC,-3', 'the price "-3"'],
  ['no price', '2024-01-01,BTC,', 'the price ""'],
  ['a text for a price', '2024-01-01,BTC,nan', 'the price "nan"'],
  ['a local time', '2024-01-01T00:00,BTC,1', 'the time'],
  ['a day that does not exist', '2024-13-01,BTC,1', 'the time'],
  ['no asset', '2024-01-01,,1', 'no asset'],
  ['a cell too many', '2024-01-01,BTC,1,2', '4 cells of 3'],
  ['hours in a file of days', '2024-01-01T05:00Z,BTC,1', 'the time 2024-01-01T05:00Z, not at a whole step'],
])('error: %s is refused by its line', (_, row, problem) => {
  expect(() => read('2023-12-31,BTC,5', row)).toThrow(PriceHistoryError);
  expect(() => read('2023-12-31,BTC,5', row)).toThrow(`Line 3 of the prices has ${problem}`);
});

test('error: a duplicated day, a mis-ordered file, a file without prices or columns', () => {
  expect(() => read('2024-01-01,BTC,5', '2024-01-01,BTC,5')).toThrow('a second price of BTC');
  expect(() => read('2024-01-02,BTC,5', '2024-01-01,BTC,5')).toThrow('before the one above');
  expect(() => read()).toThrow('no prices');
  expect(() => readPrices('day,asset,close\n2024-01-01,BTC,1')).toThrow('no column date or timestamp_utc');
});

test('default: the daily prices of bitcoin and ether: no gap in 2,756 days; what stands out is explained', () => {
  const series = readPrices(dataText('daily_prices.csv.gz'));
  const pair = [seriesOf(series, 'BTC'), seriesOf(series, 'ETH')];
  expect(pair.flatMap((one) => gapsOf(one))).toEqual([]);
  const changes = changesOf(pair);
  expect([changes.times.length, changes.missing]).toEqual([2756, 0]);
  const outliers = outliersOf(changes);
  const covid = outliers.filter(({ time }) => time === day('2020-03-12'));
  expect(covid.map(({ factor, reason }) => [factor, reason])).toEqual([
    ['BTC', 'market'],
    ['ETH', 'market'],
  ]);
  expect(outliers.every(({ size }) => Math.abs(size) > 8)).toBe(true);
});

test('behavior: a bad print that is taken back is told apart from the market', () => {
  const rows = Array.from({ length: 120 }, (_, index) => {
    const date = new Date((day('2024-01-01') + index * DAY) * 1000).toISOString().slice(0, 10);
    const wave = 1 + 0.01 * Math.sin(index * 1.7);
    return [`${date},A,${index === 110 ? 50 : 100 * wave}`, `${date},B,${100 * wave}`];
  });
  const outliers = outliersOf(changesOf(read(...rows.flat())));
  expect(outliers.map(({ factor, reason }) => [factor, reason])).toEqual([
    ['A', 'reversed'],
    ['A', 'own'],
  ]);
});

test('default: hours of March 2020, by the same reader', () => {
  const series = readPrices(dataText('hourly_prices_2020-03.csv.gz'), HOUR_SECONDS);
  const changes = changesOf(series, HOUR_SECONDS);
  const worst = Math.min(...(changes.columns[0] ?? []));
  // crisis_scenarios.csv: bitcoin's worst hour by closes, −18.21 %.
  expect(Math.exp(worst) - 1).toBeCloseTo(-0.1821, 4);
});
