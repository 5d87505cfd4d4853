import { type Address, createWalletClient, type Hex, http } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { POSTER_INDEX, SIGNER_INDICES } from '../../scripts/demo/stage.ts';
import { USERS } from '../../scripts/protocols/users.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { connect, RpcError, WrongChainError } from '../../src/chain/connect.ts';
import type { OracleDeployment } from '../../src/chain/deployment.ts';
import { pin } from '../../src/chain/pin.ts';
import { FeedNoPriceError, NegativePriceError, StalePriceError } from '../../src/feeds/checks.ts';
import { runEpoch } from '../../src/node/epoch.ts';
import { ProposalLifeError, ProposalTooOldError } from '../../src/node/pinProposal.ts';
import { EpochBehindError, EquivocationError } from '../../src/node/signer.ts';
import { verifyOnChain } from '../../src/node/verifyOnChain.ts';
import { readOnChainMargin } from '../../src/post/oracleReader.ts';
import { createOracleWriter } from '../../src/post/oracleWriter.ts';
import { QuorumNotReachedError } from '../../src/report/agreement.ts';
import { SignerDisagreedError } from '../../src/report/difference.ts';
import type { Proposal } from '../../src/report/quorum.ts';
import { AllAccountsRefusedError, formatRefusals, type RefusalJson } from '../../src/report/refusal.ts';
import { formatRecord, parseRecord, recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { keysOf, runCli } from '../support/cli.ts';
import { localSigner } from '../support/signer.ts';
import { openStage, type TestStage } from '../support/stage.ts';

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
  const signers = await Promise.all(SIGNER_INDICES.map((index) => localSigner(stage, { index })));
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
  const node = await runCli(['node', '--once', ...options], { env: keys() });
  expect(node.stderr).toContain(name);
  expect(node.exitCode).not.toBe(0);
  const health = await runCli(['health', stage.chain.account(user).address, ...options]);
  expect(health.stderr).toContain(name);
  expect(health.exitCode).toBe(exitCode);
  expect(health.stdout).toBe('');
  expect(await stage.epochs.writer.latestEpoch()).toBe(before);
}

const keys = () => keysOf(stage.chain, { signers: SIGNER_INDICES, poster: POSTER_INDEX });

async function setAnswer(answerRaw: bigint): Promise<void> {
  const { timestamp } = await stage.chain.publicClient.getBlock({ blockTag: 'pending' });
  await stage.world.feeds.ETH.aggregator.write('setLatestAnswer', [answerRaw, timestamp]);
}

async function proposal(epoch = 1n, validSeconds = 600): Promise<Proposal> {
  const { block } = await pin(stage.epochs.chain);
  return { epoch, validUntil: BigInt(block.timestamp + validSeconds), blocks: [block] };
}

test('default: crossmargin node --once posts an epoch from keys in the environment', async () => {
  const node = await runCli(['node', '--once', '--json', '--rpc', stage.chain.url, '--data', stage.dataDir], {
    env: keys(),
  });
  expect(node.stderr).toBe('');
  expect(node.exitCode).toBe(0);
  expect(JSON.parse(node.stdout)).toMatchObject({ epoch: 1, accounts: 22 });
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

/** The deployment without some assets. */
function without(gone: readonly string[]): OracleDeployment {
  const known = Object.entries(stage.deployment.assets).filter(([asset]) => !gone.includes(asset));
  return { ...stage.deployment, assets: Object.fromEntries(known) };
}

const signersOf = (deployment: OracleDeployment) =>
  Promise.all(SIGNER_INDICES.map((index) => localSigner(stage, { index, deployment })));

test('error: UnknownTokenError refuses those who have the token, by name, and the others are posted', async () => {
  const usual = await runEpoch(stage.epochs, 0n);
  const deployment = without(['DAI']);
  const { chain } = stage.epochs;
  const posted = await runEpoch({ ...stage.epochs, deployment, signers: await signersOf(deployment) }, 1n);
  expect(stage.dissents).toEqual([]);
  const refused = posted.report.refused.map(({ account }) => account);
  expect(refused).toContain(stage.chain.account(USERS['stable loop']).address);
  expect(refused.length + posted.report.accounts.length).toBe(usual.report.accounts.length);
  const reported = posted.report.accounts.map(({ account }) => account);
  expect(reported).toContain(stage.chain.account(USERS['aave only']).address);
  const { marginOracle } = deployment;
  const epochOf = async (account: Address) => {
    const margin = await readOnChainMargin(account, { chain, marginOracle });
    return 'refused' in margin ? margin.refused : margin.epoch;
  };
  for (const account of reported) expect(await epochOf(account)).toBe(2n);
  for (const account of refused) expect(await epochOf(account)).toBe(1n);
});

test('behavior: all signers leave out the same accounts in the same words', async () => {
  const signers = await signersOf(without(['DAI', 'BTC']));
  const asked = await proposal(2n);
  const reports = await Promise.all(signers.map(async (signer) => (await signer.sign(asked)).report));
  const words = new Set(reports.map(({ refused }) => JSON.stringify(formatRefusals(refused))));
  expect(words.size).toBe(1);
  expect(new Set(reports.map(({ root }) => root.root)).size).toBe(1);
  expect(reports[0]?.refused.length).toBeGreaterThan(2);
});

test('behavior: the record says who is left out, and verify reads them again', async () => {
  const deployment = without(['DAI']);
  const { chain } = stage.epochs;
  const posted = await runEpoch({ ...stage.epochs, deployment, signers: await signersOf(deployment) }, 0n);
  const { chainId, marginOracle } = deployment;
  const record = parseRecord(formatRecord(recordEpoch(posted, { chainId, marginOracle })));
  expect(record.refused).toEqual(formatRefusals(posted.report.refused));
  const failedOf = async (changed: typeof record) =>
    (await verifyOnChain(changed, { chain, deployment })).filter(({ ok }) => !ok).map(({ id }) => id);
  expect(await failedOf(record)).toEqual([]);
  const account = stage.chain.account(USERS['aave only']).address;
  const lie = { account, code: 'UnknownTokenError', message: '' };
  expect(await failedOf({ ...record, refused: [...record.refused, lie] })).toEqual(['read again']);
});

test('behavior: who is left out, as a user sees it', async () => {
  const store = openFileStore(stage.dataDir, stage.deployment.chainId);
  await store.saveDeployment(without(['DAI']));
  const options = ['--rpc', stage.chain.url, '--data', stage.dataDir];
  const node = await runCli(['node', '--once', '--json', ...options], { env: keys() });
  expect(node.exitCode).toBe(0);
  const { refused, accounts, wide } = JSON.parse(node.stdout);
  expect(wide).toBe(true);
  const { address } = stage.chain.account(USERS['stable loop']);
  expect(refused.map(({ account }: RefusalJson) => account)).toContain(address);
  expect(accounts + refused.length).toBe(22);
  expect(node.stderr).toContain(`${address} is left out of the epoch:\nUnknownTokenError: Token DAI`);
  const health = await runCli(['health', address, ...options]);
  expect(health.stderr).toContain('UnknownTokenError');
  expect(health.stdout).toBe('');
  expect(health.exitCode).toBe(1);
  const other = await runCli(['health', stage.chain.account(USERS['aave only']).address, ...options]);
  expect(other.exitCode).toBe(0);
  const text = await runCli(['node', '--once', ...options], { env: keys() });
  expect(text.stdout).toContain(' signatures (wide), root');
  const leftOut = await runCli(['verify', 'latest', address, ...options]);
  expect(leftOut.stderr).toContain(
    `${address} has no leaf in this epoch, it was left out: UnknownTokenError: Token DAI`,
  );
  await store.saveDeployment(stage.deployment);
});

test('behavior: a signer that refuses whom the others report dissents, and says whom', async () => {
  const [, ...others] = stage.epochs.signers;
  const strict = await localSigner(stage, { index: 1, deployment: without(['DAI']) });
  await runEpoch({ ...stage.epochs, signers: [strict, ...others] }, 0n);
  expect(stage.dissents).toHaveLength(1);
  expect(String(stage.dissents[0]?.error)).toMatch(/it refuses 0x\w{40} \(UnknownTokenError\), the others do not/);
});

test('error: AllAccountsRefusedError when nobody is left, and nothing is posted', async () => {
  const { vaultETH: _, ...priced } = stage.deployment.assets;
  const assets = Object.entries(priced).map(([id, asset]) => [id, { ...asset, tokens: [] }]);
  const deployment = { ...stage.deployment, assets: Object.fromEntries(assets), watch: [] };
  const before = await stage.epochs.writer.latestEpoch();
  const signers = await signersOf(deployment);
  const refusal = await runEpoch({ ...stage.epochs, signers }, before).catch((error: unknown) => error);
  const { dissents } = refusal as QuorumNotReachedError;
  expect(dissents).toHaveLength(SIGNER_INDICES.length);
  for (const { error } of dissents) expect(error).toBeInstanceOf(AllAccountsRefusedError);
  expect(String(dissents[0]?.error)).toMatch(/None of the 21 accounts can be reported \(UnknownTokenError\)/);
  expect(await stage.epochs.writer.latestEpoch()).toBe(before);
});

test('error: BlockGoneError when the proposed block vanished', async () => {
  const undo = await stage.chain.testClient.snapshot();
  await stage.chain.testClient.mine({ blocks: 3 });
  const gone = await proposal();
  await stage.chain.testClient.revert({ id: undo });
  await stage.chain.testClient.mine({ blocks: 5, interval: 1 });
  const signer = await localSigner(stage, { index: 1 });
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
  const differing = await localSigner(stage, { index: 1, deployment: { ...stage.deployment, watch } });
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
  const signer = await localSigner(stage, { index: 1 });
  const first = await proposal(5n);
  const { signature } = await signer.sign(first);
  expect((await signer.sign(first)).signature).toBe(signature);
  await stage.world.setPrice('ETH', 1_500);
  await expect(signer.sign(await proposal(5n))).rejects.toThrow(EquivocationError);
  await expect(signer.sign(await proposal(4n))).rejects.toThrow(EpochBehindError);
});

test('error: ProposalTooOldError and ProposalLifeError: a signer bounds what it is asked', async () => {
  const signer = await localSigner(stage, { index: 1 });
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
