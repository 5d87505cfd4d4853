import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataText } from '../history/data.ts';
import { runCli } from '../support/cli.ts';

let folder: string;
let prices: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtest-'));
  prices = join(folder, 'prices.csv');
  await writeFile(prices, dataText('daily_prices.csv.gz'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...options: string[]) =>
  runCli([
    'backtest',
    '--prices',
    prices,
    '--from',
    '2022-06-01',
    '--to',
    '2022-07-15',
    '--models',
    'crossmargin-1,siloed',
    ...options,
  ]);

test('default: a line for each book, model and measure as JSON, the same bytes again (long)', async () => {
  const first = await run('--books', 'long:ETH,stable-loop', '--json');
  expect([first.exitCode, first.stderr]).toEqual([0, '']);
  const { books, leftOut } = JSON.parse(first.stdout);
  expect(leftOut).toEqual([]);
  expect(books.length).toBe(12);
  expect(books[2]).toMatchObject({
    name: 'long:ETH',
    model: 'filtered',
    measure: 'var',
    level: 0.99,
    observations: 45,
  });
  expect(Object.keys(books[2])).toEqual(
    expect.arrayContaining([
      'hits',
      'kupiec',
      'independence',
      'zone',
      'capitalToSiloed',
      'underCoverage',
      'conditional',
      'firstFailure',
      'waits',
      'byYear',
      'byRegime',
    ]),
  );
  expect(books.at(-1)).toMatchObject({ measure: 'margin', sameCoverage: { hits: 0 }, atLevel: { hits: 0 } });
  const { byYear, byAsset, byRegime, frontier, presets } = JSON.parse(first.stdout);
  expect(byYear.every(({ year }: { year: number }) => year === 2022)).toBe(true);
  expect(new Set(byAsset.map(({ asset }: { asset: string }) => asset))).toEqual(new Set(['ETH', 'USDC+USDT']));
  expect(new Set(byRegime.map(({ regime }: { regime: string }) => regime))).toContain('stress');
  expect(frontier).toMatchObject({ books: ['long:ETH', 'stable-loop'], points: expect.any(Array) });
  expect(presets.map(({ model }: { model: string }) => model)).toEqual(['crossmargin-1', 'siloed']);
  expect((await run('--books', 'long:ETH,stable-loop', '--json')).stdout).toBe(first.stdout);
});

test('behavior: a book that the prices do not have is left out by name; the others are computed', async () => {
  const btc = join(folder, 'btc.csv');
  const rows = dataText('daily_prices.csv.gz').split('\n');
  await writeFile(btc, rows.filter((row) => row.startsWith('date') || row.includes(',BTC,')).join('\n'));
  const { exitCode, stdout } = await runCli([
    'backtest',
    '--prices',
    btc,
    '--from',
    '2022-06-01',
    '--to',
    '2022-06-20',
    '--books',
    'short:BTC,short:ETH',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('short:BTC');
  expect(stdout).toContain('short:ETH: MissingHistoryError: The history has no prices of ETH');
});

test('behavior: prices in several files, overlapping, of several lengths, are those of one file', async () => {
  const rows = dataText('daily_prices.csv.gz').split('\n').slice(1);
  const file = async (name: string, isIn: (row: string) => boolean) => {
    await writeFile(join(folder, name), ['date,asset,close_usd', ...rows.filter(isIn)].join('\n'));
    return join(folder, name);
  };
  const late = await file('late.csv', (row) => row >= '2022-06-10' && row.includes(',ETH,'));
  const early = await file('early.csv', (row) => row <= '2022-06-12' && /,(ETH|STETH),/.test(row));
  const files = ['--prices', late, '--prices', early];
  const days = ['--from', '2022-06-01', '--to', '2022-07-15'];
  const books3 = ['--books', 'long:ETH,steth-loop,short:BTC', '--models', 'siloed'];
  const split = await runCli(['backtest', ...files, ...days, ...books3, '--json']);
  expect([split.exitCode, split.stderr]).toEqual([0, '']);
  const { books, leftOut, overlaps } = JSON.parse(split.stdout);
  expect(overlaps).toEqual([{ asset: 'ETH', times: 2, largestDifference: 0 }]);
  expect(leftOut.map(({ name }: { name: string }) => name)).toEqual(['short:BTC']);
  const rowsOf = (name: string) => books.filter((row: { name: string }) => row.name === name);
  const whole = await run('--books', 'long:ETH', '--models', 'siloed', '--json');
  expect(rowsOf('long:ETH')).toEqual(JSON.parse(whole.stdout).books);
  expect(rowsOf('steth-loop')[0]).toMatchObject({ observations: 10, lastDay: Date.parse('2022-06-11') / 1000 });
});

test('error: a window that is longer than the history says what to do', async () => {
  const { exitCode, stderr } = await run('--books', 'long:ETH', '--window', '2000', '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stderr).error.message).toMatch(
    /long:ETH: ShortHistoryError: No day of long:ETH has 2000 changes before it .* Add earlier prices with another --prices/,
  );
});

test.each([
  ['an unknown book', ['--books', 'gold'], 'BacktestError'],
  ['an unknown preset', ['--models', 'best'], 'UnknownPresetError'],
  ['an unknown method', ['--methods', 'guess'], 'BacktestError'],
  ['a window that is too small', ['--window', '7'], 'BacktestError'],
  ['a day that is none', ['--from', 'yesterday'], 'BacktestError'],
  ['a time without days', ['--from', '2030-01-01', '--to', '2031-01-01'], 'BacktestError'],
])('error: %s', async (_, options, code) => {
  const { exitCode, stderr } = await run(...options);
  expect([exitCode, stderr.split(':')[0]]).toEqual([1, code]);
});

test('default: real accounts, liquidations by the hour and a snapshot by the day, for a person and as JSON', async () => {
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const cut = (text: string, rows: number) => text.split('\n').slice(0, rows).join('\n');
  const hourly = await file('hourly.csv', dataText('hourly_prices_2020-10_2022-04.csv.gz'));
  const events = await file('events.csv', cut(dataText('accounts_liquidations_aave_v2.csv.gz'), 200));
  const looked = await runCli(['backtest', '--accounts', events, '--prices', hourly, '--json']);
  expect([looked.exitCode, looked.stderr]).toEqual([0, '']);
  const { events: count, tested, leftOut, leads } = JSON.parse(looked.stdout);
  expect(count).toBe(199);
  expect(tested + Object.values<number>(leftOut).reduce((a, b) => a + b)).toBe(199);
  expect(leads[0].called).toBeGreaterThan(0);
  const wrapped = await file('wrapped.csv', dataText('daily_prices_wrapped_2023.csv.gz'));
  const accounts = await file('accounts.csv', cut(dataText('accounts_aave_v3_wsteth_2023-06.csv.gz'), 60));
  const followed = ['backtest', '--accounts', accounts, '--prices', prices, '--prices', wrapped, '--days', '3'];
  const snapshot = await runCli([...followed, '--at', '2023-06-18']);
  expect([snapshot.exitCode, snapshot.stderr]).toEqual([0, '']);
  expect(snapshot.stdout).toMatch(/^59 accounts, held still\n/);
  expect(snapshot.stdout).toContain('loops of staked ether');
  const undated = await runCli(followed);
  expect([undated.exitCode, undated.stderr]).toEqual([1, expect.stringContaining('--at <day>')]);
  const neither = await runCli(['backtest', '--accounts', prices, '--prices', prices]);
  expect([neither.exitCode, neither.stderr]).toEqual([1, expect.stringContaining('AccountFileError')]);
});

test('error: a file with a zero price is refused by its line', async () => {
  const file = join(folder, 'zero.csv');
  await writeFile(file, 'date,asset,close_usd\n2024-01-01,BTC,0\n');
  const { exitCode, stderr } = await runCli(['backtest', '--prices', file]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('PriceHistoryError: Line 2')]);
});
