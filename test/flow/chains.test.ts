import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextRound } from '../../scripts/protocols/feeds.ts';
import type { Rollup } from '../../scripts/protocols/rollup.ts';
import { userAddress } from '../../scripts/protocols/users.ts';
import { connect, RpcError } from '../../src/chain/connect.ts';
import { SourcesDisagreeError } from '../../src/feeds/agree.ts';
import { SequencerDownError } from '../../src/feeds/sequencer.ts';
import { type PostedEpoch, runEpoch } from '../../src/node/epoch.ts';
import { viewEpoch } from '../../src/node/epochView.ts';
import { OtherChainsError, pinSites, type Sites } from '../../src/node/pinSites.ts';
import { PartialChainsError, readSnapshot, readSnapshotOf } from '../../src/node/snapshot.ts';
import { verifyRecord } from '../../src/node/verify.ts';
import { verifyOnChain } from '../../src/node/verifyOnChain.ts';
import { recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import { startProxyNode } from '../chain/proxyNode.ts';
import { keysOf, runCli } from '../support/cli.ts';
import { localSigner } from '../support/signer.ts';
import { openTwoChains, type TestStage } from '../support/stage.ts';

let stage: TestStage & { readonly rollup: Rollup };
let sites: Sites;
let account: Address;
let posted: PostedEpoch;

beforeAll(async () => {
  stage = await openTwoChains();
  const { chain, deployment, others = [] } = stage.epochs;
  sites = [{ chain, deployment }, ...others];
  account = userAddress(stage.chain, 'two chains');
  posted = await runEpoch(stage.epochs, 0n);
});
afterAll(() => Promise.all([stage.chain.stop(), stage.rollup.chain.stop()]));

const rpcs = () => ['--rpc', stage.chain.url, '--rpc', stage.rollup.chain.url, '--data', stage.dataDir];

/** What would be posted now, or the error for which nothing is. */
async function attempt(): Promise<unknown> {
  const before = await stage.epochs.writer.latestEpoch();
  const error = await runEpoch(stage.epochs, before + 100n).catch((reason: unknown) => reason);
  expect(await stage.epochs.writer.latestEpoch()).toBe(before);
  return error;
}

test('default: one portfolio of both chains, as of the older block, with every leg under its chain', async () => {
  const { report } = posted;
  const entry = report.accounts.find((one) => one.account === account);
  expect(report.snapshot.blocks.map(({ chainId }) => chainId)).toEqual([31_337, 31_338]);
  const pinned = await pinSites(sites, report.snapshot.blocks);
  const times = pinned.map(({ chain }) => chain.block.timestamp);
  expect(report.root.asOf).toBe(BigInt(Math.min(...times)));
  const legs = entry?.portfolio.positions.map((leg) => [leg.venue, leg.kind === 'token' ? leg.asset : leg.kind]);
  expect(legs).toEqual(
    [
      ['aaveV3', 'ETH'],
      ['aaveV3', 'USDC'],
      ['aaveV3@31338', 'ETH'],
      ['aaveV3@31338', 'USDC'],
    ].sort(),
  );
  expect(entry?.portfolio.silos.map(({ id }) => id)).toEqual(['aaveV3', 'aaveV3@31338']);
});

test('default: what it owes on one chain is hedged by what it holds on the other', async () => {
  const view = await viewEpoch(posted, { ...stage.epochs, names: stage.names });
  const entry = view.accounts.find((one) => one.account === account);
  expect(view.blocks.map(({ chainId }) => chainId)).toEqual([31_337, 31_338]);
  expect(entry?.venues.map(({ healthOwn, healthComputed }) => healthOwn === healthComputed)).toEqual([true, true]);
  expect(entry?.margin.maintenanceUsd).toBeLessThan(0.5 * (entry?.margin.siloedUsd ?? 0));
  const own = posted.report.accounts.find(({ leaf }) => leaf.account === account);
  // Ether may fall by its whole range: what costs is the dollar coin off its peg.
  const fall = own?.margin.scenarios.find(({ id }) => id === 'grid:-3/3:none');
  expect(fall?.pnlUsd).toBeGreaterThan(-0.1 * (own?.margin.binding.lossUsd ?? 0));
  expect(own?.margin.binding.sentence).toContain('USDC −10 %');
});

test('behavior: the order in which the chains are given changes nothing that is signed', async () => {
  const again = await readSnapshot(await pinSites(sites, posted.report.snapshot.blocks));
  expect(again.accounts).toEqual(posted.report.snapshot.accounts);
  expect(again.market).toEqual(posted.report.snapshot.market);
});

test('default: an epoch of two chains verifies from its record and from both chains', async () => {
  const { chain, deployment, others } = stage.epochs;
  const oracle = { chainId: deployment.chainId, marginOracle: stage.deployment.marginOracle };
  const record = recordEpoch(posted, oracle);
  const checks = [
    ...(await verifyRecord(record)),
    ...(await verifyOnChain(record, { chain, deployment, ...(others && { others }) })),
  ];
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const alone = await verifyOnChain(record, { chain, deployment });
  expect(alone.filter(({ ok }) => !ok).map(({ id, detail }) => [id, detail])).toEqual([
    ['read again', 'the epoch is of the chains 31337, 31338: give the --rpc of each'],
  ]);
});

test('default: the command line reads both chains, and node posts what they hold', async () => {
  const health = await runCli(['health', account, '--json', ...rpcs()]);
  expect(health.stderr).toBe('');
  const view = JSON.parse(health.stdout);
  expect(view.blocks.map(({ chainId }: { chainId: number }) => chainId)).toEqual([31_337, 31_338]);
  expect(view.positions).toHaveLength(4);
  const env = keysOf(stage.chain, { signers: [1, 2, 3], poster: 6 });
  const node = await runCli(['node', '--once', '--json', ...rpcs()], { env });
  expect(node.stderr).toBe('');
  expect(JSON.parse(node.stdout)).toMatchObject({ epoch: 2, accounts: posted.report.accounts.length });
  const verified = await runCli(['verify', 'latest', ...rpcs()]);
  expect(verified.stdout).not.toContain('FAILS');
  expect(verified.exitCode).toBe(0);
});

test('error: PartialChainsError: one of the chains alone is no portfolio', async () => {
  const [first] = await pinSites(sites);
  await expect(readSnapshotOf([first], [account])).rejects.toThrow(PartialChainsError);
  const dataDir = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  const otherChains = [{ chainId: 31_338 }];
  await openFileStore(dataDir, 31_337).saveDeployment({ ...stage.deployment, otherChains });
  const { stderr, exitCode } = await runCli(['health', account, '--rpc', stage.chain.url, '--data', dataDir]);
  expect(stderr).toContain('PartialChainsError: The margins of this oracle are of the chains 31337, 31338');
  expect(exitCode).toBe(1);
});

test('behavior: a chain whose node the deployment names need not be named again', async () => {
  const { stdout, stderr } = await runCli(['health', account, '--json', ...rpcs().slice(0, 2), ...rpcs().slice(4)]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout).positions).toHaveLength(4);
});

test('error: SameChainError: two nodes of one chain would count what it holds twice', async () => {
  const { stderr } = await runCli(['health', account, ...rpcs(), '--rpc', stage.chain.url]);
  expect(stderr).toContain('SameChainError: Two of the RPC URLs are of chain 31337');
});

test('error: OtherChainsError: a signer signs for the chains that it reads, all of them and no other', async () => {
  const signer = await localSigner(stage, { index: 1 });
  const { blocks } = posted.report.snapshot;
  const asked = { epoch: 50n, validUntil: posted.report.root.validUntil };
  await expect(signer.sign({ ...asked, blocks })).rejects.toThrow(OtherChainsError);
  await expect(pinSites(sites, blocks.slice(0, 1))).rejects.toThrow(OtherChainsError);
});

test('error: RpcError: a chain that does not answer fails the portfolio, by name', async () => {
  const proxy = await startProxyNode(stage.rollup.chain.url, ({ method }) =>
    method === 'eth_call' ? { status: 500 } : 'pass',
  );
  const chain = await connect({ url: proxy.url, patienceMs: 0 });
  const broken: Sites = [sites[0], { chain, deployment: stage.rollup.deployment }];
  const error = await readSnapshotOf(await pinSites(broken), [account]).catch((reason: unknown) => reason);
  proxy.stop();
  expect(error).toBeInstanceOf(RpcError);
  expect(String(error)).toContain(new URL(proxy.url).host);
});

test('error: SequencerDownError: nothing is posted while the rollup stands still', async () => {
  const { sequencer, chain } = stage.rollup;
  const id = await chain.testClient.snapshot();
  const { timestamp } = await chain.publicClient.getBlock();
  const { to, data } = nextRound(sequencer, { answerRaw: 1n, updatedAt: timestamp });
  await chain.wallet(0).sendTransaction({ to, data });
  expect(String(await attempt())).toContain(SequencerDownError.name);
  await chain.testClient.revert({ id });
});

test('error: SourcesDisagreeError: two chains that price ether too far apart', async () => {
  const { chain } = stage.rollup;
  const id = await chain.testClient.snapshot();
  await stage.rollup.setEthPrice(1_400);
  expect(String(await attempt())).toContain(SourcesDisagreeError.name);
  await chain.testClient.revert({ id });
});

test('behavior: who cannot be read on one chain is refused on all', async () => {
  const { DAI: _, ...assets } = stage.rollup.deployment.assets;
  const { pool } = stage.rollup.aave;
  const { DAI } = stage.rollup.tokens;
  const id = await stage.rollup.chain.testClient.snapshot();
  await DAI.contract.write('mint', [account, 10n ** 18n]);
  await DAI.contract.write('approve', [pool.address, 10n ** 18n], { from: account });
  await pool.write('supply', [DAI.contract.address, 10n ** 18n, account, 0], { from: account });
  const [first, second] = await pinSites(sites);
  const unknown = { ...(second as typeof first), deployment: { ...stage.rollup.deployment, assets } };
  const { accounts, refused } = await readSnapshot([first, unknown]);
  await stage.rollup.chain.testClient.revert({ id });
  expect(refused.map((one) => [one.account, one.error.constructor])).toEqual([[account, UnknownTokenError]]);
  expect(accounts.map((one) => one.account)).not.toContain(account);
});
