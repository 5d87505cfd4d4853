import type { Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { POSTER_INDEX, SIGNER_INDICES } from '../../scripts/demo/stage.ts';
import { actor } from '../../scripts/protocols/actor.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import { runEpoch } from '../../src/node/epoch.ts';
import { readSnapshot } from '../../src/node/snapshot.ts';
import { SignerDisagreedError } from '../../src/report/difference.ts';
import type { Proposal, Signer } from '../../src/report/quorum.ts';
import { type CursorStore, memoryCursor } from '../../src/store/cursorFile.ts';
import { openFileStore } from '../../src/store/files.ts';
import { type Call, type Fault, startProxyNode } from '../chain/proxyNode.ts';
import { keysOf, runCli } from '../support/cli.ts';
import { localSigner } from '../support/signer.ts';
import { openStage, type TestStage } from '../support/stage.ts';

let stage: TestStage;
let other: LocalChain;
let start: Hex;

beforeAll(async () => {
  stage = await openStage();
  other = await startChain();
  start = await stage.chain.testClient.snapshot();
});
afterAll(async () => {
  await stage.chain.stop();
  await other.stop();
});
beforeEach(async () => {
  await stage.chain.testClient.revert({ id: start });
  start = await stage.chain.testClient.snapshot();
  await stage.world.refreshFeeds();
  stage.dissents.length = 0;
});

const mine = (blocks: number) => stage.chain.testClient.mine({ blocks, interval: 1 });
const newcomer = (index: number) => actor(stage.world, stage.chain.account(index).address);
const text = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));

async function proposal(epoch: bigint): Promise<Proposal> {
  const { block } = await pin(stage.epochs.chain);
  return { epoch, validUntil: BigInt(block.timestamp + 600), blocks: [block] };
}

/** A signer that goes on from where it stopped, in its cursor and in its memory of what the accounts held. */
const signerOf = (cursor: CursorStore) => localSigner(stage, { index: 1, cursor });

/** What a signer with this past reports of the newest block, beside one that has none. */
async function compare(signer: Signer, epoch: bigint) {
  const asked = await proposal(epoch);
  const experienced = await signer.sign(asked);
  const fresh = await (await localSigner(stage, { index: 1 })).sign(asked);
  expect(text(experienced.report.accounts)).toBe(text(fresh.report.accounts));
  expect(experienced.signature).toBe(fresh.signature);
  return fresh.report.accounts.map(({ account }) => account);
}

/** Two pasts of one height: `lost` happens, is seen, and is undone; then `kept` happens. */
async function reorganise(
  signer: Signer,
  { deep, lost, kept }: { readonly deep: number; lost(): Promise<void>; kept(): Promise<void> },
): Promise<void> {
  const id = await stage.chain.testClient.snapshot();
  await lost();
  if (deep > 1) await mine(deep - 1);
  await compare(signer, 2n);
  await stage.chain.testClient.revert({ id });
  await kept();
  if (deep > 1) await mine(deep - 1);
}

test.each([1, 20])('default: the head replaced, %i deep: the next portfolio is that of a fresh read', async (deep) => {
  const signer = await signerOf(openFileStore(stage.dataDir, 31337).cursorOf(`reorg-${deep}`));
  await compare(signer, 1n);
  await reorganise(signer, {
    deep,
    lost: async () => {
      await newcomer(40).supply('WETH', 1);
      await newcomer(41).lend('usdcForWeth', 5);
      await stage.world.setPrice('ETH', 1_400);
    },
    kept: async () => {
      await newcomer(42).supply('WETH', 1);
      await newcomer(43).pledge('usdcForWeth', 2);
      await stage.world.setPrice('ETH', 1_600);
    },
  });
  const accounts = await compare(signer, 3n);
  const isIn = (index: number) => accounts.includes(stage.chain.account(index).address);
  expect([40, 41, 42, 43].map(isIn)).toEqual([false, false, true, true]);
});

test('behavior: a chain that got shorter', async () => {
  const signer = await signerOf(memoryCursor());
  await compare(signer, 1n);
  await reorganise(signer, {
    deep: 20,
    lost: () => newcomer(40).supply('WETH', 1),
    kept: async () => undefined,
  });
  await stage.chain.testClient.revert({ id: start });
  start = await stage.chain.testClient.snapshot();
  await stage.world.refreshFeeds();
  expect(await compare(signer, 3n)).not.toContain(stage.chain.account(40).address);
});

test('behavior: from its second epoch on a signer asks for who was touched, and signs what a new one signs', async () => {
  const proxy = await startProxyNode(stage.chain.url, () => 'pass');
  const signer = await localSigner(stage, { index: 1, url: proxy.url });
  const bytesOf = () => proxy.calls.reduce((sum, { params }) => sum + JSON.stringify(params ?? []).length, 0);
  await compare(signer, 1n);
  const first = bytesOf();
  proxy.calls.length = 0;
  await newcomer(40).lend('usdcForWeth', 5);
  await stage.world.setPrice('ETH', 1_500);
  expect(await compare(signer, 2n)).toContain(newcomer(40).address);
  expect(bytesOf()).toBeLessThan(first);
  proxy.stop();
});

test('behavior: who holds nothing any more is not reported, whoever has seen them', async () => {
  const signer = await signerOf(memoryCursor());
  const { address } = newcomer(40);
  await newcomer(40).supply('WETH', 1);
  expect(await compare(signer, 1n)).toContain(address);
  const { pool } = stage.world.aave;
  const weth = stage.world.tokens.WETH.contract.address;
  await pool.write('withdraw', [weth, 2n ** 256n - 1n, address], { from: address });
  const accounts = await compare(signer, 2n);
  expect(accounts).not.toContain(address);
  expect(accounts).toContain(stage.deployment.watch[0]);
});

test('error: BlockGoneError, whichever call of a reading the block vanishes at: no answer mixes two blocks', async () => {
  const { calls } = await countCalls();
  for (const at of [1, 2, Math.floor(calls / 2), calls]) {
    const id = await stage.chain.testClient.snapshot();
    await newcomer(40).supply('WETH', 1);
    let left = at;
    const proxy = await startProxyNode(stage.chain.url, async ({ method }): Promise<Fault> => {
      if (method !== 'eth_call' || --left !== 0) return 'pass';
      await stage.chain.testClient.revert({ id });
      await newcomer(42).supply('WETH', 3);
      return 'pass';
    });
    const pinned = await pin(await connect({ url: proxy.url }));
    await expect(readSnapshot([{ chain: pinned, deployment: stage.deployment }]), `at call ${at}`).rejects.toThrow(
      BlockGoneError,
    );
    proxy.stop();
  }
});

/** How many calls one reading makes. */
async function countCalls() {
  const proxy = await startProxyNode(stage.chain.url, () => 'pass');
  await readSnapshot([{ chain: await pin(await connect({ url: proxy.url })), deployment: stage.deployment }]);
  proxy.stop();
  return { calls: proxy.calls.filter(({ method }) => method === 'eth_call').length };
}

test('behavior: signers on nodes that disagree dissent, and the epoch has the number of the others', async () => {
  const liar = await startProxyNode(stage.chain.url, hideLogs);
  const [one = 1, two = 2, ...rest] = SIGNER_INDICES;
  const signers = [
    await localSigner(stage, { index: one, url: liar.url }),
    await localSigner(stage, { index: two, url: other.url }),
    ...(await Promise.all(rest.map((index) => localSigner(stage, { index })))),
  ];
  const posted = await runEpoch({ ...stage.epochs, signers }, 0n);
  expect(posted.report.accounts).toHaveLength(22);
  const errors = new Map(stage.dissents.map(({ signer, error }) => [signer, error]));
  expect(errors.size).toBe(2);
  expect(errors.get(stage.chain.account(one).address)).toBeInstanceOf(SignerDisagreedError);
  expect(errors.get(stage.chain.account(two).address)).toBeInstanceOf(BlockGoneError);
  liar.stop();
});

/** A node whose index of logs is empty. */
function hideLogs({ method }: Call): Fault {
  return method === 'eth_getLogs' ? { result: [] } : 'pass';
}

/** Venus tells a debt's principal in logs only, in their order: those of its markets are scanned whole each time (docs/venues.md). */
function isScannedWhole({ address }: LogFilter): boolean {
  const markets = Object.values(stage.world.venus.markets).map((market) => market.address.toLowerCase());
  return [address].flat().every((asked) => markets.includes(asked.toLowerCase()));
}

interface LogFilter {
  readonly address: string | readonly string[];
  readonly fromBlock: string;
}

test('behavior: a node that is started again asks for new blocks only', async () => {
  const proxy = await startProxyNode(stage.chain.url, () => 'pass');
  const run = async () => {
    proxy.calls.length = 0;
    const args = ['node', '--once', '--rpc', proxy.url, '--data', stage.dataDir];
    const { exitCode, stderr } = await runCli(args, {
      env: keysOf(stage.chain, { signers: SIGNER_INDICES, poster: POSTER_INDEX }),
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const logs = proxy.calls.filter(({ method }) => method === 'eth_getLogs');
    const filters = logs.map(({ params: [filter] }) => filter as LogFilter).filter((filter) => !isScannedWhole(filter));
    return Math.min(...filters.map(({ fromBlock }) => Number(fromBlock)));
  };
  expect(await run()).toBe(stage.deployment.fromBlock);
  const head = await stage.chain.publicClient.getBlockNumber();
  await newcomer(40).supply('WETH', 1);
  expect(await run()).toBeGreaterThan(Number(head) - 10);
  proxy.stop();
});
