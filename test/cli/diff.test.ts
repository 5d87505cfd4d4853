import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { MARKET, token } from '../engine/books.ts';
import { ALICE, sampleReport } from '../support/books.ts';
import { runCli } from '../support/cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diff-'));
  const write = (name: string, usd: number, eth: number) => {
    const assets = { ...MARKET.assets, ETH: { ...MARKET.assets.ETH, usd } };
    const text = { asOf: usd, model: 'crossmargin-1', market: { assets }, positions: [token('ETH', eth)] };
    return writeFile(join(folder, name), JSON.stringify(text));
  };
  await write('was.json', 2000, 10);
  await write('is.json', 2100, 12);
  const store = openFileStore(folder, 31337);
  for (const [epoch, usd] of [
    [1n, 2000],
    [2n, 1900],
  ] as const) {
    const quorum = { report: sampleReport(usd, epoch), signatures: [], dissents: [] };
    await store.saveEpoch(recordEpoch(quorum, { chainId: 31337, marginOracle: ALICE }));
  }
});
afterAll(() => rm(folder, { recursive: true }));

test('default: two books, for a person', async () => {
  const { stdout, exitCode } = await runCli(['diff', join(folder, 'was.json'), join(folder, 'is.json')]);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(exitCode).toBe(0);
  expect(rows).toContainEqual(['Equity', '20,000', '25,200']);
  expect(rows).toContainEqual(['Equity', '1,000', '4,200', '0', '5,200']);
  expect(rows).toContainEqual(['token ETH book book pledged', '10', '12']);
  expect(rows).toContainEqual(['assets.ETH.usd', '2000', '2100']);
});

test('behavior: two kept epochs of an account, without a chain', async () => {
  const args = ['diff', '1', 'latest', '--account', ALICE, '--chain', '31337', '--data', folder, '--json'];
  const { stdout, stderr } = await runCli(args);
  expect(stderr).toBe('');
  const { before, after, positions, attribution } = JSON.parse(stdout);
  expect([before.equityUsd, after.equityUsd, positions]).toEqual([8000, 7000, []]);
  expect(attribution.equityUsd).toEqual({ market: '-1000', positions: '0', model: '0', total: '-1000' });
});

test('error: an epoch that is not kept, an account that is not in it, a chain that is not named', async () => {
  const run = (...args: string[]) => runCli(['diff', ...args, '--data', folder]);
  const chain = ['--chain', '31337'];
  expect((await run('1', '7', '--account', ALICE, ...chain)).stderr).toContain('NoEpochError');
  const stranger = '0x3000000000000000000000000000000000000003';
  expect((await run('1', '2', '--account', stranger, ...chain)).stderr).toContain('NoLeafError');
  expect((await run('1', '2', '--account', ALICE)).stderr).toContain('DiffError');
  expect((await run(join(folder, 'was.json'), join(folder, 'none.json'))).stderr).toContain('BookFileError');
});
