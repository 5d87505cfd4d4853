import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainText } from '../engine/surface/chains.ts';
import { runCli } from '../support/cli.ts';

const EXPIRY = Date.UTC(2026, 1, 27, 8) / 1000;
const BOOK = {
  asOf: Date.UTC(2026, 0, 24, 9, 14, 23) / 1000,
  model: 'crossmargin-1',
  market: { assets: { ETH: { usd: 2959.47, confidence: 1 } } },
  positions: [{ kind: 'option', underlying: 'ETH', type: 'put', strike: 2650, expiry: EXPIRY, amount: 2 }],
};

let folder: string;
let chain: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'surface-'));
  chain = join(folder, 'chain.csv');
  await writeFile(chain, chainText('option_chain_ETH_2026-01-24T0914Z.csv.gz'));
});
afterAll(() => rm(folder, { recursive: true }));

test('default: a surface for a person: a line an expiry, and what was left out', async () => {
  const { exitCode, stdout, stderr } = await runCli(['surface', chain]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain('ETH at 2959.4');
  expect(stdout.match(/^2026-\d\d-\d\d .*\d\.\d\d\/\d\.\d\d/gm)?.length).toBe(12);
  expect(stdout).toMatch(/Left out: 343 inTheMoney/);
});

test('behavior: --json says parameters, errors and checks of every expiry', async () => {
  const { stdout } = await runCli(['surface', chain, '--json']);
  const { underlying, slices, excluded } = JSON.parse(stdout);
  expect([underlying, slices.length, excluded]).toEqual(['ETH', 12, { inTheMoney: 343 }]);
  for (const { svi, checks, errors } of slices) {
    expect(Object.keys(svi).sort()).toEqual(['a', 'b', 'm', 'rho', 'sigma']);
    expect(Math.min(checks.butterfly, checks.calendar)).toBeGreaterThanOrEqual(0);
    expect(errors.core.medianPoints).toBeLessThan(0.5);
  }
});

test('behavior: --book prints the book with the quotes that it lacks, and margin reads it', async () => {
  const book = join(folder, 'book.json');
  await writeFile(book, JSON.stringify(BOOK));
  const { stdout: quoted, exitCode } = await runCli(['surface', chain, '--book', book]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(quoted).market.vols).toMatchObject([{ underlying: 'ETH', expiry: EXPIRY, strike: '2650' }]);
  const { stdout } = await runCli(['margin', '--json', '-'], { stdin: quoted });
  expect(JSON.parse(stdout).equityUsd).toBeGreaterThan(0);
});

test('error: a file that is no chain, and one that is not there', async () => {
  const none = await runCli(['surface', join(folder, 'none.csv')]);
  expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('BookFileError')]);
  await writeFile(join(folder, 'no.csv'), 'a,b\n1,2\n');
  const no = await runCli(['surface', join(folder, 'no.csv')]);
  expect([no.exitCode, no.stderr]).toEqual([1, expect.stringContaining('ChainFileError')]);
});
