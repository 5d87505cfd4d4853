import { type Address, encodeFunctionData, erc20Abi, parseEther } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { createSafe, deploySafeContracts } from '../../scripts/protocols/safe.ts';
import { after, NotReadAfterError } from '../../src/chain/after.ts';
import { ActFailedError } from '../../src/chain/askAfter.ts';
import { type Chain, connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { walletLensAbi } from '../../src/venues/abi/walletLens.ts';
import { walletLensCode } from '../../src/venues/abi/walletLensCode.ts';

let chain: LocalChain;
let node: Chain;
let weth: Contract;
let safe: Contract;
let stranger: Address;

beforeAll(async () => {
  chain = await startChain();
  node = await connect({ url: chain.url });
  weth = await deploy(chain, aaveArtifact('mocks/tokens/WETH9Mocked'));
  const contracts = await deploySafeContracts(chain);
  safe = (await createSafe(chain, { contracts, owners: [chain.account(30)], threshold: 1 })).contract;
  stranger = chain.account(31).address;
  await weth.write('mint', [safe.address, 100n]);
  await chain.testClient.setBalance({ address: safe.address, value: 50n });
  await chain.testClient.setBalance({ address: stranger, value: 0n });
  await chain.testClient.mine({ blocks: 1 });
});
afterAll(() => chain.stop());

const act = (functionName: string, args: readonly unknown[], value = 0n) => ({
  target: weth.address,
  value,
  data: encodeFunctionData({ abi: weth.abi, functionName, args }),
});
const balanceOf = (whose: Address) => ({
  address: weth.address,
  abi: erc20Abi,
  functionName: 'balanceOf',
  args: [whose],
});

async function open(calls: readonly ReturnType<typeof act>[]): Promise<{ before: PinnedChain; later: PinnedChain }> {
  const before = await pin(node);
  return { before, later: await after({ chain: node, before, account: safe.address, calls }) };
}

test('default: every kind of read sees what the calls left, and the chain itself nothing of it', async () => {
  const { before, later } = await open([act('transfer', [stranger, 30n]), act('deposit', [], 20n)]);
  const reads = [balanceOf(safe.address), balanceOf(stranger)];
  expect(await later.read(reads)).toEqual([90n, 30n]);
  expect(await later.readEach(reads)).toEqual([90n, 30n]);
  expect(await later.sequence(reads)).toEqual([90n, 30n]);
  expect(await later.coins(safe.address)).toBe(30n);
  const coins = { code: walletLensCode, abi: walletLensAbi, functionName: 'coins', args: [[safe.address]] } as const;
  expect(await later.lens(coins)).toEqual([30n]);
  expect(later.block).toEqual(before.block);
  expect(await before.read(reads)).toEqual([100n, 0n]);
  expect(await before.coins(safe.address)).toBe(50n);
});

test('behavior: more reads than one call takes, and coins that come back with the gas of a transfer', async () => {
  const { later } = await open([act('deposit', [], 20n), act('withdraw', [15n])]);
  const reads = Array.from({ length: 95 }, () => balanceOf(safe.address));
  expect(await later.read(reads)).toEqual(reads.map(() => 105n));
  expect(await later.coins(safe.address)).toBe(45n);
});

test("behavior: the account's own code answers meanwhile, with its own storage", async () => {
  const { later } = await open([]);
  const owners = { address: safe.address, abi: safe.abi, functionName: 'getOwners' };
  expect(await later.read([owners])).toEqual([[chain.account(30).address]]);
});

test('behavior: calls in the name of the account do not see each other', async () => {
  const { later } = await open([act('transfer', [stranger, 30n])]);
  const all = {
    address: weth.address,
    abi: weth.abi,
    functionName: 'transfer',
    args: [stranger, 70n],
    from: safe.address,
  };
  expect(await later.readEachFrom([all, all])).toEqual([true, true]);
});

test('error: ActFailedError names the call that reverts and its words', async () => {
  await expect(open([act('transfer', [stranger, 1n]), act('transfer', [stranger, 100n])])).rejects.toThrow(
    ActFailedError,
  );
  await expect(open([act('transfer', [stranger, 1n]), act('withdraw', [parseEther('1')])])).rejects.toThrow(
    /call 1 reverts/,
  );
});

test('error: CallFailedError in the place of a read that fails, or thrown', async () => {
  const { later } = await open([act('transfer', [stranger, 30n])]);
  const bad = { ...balanceOf(safe.address), address: stranger };
  const [good, failed] = await later.readEach([balanceOf(safe.address), bad]);
  expect([good, failed]).toEqual([70n, expect.any(CallFailedError)]);
  await expect(later.read([bad])).rejects.toThrow(CallFailedError);
});

test('error: NotReadAfterError for storage, and for calls in the name of another', async () => {
  const { later } = await open([]);
  expect(await later.storage([])).toEqual([]);
  await expect(later.storage([{ address: weth.address, slot: '0x00' }])).rejects.toThrow(NotReadAfterError);
  await expect(later.readEachFrom([{ ...balanceOf(safe.address), from: stranger }])).rejects.toThrow(NotReadAfterError);
});
