import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RiskOptionError, risk } from '../../src/cli/commands/risk.ts';
import { type RiskRequest, riskBook } from '../../src/cli/riskBook.ts';
import { plainKernel } from '../../src/engine/kernel/plain.ts';
import { HOUR_SECONDS, readPrices, seriesOf } from '../../src/history/prices.ts';
import { FlatSeriesError } from '../../src/risk/ewma.ts';
import { dataText } from '../history/data.ts';
import { runCli } from '../support/cli.ts';

const AS_OF = 1_730_000_000;
const EXPIRY = AS_OF + 30 * 86_400;
const BOOK = {
  asOf: AS_OF,
  model: 'crossmargin-1',
  market: {
    assets: {
      BTC: { usd: 67_000, confidence: 1, vol: 0.5 },
      ETH: { usd: 2500, confidence: 1, vol: 0.6 },
      DAI: { usd: 1, confidence: 1, peg: 'USD' },
    },
    perps: {},
    expiries: [
      { underlying: 'BTC', expiry: EXPIRY, carry: 0.03, rate: 0.02, confidence: { forward: 1, rate: 1, vol: 1 } },
    ],
    vols: [
      { underlying: 'BTC', expiry: EXPIRY, strike: 60_000, vol: 0.6 },
      { underlying: 'BTC', expiry: EXPIRY, strike: 70_000, vol: 0.5 },
    ],
  },
  positions: [
    { kind: 'token', asset: 'ETH', amount: 20 },
    { kind: 'token', asset: 'DAI', amount: -10_000 },
    { kind: 'option', underlying: 'BTC', type: 'call', strike: 70_000, expiry: EXPIRY, amount: -1 },
    { kind: 'token', asset: 'BTC', amount: 0.5 },
  ],
};
const PRICES = readPrices(dataText('daily_prices.csv.gz'));
const VOLS = readPrices(dataText('dvol_btc_daily.csv.gz')).map((series) => ({
  ...series,
  prices: series.prices.map((percent) => percent / 100),
}));
const REQUEST: RiskRequest = {
  method: 'filtered',
  window: 500,
  count: 2000,
  seed: 1,
  stepSeconds: 86_400,
  prices: PRICES,
  vols: VOLS,
  kernel: plainKernel,
};

let folder: string;
let files: { book: string; prices: string; vols: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'risk-'));
  files = { book: join(folder, 'book.json'), prices: join(folder, 'prices.csv'), vols: join(folder, 'vols.csv') };
  await writeFile(files.book, JSON.stringify(BOOK));
  await writeFile(files.prices, dataText('daily_prices.csv.gz'));
  await writeFile(files.vols, dataText('dvol_btc_daily.csv.gz'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['historical', 'filtered', 'garch', 'gaussian', 'student'] as const)(
  'default: VaR, ES and contributions that sum to it, by %s',
  (method) => {
    const { levels, contributions, factors, draws } = riskBook(BOOK, { ...REQUEST, method });
    expect(levels.map(({ level }) => level)).toEqual([0.95, 0.975, 0.99]);
    levels.forEach(({ varUsd, esUsd, esErrorUsd }, index) => {
      expect(esUsd).toBeGreaterThan(varUsd);
      expect(varUsd).toBeGreaterThan(0);
      expect(esErrorUsd).toBeGreaterThan(0);
      const parts = contributions[index] ?? [];
      expect(parts.length).toBe(4);
      expect(parts.reduce((total, part) => total + part, 0)).toBeCloseTo(esUsd, 6);
      // Dai follows USD; the call is a hedge of the bitcoin.
      expect(parts[1]).toBe(0);
      expect(parts[2]).toBeLessThan(0);
    });
    expect(factors.map(({ name, standIn, horizonSeconds }) => [name, standIn, horizonSeconds])).toEqual(
      ['BTC', 'ETH', 'vol:BTC'].map((name) => [name, false, 86_400]),
    );
    expect(draws).toBe(['gaussian', 'student'].includes(method) ? 2000 : 500);
  },
);

test('behavior: held until sold: each asset over its own days, more than a day is more risk', () => {
  const day = riskBook(BOOK, REQUEST);
  const selling = { volumesUsd: { ETH: 100_000, BTC: 1e9 }, share: 0.1 };
  const sold = riskBook(BOOK, { ...REQUEST, selling, count: 5000 });
  expect(sold.factors.map(({ name, horizonSeconds }) => [name, horizonSeconds / 86_400])).toEqual([
    ['BTC', 1],
    ['ETH', 5],
    ['vol:BTC', 1],
  ]);
  expect(sold.levels[1]?.esUsd).toBeGreaterThan(1.2 * (day.levels[1]?.esUsd ?? 0));
  expect(sold.contributions[1]?.reduce((total, part) => total + part, 0)).toBeCloseTo(sold.levels[1]?.esUsd ?? 0, 6);
});

test('default: an hour ahead, of hourly prices: the book moves less than in a day', () => {
  const prices = readPrices(dataText('hourly_prices_2020-03.csv.gz'), HOUR_SECONDS);
  const hourly = { ...REQUEST, prices, vols: [], stepSeconds: HOUR_SECONDS };
  const daily = { ...REQUEST, method: 'historical' as const };
  for (const method of ['historical', 'filtered', 'garch', 'student'] as const) {
    const { factors, levels } = riskBook(BOOK, { ...hourly, method });
    expect(factors.map(({ name, horizonSeconds, standIn }) => [name, horizonSeconds, standIn])).toEqual([
      ['BTC', 3600, false],
      ['ETH', 3600, false],
      ['vol:BTC', 3600, true],
    ]);
    expect(levels[0]?.esUsd).toBeGreaterThan(0);
    expect(levels[0]?.esUsd).toBeLessThan(riskBook(BOOK, daily).levels[0]?.esUsd ?? 0);
  }
});

test('behavior: what is pegged and has no prices of its own is held and sold as what it follows', () => {
  const assets = { ...BOOK.market.assets, WETH: { usd: 2500, confidence: 1, peg: 'ETH' } };
  const perps = { WETH: { usd: 2500, confidence: 1 } };
  const perp = { kind: 'perp', underlying: 'WETH', amount: -20, unrealisedUsd: 0, fundingUsd: 0 };
  const hedged = { ...BOOK, market: { ...BOOK.market, assets, perps }, positions: [BOOK.positions[0], perp] };
  const selling = { volumesUsd: { ETH: 500_000 }, share: 0.1 };
  const { levels, factors } = riskBook(hedged, { ...REQUEST, selling });
  expect(factors.map(({ name, horizonSeconds }) => [name, horizonSeconds / 86_400])).toEqual([['ETH', 2]]);
  expect(Math.abs(levels[2]?.esUsd ?? 1)).toBeLessThan(1e-8);
});

test("behavior: without an index of volatility the asset's own stands in, and is told", () => {
  const { factors } = riskBook(BOOK, { ...REQUEST, vols: [] });
  expect(factors.map(({ name, standIn }) => [name, standIn])).toContainEqual(['vol:BTC', true]);
});

test('error: what has no history, and too little of it', () => {
  const without = (asset: string) => PRICES.filter((series) => series.asset !== asset);
  expect(() => riskBook(BOOK, { ...REQUEST, prices: without('ETH') })).toThrow('no factor that moves ETH');
  const short = PRICES.map((series) => ({
    ...series,
    times: series.times.slice(-110),
    prices: series.prices.slice(-110),
  }));
  expect(() => riskBook(BOOK, { ...REQUEST, prices: short, vols: [] })).toThrow('periods in common');
});

test('default: the command, for a person and as JSON, the same bytes again', async () => {
  const args = ['risk', files.book, '--prices', files.prices, '--vols', files.vols];
  const person = await runCli(args);
  expect([person.exitCode, person.stderr]).toEqual([0, '']);
  expect(person.stdout).toContain('0.975');
  const options = ['--method', 'student', '--draws', '500', '--seed', '7', '--json'];
  const [first, second] = [await runCli([...args, ...options]), await runCli([...args, ...options])];
  expect(second.stdout).toBe(first.stdout);
  const result = JSON.parse(first.stdout);
  expect([result.seed, result.draws, result.levels.length]).toEqual([7, 500, 3]);
  expect(result).toEqual(
    JSON.parse(JSON.stringify(riskBook(BOOK, { ...REQUEST, method: 'student', count: 500, seed: 7 }))),
  );
});

const ASKED = { method: 'filtered', horizon: 'day', share: '0.1', window: '500', draws: '1000', seed: '1' };

test.each([
  ['an unknown method', { method: 'guess' }],
  ['an unknown horizon', { horizon: 'year' }],
  ['a liquidation without volumes', { horizon: 'liquidation' }],
  ['volumes that are none', { horizon: 'liquidation', volumes: '[1]' }],
  ['a share beyond all', { horizon: 'liquidation', volumes: '{}', share: '2' }],
  ['too few draws', { draws: '3' }],
  ['a seed that is none', { seed: '' }],
])('error: %s', async (_, options) => {
  await expect(risk([files.book], { ...ASKED, prices: [files.prices], ...options })).rejects.toThrow(RiskOptionError);
});

test('error: two files with prices of one asset', async () => {
  const prices = [files.prices, files.prices];
  await expect(risk([files.book], { ...ASKED, prices })).rejects.toThrow('two files have prices of');
});

test.each([
  ['a zero', ['2024-01-01,BTC,50', '2024-01-02,BTC,0']],
  ['a day twice', ['2024-01-01,BTC,50', '2024-01-01,BTC,50']],
  ['days out of order', ['2024-01-02,BTC,50', '2024-01-01,BTC,50']],
])('error: a file of volatilities with %s is refused by its line', async (_, rows) => {
  const vols = join(folder, 'bad.csv');
  await writeFile(vols, ['date,asset,close', ...rows].join('\n'));
  const asked = risk([files.book], { ...ASKED, prices: [files.prices], vols });
  await expect(asked).rejects.toMatchObject({ code: 'PriceHistoryError', row: 3 });
});

test('behavior: a gap in the volatilities, and a shorter file of them, leave out those periods and no others', () => {
  const index = seriesOf(VOLS, 'BTC');
  const keeps = (day: number) => day >= 100 && day !== 700;
  const cut = {
    ...index,
    times: index.times.filter((_, day) => keeps(day)),
    prices: index.prices.filter((_, day) => keeps(day)),
  };
  // Days that all have, and the day before them.
  const known = ['BTC', 'ETH'].map((asset) => seriesOf(PRICES, asset).times);
  const paired = (own: readonly number[]) => {
    const has = (time: number) => [own, ...known].every((times) => times.includes(time));
    return own.filter((time) => has(time) && has(time - 86_400)).length;
  };
  for (const vols of [index, cut])
    expect(riskBook(BOOK, { ...REQUEST, vols: [vols] }).history.periods).toBe(paired(vols.times));
  expect(paired(cut.times)).toBeLessThan(paired(index.times) - 90);
});

test('error: a flat series of prices or of volatilities has none to scale by; as it was it has', () => {
  const index = seriesOf(VOLS, 'BTC');
  const flat = { ...index, prices: index.prices.map(() => 0.5) };
  const pegged = PRICES.map((series) =>
    series.asset === 'ETH' ? { ...series, prices: series.prices.map(() => 2500) } : series,
  );
  expect(() => riskBook(BOOK, { ...REQUEST, vols: [flat] })).toThrow(FlatSeriesError);
  for (const method of ['filtered', 'garch', 'student'] as const)
    expect(() => riskBook(BOOK, { ...REQUEST, method, prices: pegged })).toThrow(FlatSeriesError);
  expect(riskBook(BOOK, { ...REQUEST, method: 'historical', vols: [flat] }).levels.length).toBe(3);
});
