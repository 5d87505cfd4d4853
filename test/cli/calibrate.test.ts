import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataText } from '../history/data.ts';
import { runCli } from '../support/cli.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'calibrate-'));
  await writeFile(at('prices.csv'), dataText('daily_prices.csv.gz'));
  await writeFile(at('vols.csv'), dataText('dvol_btc_daily.csv.gz'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...options: string[]) => runCli(['model', 'calibrate', '--prices', at('prices.csv'), ...options]);

test('default: a table to review, and a model that margin takes from a book', async () => {
  const { exitCode, stdout } = await run('--vols', at('vols.csv'), '--out', at('model.json'));
  expect(exitCode).toBe(0);
  expect(stdout).toContain('As of 2025-11-30: 5 parameters change, 15 were measured and stay.');
  expect(stdout).toMatch(/range\.leastVols\.BTC +— +0\.4238 +more +0\.4129 a year by EWMA; highest on 2025-11-26/);
  expect(stdout).toMatch(/correlation\.pairs\.BTC\/ETH +0\.66 +0\.64 +more/);
  expect(stdout).toMatch(/volShock\.down +0\.3 +0\.2 +less/);
  const model = JSON.parse(await readFile(at('model.json'), 'utf8'));
  const assets = { ETH: { usd: 2000, confidence: 1, vol: 0.5 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } };
  const market = { assets, perps: {}, expiries: [], vols: [] };
  const positions = [
    { kind: 'token', asset: 'ETH', amount: 10 },
    { kind: 'token', asset: 'USDC', amount: -10_000 },
  ];
  await writeFile(at('book.json'), JSON.stringify({ asOf: 1_764_460_800, model, market, positions }));
  const margin = await runCli(['margin', at('book.json'), '--json']);
  expect(margin.exitCode).toBe(0);
  expect(JSON.parse(margin.stdout)).toMatchObject({ model: 'crossmargin-1', equityUsd: 10_000 });
});

test('behavior: --json says the same, the model as a book has it; the model before may be a file', async () => {
  await run('--vols', at('vols.csv'), '--out', at('first.json'));
  const again = await run('--vols', at('vols.csv'), '--model', at('first.json'), '--out', at('second.json'), '--json');
  expect(await readFile(at('second.json'), 'utf8')).toBe(await readFile(at('first.json'), 'utf8'));
  const { asOf, model, measured, kept } = JSON.parse(again.stdout);
  expect({ asOf, kept }).toEqual({ asOf: '2025-11-30', kept: [] });
  expect(measured.every(({ before, after }: { before: unknown; after: unknown }) => before === after)).toBe(true);
  expect(model).toEqual(JSON.parse(await readFile(at('first.json'), 'utf8')));
});

test('behavior: without an index the draws stay, and a day of the past has its own numbers', async () => {
  const { stdout } = await run('--as-of', '2020-03-13');
  expect(stdout).toContain('As of 2020-03-13');
  expect(stdout).toContain('Kept: tailAverage (draws need an index of volatility).');
  expect(stdout).toContain('Nothing is written');
});

test('error: what is asked for cannot be', async () => {
  const message = async (...options: string[]) => {
    const { exitCode, stderr } = await run(...options);
    expect(exitCode).toBe(1);
    return stderr;
  };
  expect(await message('--as-of', 'yesterday')).toContain('"yesterday" is not a day like 2024-01-31');
  expect(await message('--as-of', '2030-01-01')).toContain('StaleHistoryError');
  expect(await message('--pegs', 'STETH')).toContain('not one like STETH=ETH');
  expect(await message('--prices', at('prices.csv'))).toContain('two files have prices of BTC');
  expect(await message('--out', join(folder, 'no', 'where.json'))).toContain('cannot be written');
  await writeFile(at('siloed.json'), '"siloed"');
  expect(await message('--model', at('siloed.json'))).toContain('a model of siloed, not of crossmargin-1');
});
