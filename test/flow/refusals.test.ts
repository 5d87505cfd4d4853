import { type Address, createWalletClient, type Hex, http, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { POSTER_INDEX, SIGNER_INDICES } from '../../scripts/demo/stage.ts';
import { USERS } from '../../scripts/protocols/users.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { connect, RpcError, WrongChainError } from '../../src/chain/connect.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { pin } from '../../src/chain/pin.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { FeedNoPriceError, NegativePriceError, StalePriceError } from '../../src/feeds/spots.ts';
import { runEpoch } from '../../src/node/epoch.ts';
import {
  createSigner,
  EpochBehindError,
  EquivocationError,
  ProposalLifeError,
  ProposalTooOldError,
} from '../../src/node/signer.ts';
import { createOracleWriter } from '../../src/post/oracleWriter.ts';
import { SignerDisagreedError } from '../../src/report/difference.ts';
import { type Proposal, QuorumNotReachedError, type Signer } from '../../src/report/quorum.ts';
import { openFileStore } from '../../src/store/files.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import { runCli } from '../support/cli.ts';
import { openStage, TEST_CONFIG, type TestStage } from '../support/stage.ts';

let stage: TestStage;
let snapshot: Hex;

beforeAll(async () => {
  stage = await openStage();
  snapshot = await stage.chain.testClient.snapshot();
});
afterAll(() => stage.chain.stop());
beforeEach(async () => {
  await stage.chain.testClient.revert({ id: snapshot });
  snapshot = await stage.chain.testClient.snapshot();
  await stage.world.refreshFeeds();
  stage.dissents.length = 0;
  const signers = await Promise.all(SIGNER_INDICES.map((index) => localSigner(index)));
  stage = { ...stage, epochs: { ...stage.epochs, signers } };
});

/** Runs an epoch that must fail: with this cause at every signer, and with nothing posted. */
async function expectRefused(cause: new (...args: never[]) => Error): Promise<void> {
  const before = await stage.epochs.writer.latestEpoch();
  const refusal = await runEpoch(stage.epochs, before).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(QuorumNotReachedError);
  const { dissents } = refusal as QuorumNotReachedError;
  expect(dissents).toHaveLength(SIGNER_INDICES.length);
  for (const { error } of dissents) expect(error).toBeInstanceOf(cause);
  expect(await stage.epochs.writer.latestEpoch()).toBe(before);
}

/** The same as a user sees it: `crossmargin node --once` and `crossmargin health` end non-zero and name the error. */
async function expectCliRefuses(name: string, { exitCode = 75, rpc = stage.chain.url, user = 11 } = {}): Promise<void> {
  const options = ['--rpc', rpc, '--data', stage.dataDir];
  const before = await stage.epochs.writer.latestEpoch();
  const node = await runCli(['node', '--once', ...options], { env: keysOf() });
  expect(node.stderr).toContain(name);
  expect(node.exitCode).not.toBe(0);
  const health = await runCli(['health', stage.chain.account(user).address, ...options]);
  expect(health.stderr).toContain(name);
  expect(health.exitCode).toBe(exitCode);
  expect(health.stdout).toBe('');
  expect(await stage.epochs.writer.latestEpoch()).toBe(before);
}

function keysOf(): Record<string, string> {
  const key = (index: number) => toHex(stage.chain.account(index).getHdKey().privateKey as Uint8Array);
  return { CROSSMARGIN_SIGNER_KEYS: SIGNER_INDICES.map(key).join(','), CROSSMARGIN_POSTER_KEY: key(POSTER_INDEX) };
}

async function setAnswer(answerRaw: bigint): Promise<void> {
  const { timestamp } = await stage.chain.publicClient.getBlock({ blockTag: 'pending' });
  await stage.world.feeds.ETH.aggregator.write('setLatestAnswer', [answerRaw, timestamp]);
}

async function localSigner(index: number, overrides: { deployment?: Deployment; url?: string } = {}): Promise<Signer> {
  const { deployment = stage.deployment, url = stage.chain.url } = overrides;
  const bounds = { maxValidSeconds: TEST_CONFIG.validSeconds, maxBlockAgeSeconds: TEST_CONFIG.maxBlockAgeSeconds };
  const model = requirePreset(TEST_CONFIG.model);
  return createSigner({
    account: stage.chain.account(index),
    chain: await connect({ url }),
    deployment,
    model,
    bounds,
  });
}

async function proposal(epoch = 1n, validSeconds = 600): Promise<Proposal> {
  const { block } = await pin(stage.epochs.chain);
  return { epoch, validUntil: BigInt(block.timestamp + validSeconds), block };
}

test('default: crossmargin node --once posts an epoch from keys in the environment', async () => {
  const node = await runCli(['node', '--once', '--json', '--rpc', stage.chain.url, '--data', stage.dataDir], {
    env: keysOf(),
  });
  expect(node.stderr).toBe('');
  expect(node.exitCode).toBe(0);
  expect(JSON.parse(node.stdout)).toMatchObject({ epoch: 1, accounts: 19 });
  expect(await stage.epochs.writer.latestEpoch()).toBe(1n);
});

test('error: FeedNoPriceError', async () => {
  await setAnswer(0n);
  await expectRefused(FeedNoPriceError);
  await expectCliRefuses('FeedNoPriceError');
});

test('error: NegativePriceError', async () => {
  await setAnswer(-1n);
  await expectRefused(NegativePriceError);
  await expectCliRefuses('NegativePriceError');
});

test('error: StalePriceError', async () => {
  await stage.chain.testClient.increaseTime({ seconds: 3_601 });
  await stage.chain.testClient.mine({ blocks: 1 });
  await expectRefused(StalePriceError);
  await expectCliRefuses('StalePriceError');
});

test('error: UnknownTokenError', async () => {
  const { DAI: _, ...assets } = stage.deployment.assets;
  const deployment = { ...stage.deployment, assets };
  const signers = await Promise.all(SIGNER_INDICES.map((index) => localSigner(index, { deployment })));
  const refusal = await runEpoch({ ...stage.epochs, signers }, 0n).catch((error: unknown) => error);
  expect((refusal as QuorumNotReachedError).cause).toBeInstanceOf(UnknownTokenError);
  const store = openFileStore(stage.dataDir, deployment.chainId);
  await store.saveDeployment(deployment);
  await expectCliRefuses('UnknownTokenError', { exitCode: 1, user: USERS['stable loop'] });
  await store.saveDeployment(stage.deployment);
});

test('error: BlockGoneError when the proposed block vanished', async () => {
  const undo = await stage.chain.testClient.snapshot();
  await stage.chain.testClient.mine({ blocks: 3 });
  const gone = await proposal();
  await stage.chain.testClient.revert({ id: undo });
  await stage.chain.testClient.mine({ blocks: 5, interval: 1 });
  const signer = await localSigner(1);
  await expect(signer.sign(gone)).rejects.toThrow(BlockGoneError);
});

test('error: WrongChainError', async () => {
  await expect(connect({ url: stage.chain.url, chainId: 1 })).rejects.toThrow(WrongChainError);
  const health = await runCli(['health', stage.chain.account(11).address, '--rpc', stage.chain.url, '--chain', '1']);
  expect(health.stderr).toContain('WrongChainError');
  expect(health.exitCode).toBe(1);
});

test('error: RpcError when the node is down', async () => {
  const rpc = 'http://user:secret@127.0.0.1:9/key';
  const refusal = await connect({ url: rpc }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RpcError);
  expect(String((refusal as Error).stack)).not.toMatch(/secret|\/key/);
  await expectCliRefuses('RpcError', { rpc });
});

test('behavior: a signer whose number differs is logged, and the epoch is posted when k others agree', async () => {
  const [first, ...others] = stage.epochs.signers;
  const wide = stage.deployment.assets.ETH;
  if (first === undefined || wide === undefined) throw new RangeError('no signers');
  const watch: Address[] = [...stage.deployment.watch, '0x9000000000000000000000000000000000000009'];
  const differing = await localSigner(1, { deployment: { ...stage.deployment, watch } });
  const posted = await runEpoch({ ...stage.epochs, signers: [differing, ...others] }, 0n);
  expect(await stage.epochs.writer.latestEpoch()).toBe(posted.report.root.epoch);
  expect(stage.dissents.map(({ signer }) => signer)).toEqual([first.address]);
  expect(stage.dissents[0]?.error).toBeInstanceOf(SignerDisagreedError);
  expect(String(stage.dissents[0]?.error)).toContain('0x9000000000000000000000000000000000000009');
});

test('error: QuorumNotReachedError with k−1 honest signers', async () => {
  const signers = stage.epochs.signers.slice(0, 2);
  await expect(runEpoch({ ...stage.epochs, signers }, 0n)).rejects.toThrow(QuorumNotReachedError);
  expect(await stage.epochs.writer.latestEpoch()).toBe(0n);
});

test('error: EquivocationError and EpochBehindError: a signer signs one root an epoch, and never an older epoch', async () => {
  const signer = await localSigner(1);
  const first = await proposal(5n);
  const { signature } = await signer.sign(first);
  expect((await signer.sign(first)).signature).toBe(signature);
  await stage.world.setPrice('ETH', 1_500);
  await expect(signer.sign(await proposal(5n))).rejects.toThrow(EquivocationError);
  await expect(signer.sign(await proposal(4n))).rejects.toThrow(EpochBehindError);
});

test('error: ProposalTooOldError and ProposalLifeError: a signer bounds what it is asked', async () => {
  const signer = await localSigner(1);
  await expect(signer.sign(await proposal(1n, 601))).rejects.toThrow(ProposalLifeError);
  await expect(signer.sign(await proposal(1n, 0))).rejects.toThrow(ProposalLifeError);
  const old = await proposal();
  await stage.chain.testClient.increaseTime({ seconds: 121 });
  await stage.chain.testClient.mine({ blocks: 1 });
  await expect(signer.sign(old)).rejects.toThrow(ProposalTooOldError);
});

test('behavior: a poster whose transactions fail leaves the oracle as it was', async () => {
  const poor = createWalletClient({
    account: stage.chain.account(63),
    chain: stage.chain.chain,
    transport: http('http://127.0.0.1:9', { retryCount: 0 }),
  });
  const { marginOracle } = stage.deployment;
  const writer = createOracleWriter({ chain: stage.epochs.chain, wallet: poor, marginOracle });
  await expect(runEpoch({ ...stage.epochs, writer }, 0n)).rejects.toThrow(RpcError);
  expect(await stage.epochs.writer.latestEpoch()).toBe(0n);
});
