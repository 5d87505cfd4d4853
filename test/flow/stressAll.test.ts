import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { USERS } from '../../scripts/protocols/users.ts';
import type { AccountStress, StressAccounts } from '../../src/cli/stressAccounts.ts';
import { stressBook } from '../../src/cli/stressBook.ts';
import { runEpoch } from '../../src/node/epoch.ts';
import { bookOf, recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { runCli } from '../support/cli.ts';
import { openStage, type TestStage } from '../support/stage.ts';

let stage: TestStage;
let options: string[];
let own: string;

beforeAll(async () => {
  stage = await openStage();
  options = ['--rpc', stage.chain.url, '--data', stage.dataDir];
  own = join(await mkdtemp(join(tmpdir(), 'stress-')), 'own.json');
  await writeFile(own, JSON.stringify([{ id: 'gone', spot: 0.1, vol: 'up' }]));
});
afterAll(() => stage.chain.stop());

async function stressAll(...more: string[]): Promise<StressAccounts & { readonly blocks: readonly unknown[] }> {
  const { stdout, stderr, exitCode } = await runCli(['stress', '--all', '--json', ...options, ...more]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const worst = ({ worst: row }: AccountStress) => row.pnlUsd;

test('default: every account that an epoch reports, each as its own book says, the largest loss first', async () => {
  const posted = await runEpoch(stage.epochs, 0n);
  const { chainId, marginOracle } = stage.deployment;
  const record = recordEpoch(posted, { chainId, marginOracle });
  const { accounts, blocks, refused } = await stressAll();
  expect([blocks.length, refused]).toEqual([1, []]);
  expect(accounts.map(({ account }) => account).sort()).toEqual(record.accounts.map(({ account }) => account).sort());
  expect(accounts.map(worst)).toEqual(accounts.map(worst).sort((a, b) => a - b));
  const looper = stage.chain.account(USERS['stable loop']).address;
  const entry = record.accounts.find(({ account }) => account === looper);
  const [found, expected] = [
    accounts.find(({ account }) => account === looper),
    entry && stressBook(bookOf(record, entry), []),
  ];
  for (const [index, row] of (expected?.scenarios ?? []).entries()) {
    // The epoch is some blocks older: interest moves the last digits.
    expect(found?.scenarios[index]?.id).toBe(row.id);
    expect(Math.abs((found?.scenarios[index]?.pnlUsd ?? 0) - row.pnlUsd)).toBeLessThan(
      1e-3 * (1 + Math.abs(row.pnlUsd)),
    );
  }
  expect(found?.worst.pnlUsd).toBe(Math.min(...(found?.scenarios.map(({ pnlUsd }) => pnlUsd) ?? [])));
});

test('behavior: scenarios of a file count for everyone, and totals are the sums of the accounts', async () => {
  const { accounts, scenarios } = await stressAll('--scenarios', own);
  const gone = scenarios.find(({ id }) => id === 'gone');
  const rows = accounts.map((one) => one.scenarios.find(({ id }) => id === 'gone'));
  expect(gone?.pnlUsd).toBeCloseTo(
    rows.map((row) => row?.pnlUsd ?? Number.NaN).reduce((a, b) => a + b),
    6,
  );
  const lacking = rows.map((row) => row?.equityUsd ?? Number.NaN).filter((left) => left < 0);
  expect(gone).toMatchObject({
    underWater: lacking.length,
    uncovered: rows.filter((row) => row?.covered === false).length,
  });
  expect(lacking.length).toBeGreaterThan(0);
  expect(gone?.lackingUsd).toBeCloseTo(-lacking.reduce((a, b) => a + b), 6);
});

test('behavior: who cannot be read is refused by name, and in no total', async () => {
  const whole = await stressAll();
  const data = await mkdtemp(join(tmpdir(), 'stress-'));
  const assets = Object.entries(stage.deployment.assets).filter(([asset]) => asset !== 'DAI');
  await openFileStore(data, stage.deployment.chainId).saveDeployment({
    ...stage.deployment,
    assets: Object.fromEntries(assets),
  });
  const { accounts, scenarios, refused } = await stressAll('--data', data);
  expect(refused).toContainEqual({
    account: stage.chain.account(USERS['stable loop']).address,
    code: 'UnknownTokenError',
    message: expect.any(String),
  });
  expect(accounts.length + refused.length).toBe(whole.accounts.length);
  const sum = accounts.map((one) => one.scenarios[0]?.pnlUsd ?? Number.NaN).reduce((a, b) => a + b);
  expect(scenarios[0]?.pnlUsd).toBeCloseTo(sum, 6);
});

test('default: for a person a line each for accounts and scenarios', async () => {
  const { stdout, exitCode } = await runCli(['stress', '--all', ...options]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^block \d+ of chain \d+, 0x/);
  expect(stdout).toContain(stage.chain.account(USERS['stable loop']).address);
  expect(stdout).toMatch(/\ncrisis:2020-03-12 +−?[\d,]+ +\d+ +\d+ +[\d,]+/);
});

test('error: books and all at once, neither, and scenarios that are none', async () => {
  const codeOf = async (...args: string[]) => {
    const { stderr, exitCode } = await runCli(['stress', ...args]);
    return [exitCode, stderr.split(':')[0]];
  };
  expect(await codeOf()).toEqual([1, 'StressSubjectError']);
  expect(await codeOf('--all', own)).toEqual([1, 'StressSubjectError']);
  const bad = `${own}.bad`;
  await writeFile(bad, JSON.stringify([{ id: 'x', spot: -1, vol: 'up' }]));
  expect(await codeOf('--all', ...options, '--scenarios', bad)).toEqual([1, 'BookError']);
});
