import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { USERS } from '../../scripts/protocols/users.ts';
import { type PostedEpoch, runEpoch } from '../../src/node/epoch.ts';
import { recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { runCli } from '../support/cli.ts';
import { openStage, type TestStage } from '../support/stage.ts';

const BOOK = {
  asOf: 1_740_000_000,
  model: 'crossmargin-1',
  market: { assets: { ETH: { usd: 2000, confidence: 1, vol: 0.6 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } } },
  positions: [
    { kind: 'token', asset: 'ETH', amount: '10' },
    { kind: 'token', asset: 'USDC', amount: '-12000' },
  ],
};

let stage: TestStage;
let posted: PostedEpoch;
let options: string[];

beforeAll(async () => {
  stage = await openStage();
  posted = await runEpoch(stage.epochs, 0n);
  const { chainId, marginOracle } = stage.deployment;
  await openFileStore(stage.dataDir, chainId).saveEpoch(recordEpoch(posted, { chainId, marginOracle }));
  options = ['--rpc', stage.chain.url, '--data', stage.dataDir];
});
afterAll(() => stage.chain.stop());

test('default: health prints one account for a person', async () => {
  const { address } = stage.chain.account(USERS['hedged borrower']);
  const { exitCode, stdout, stderr } = await runCli(['health', address, ...options]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/Health +[23]\.\d{3}/);
  expect(stdout).toContain('put');
  expect(stdout).toMatch(/On chain +healthy [23]\.\d{3}, epoch 1/);
  expect(stdout).not.toContain('\u001b[');
});

test('behavior: health --json says what the epoch says of the account', async () => {
  const { address } = stage.chain.account(USERS['covered call']);
  const { stdout } = await runCli(['health', address, '--json', ...options]);
  const view = JSON.parse(stdout);
  const signed = posted.report.accounts.find(({ account }) => account === address);
  expect(view.account).toBe(address);
  expect(view.positions).toHaveLength(signed?.portfolio.positions.length ?? -1);
  expect(view.onChain.healthWad).toBe(signed?.leaf.healthWad.toString());
  expect(view.margin.health).toBeCloseTo(signed?.margin.health ?? -1, 4);
});

test('behavior: health of an account that nobody knows is that it owes nothing', async () => {
  const stranger = stage.chain.account(50).address;
  const { stdout, exitCode } = await runCli(['health', stranger, '--json', ...options]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ positions: [], onChain: { refused: 'NoStoredMargin' } });
});

test('error: AddressError', async () => {
  for (const text of ['0x123', 'hedged borrower', '0x70997970c51812dc3A010C7d01b50e0d17dc79C8']) {
    const { stderr, exitCode } = await runCli(['health', text, ...options]);
    expect(stderr).toContain('AddressError');
    expect(exitCode).toBe(1);
  }
});

test('error: NoDeploymentError', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  const { stderr } = await runCli([
    'health',
    stage.chain.account(1).address,
    '--rpc',
    stage.chain.url,
    '--data',
    empty,
  ]);
  expect(stderr).toContain('NoDeploymentError');
});

test('default: verify recomputes an epoch and compares it with the chain', async () => {
  const { stdout, exitCode } = await runCli(['verify', 'latest', ...options]);
  expect(exitCode).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(11);
  expect(stdout).not.toContain('FAILS');
});

test('behavior: verify <epoch> <account> --json gives a book that margin computes to the same leaf', async () => {
  const { address } = stage.chain.account(USERS['twenty legs']);
  const { stdout } = await runCli(['verify', '1', address, '--json', ...options]);
  const { ok, leaf, book } = JSON.parse(stdout);
  expect(ok).toBe(true);
  const margin = await runCli(['margin', '-', '--json'], { stdin: `${JSON.stringify(book)}\n` });
  const result = JSON.parse(margin.stdout);
  expect(result.modelHash).toBe(posted.report.root.modelHash);
  expect(Math.abs(result.equityUsd - Number(leaf.equityWad) / 1e18)).toBeLessThan(1e-6);
});

test('error: VerificationError for a leaf that was changed after signing', async () => {
  const store = openFileStore(stage.dataDir, stage.deployment.chainId);
  const record = await store.loadEpoch(1n);
  const accounts = record.accounts.map((entry, index) =>
    index === 0 ? { ...entry, leaf: { ...entry.leaf, healthWad: 1n } } : entry,
  );
  await store.saveEpoch({ ...record, root: { ...record.root, epoch: 2n }, accounts });
  const { stderr, exitCode, stdout } = await runCli(['verify', '2', ...options]);
  expect(stderr).toContain('VerificationError');
  expect(stdout).toContain('healthWad is recorded as 1');
  expect(exitCode).toBe(1);
});

test('error: NoEpochError and EpochError', async () => {
  expect((await runCli(['verify', '99', ...options])).stderr).toContain('NoEpochError');
  expect((await runCli(['verify', 'first', ...options])).stderr).toContain('EpochError');
});

test('default: margin prints a book from a file, and one result a line from standard input', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'crossmargin-')), 'book.json');
  await writeFile(file, JSON.stringify(BOOK));
  const text = await runCli(['margin', file]);
  expect(text.exitCode).toBe(0);
  expect(text.stdout).toContain('ETH −');
  const lines = await runCli(['margin', '-', '--json', '--scenarios'], {
    stdin: `${JSON.stringify(BOOK)}\n\n${JSON.stringify(BOOK)}\n`,
  });
  const results = lines.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(results).toHaveLength(2);
  expect(results[0].equityUsd).toBe(8000);
  expect(results[0].scenarios.length).toBeGreaterThan(20);
});

test('default: the published cases of Derive come out of the command line to 1e-8', async () => {
  const cases = (await readFile(join(import.meta.dirname, '../vectors/derive-pm2.jsonl'), 'utf8')).trim().split('\n');
  const vectors = cases.map((line) => JSON.parse(line));
  const stdin = vectors.map(({ book }) => JSON.stringify(book)).join('\n');
  const { stdout, exitCode } = await runCli(['margin', '-', '--json'], { stdin });
  expect(exitCode).toBe(0);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(results).toHaveLength(14);
  for (const [index, { id, expected, toleranceRelative }] of vectors.entries()) {
    for (const name of ['netInitialUsd', 'netMaintenanceUsd']) {
      expect(Math.abs(results[index][name] / expected[name] - 1), `${id} ${name}`).toBeLessThanOrEqual(
        toleranceRelative,
      );
    }
  }
});

test('error: a bad book gives its error in its place, and nothing else is lost', async () => {
  const bad = { ...BOOK, positions: [{ kind: 'token', asset: 'WETH', amount: '1' }] };
  const stdin = [BOOK, bad, BOOK].map((book) => JSON.stringify(book)).join('\n');
  const { stdout, stderr, exitCode } = await runCli(['margin', '-', '--json'], { stdin: `${stdin}\nnot json\n` });
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'MissingPriceError', undefined, 'BookFileError']);
  expect(JSON.parse(stderr).error.code).toBe('BooksFailedError');
  expect(exitCode).toBe(1);
});

const MODELS = ['siloed', 'crossmargin-1', 'derive-pm2', 'deribit-2026', 'paradex-2026', 'span16'];

test('default: margin --model puts presets side by side; one that cannot value the book gives its error', async () => {
  const json = await runCli(['margin', '-', '--json', '--model', MODELS.join(',')], { stdin: JSON.stringify(BOOK) });
  const { models } = JSON.parse(json.stdout);
  expect(Object.keys(models)).toEqual(MODELS);
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stderr).error.code).toBe('BooksFailedError');
  expect(models['paradex-2026'].error.code).toBe('UnsupportedLegError');
  expect(models['derive-pm2'].error.code).toBe('CollateralError');
  for (const name of ['siloed', 'crossmargin-1', 'deribit-2026', 'span16']) {
    expect(models[name]).toMatchObject({ model: name, equityUsd: 8000, modelHash: expect.stringMatching(/^0x/) });
    expect(models[name].scenarios).toBeUndefined();
  }
  const own = await runCli(['margin', '-', '--json'], { stdin: JSON.stringify(BOOK) });
  expect(models['crossmargin-1']).toEqual(JSON.parse(own.stdout));
  const text = await runCli(['margin', '-', '--model', 'siloed, span16,paradex-2026'], { stdin: JSON.stringify(BOOK) });
  expect(text.stdout).toMatch(/siloed +0 +0 +1\.666 /);
  expect(text.stdout).toMatch(/span16 +\d,\d{3} +\d,\d{3} +1\.\d{3} +ETH −/);
  expect(text.stdout).toMatch(/paradex-2026 +– +– +– +UnsupportedLegError\n/);
  expect(text.stdout).toMatch(/\nparadex-2026: UnsupportedLegError: positions\[0\]/);
});

test('behavior: margin --model keeps what the book replaces in the preset it names, and ends with 0 where all is well', async () => {
  const collateral = { ETH: { mmHaircut: 0.1, imHaircut: 0, riskCancelling: true } };
  const book = { ...BOOK, model: { preset: 'derive-pm2', parameters: { collateral } } };
  const { stdout, exitCode } = await runCli(['margin', '-', '--json', '--model', 'siloed,derive-pm2'], {
    stdin: `${JSON.stringify(book)}\n${JSON.stringify(book)}\n`,
  });
  expect(exitCode).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? '').models['derive-pm2'].addOns.collateralMaintenance).toBe(2000);
});

test('error: UnknownPresetError for --model, before any book', async () => {
  const { stdout, stderr, exitCode } = await runCli(['margin', '-', '--model', 'siloed,spam'], { stdin: '{}' });
  expect([stdout, exitCode]).toEqual(['', 1]);
  expect(stderr).toContain('UnknownPresetError: There is no preset "spam"');
});

test('default: explain says what each leg does and how far the price may fall', async () => {
  const { stdout, exitCode } = await runCli(['explain', '-'], { stdin: JSON.stringify({ ...BOOK, model: 'siloed' }) });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/Health 1\.666: equity 8,000, maintenance 0/);
  expect(stdout).toMatch(/ETH 10 +20,000 +0 +0 +0\n/);
  expect(stdout).toMatch(/ETH +40\.0 % +never/);
  const json = await runCli(['explain', '-', '--json'], { stdin: `${JSON.stringify(BOOK)}\n{}\n` });
  const [explained, failed] = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(
    explained.legs.reduce((sum: number, { bindingUsd }: { bindingUsd: number }) => sum + bindingUsd, 0),
  ).toBeCloseTo(explained.binding.lossUsd, 6);
  expect(explained.legs[1].closing.freedMaintenanceUsd).toBeCloseTo(explained.maintenanceUsd, 6);
  expect(explained.moves).toEqual([{ factors: ['ETH'], moves: { down: expect.any(Number), up: null } }]);
  expect(failed.error.code).toBe('BookError');
  expect(json.exitCode).toBe(1);
});

test('default: what-if puts the margin of a changed book beside that of the book', async () => {
  const leg = JSON.stringify({ kind: 'token', asset: 'USDC', amount: '2000' });
  const stdin = JSON.stringify(BOOK);
  const { stdout } = await runCli(['what-if', '-', '--json', '--add', leg, '--add', leg], { stdin });
  const { before, after } = JSON.parse(stdout);
  expect([before.equityUsd, after.equityUsd]).toEqual([8000, 12_000]);
  expect(after.health).toBeGreaterThan(before.health);
  const text = await runCli(['what-if', '-', '--remove', '1', '--add', leg], { stdin });
  expect(text.stdout).toMatch(/Health +1\.\d{3} +∞\n/);
  expect(text.stdout).toMatch(/Equity +8,000 +22,000\n/);
});

test('error: WhatIfError', async () => {
  const stdin = JSON.stringify(BOOK);
  for (const change of [
    ['--remove', '2'],
    ['--remove', 'ETH'],
    ['--add', '{'],
  ]) {
    const { stdout, exitCode } = await runCli(['what-if', '-', ...change], { stdin });
    expect(stdout).toContain('WhatIfError');
    expect(exitCode).toBe(1);
  }
});

test('behavior: --help names every command', async () => {
  const { stdout, exitCode } = await runCli(['--help']);
  expect(exitCode).toBe(0);
  for (const command of ['health', 'margin', 'explain', 'what-if', 'verify', 'node']) expect(stdout).toContain(command);
});

test('error: ConfigError without keys, and no key is ever printed', async () => {
  const env = { CROSSMARGIN_SIGNER_KEYS: '0xdeadbeefcafe', CROSSMARGIN_POSTER_KEY: 'hunter2' };
  const { stderr, exitCode } = await runCli(['node', '--once', ...options], { env });
  expect(stderr).toContain('ConfigError');
  expect(stderr).not.toMatch(/deadbeefcafe|hunter2/);
  expect(exitCode).toBe(1);
});
