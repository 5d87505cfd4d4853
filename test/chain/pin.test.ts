import { type Abi, type Address, numberToHex, parseAbi, parseAbiItem } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployTokens, type Tokens } from '../../scripts/protocols/tokens.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { type Chain, connect, RpcError } from '../../src/chain/connect.ts';
import { LogDecodeError } from '../../src/chain/logs.ts';
import { pin } from '../../src/chain/pin.ts';
import { CallFailedError } from '../../src/chain/read.ts';

const abi: Abi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function symbol() view returns (string)',
  'function mint(address, uint256) returns (bool)',
  'function transfer(address, uint256) returns (bool)',
  'function missing(uint256, address) view returns (uint256)',
]);
const transfer = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');
const MULTICALL_CLOCK: Address = '0x00000000000000000000000000000000000c10c0';

let chain: LocalChain;
let node: Chain;
let tokens: Tokens;
let dai: Address;
let me: Address;

beforeAll(async () => {
  chain = await startChain();
  tokens = await deployTokens(chain);
  dai = tokens.DAI.contract.address;
  me = chain.account(5).address;
  // mstore(0, timestamp); return(0, 32)
  await chain.testClient.setCode({ address: MULTICALL_CLOCK, bytecode: '0x425f5260205ff3' });
});

afterAll(async () => {
  await chain.stop();
});

beforeEach(async () => {
  node = await connect({ url: chain.url });
});

const balance = (account: Address) => ({ address: dai, abi, functionName: 'balanceOf', args: [account] });
const mint = (amount: bigint) => tokens.DAI.contract.write('mint', [me, amount]);

/** Replaces everything after `change` by other blocks of the same heights, and more of them. */
async function reorganise(change: () => Promise<void>): Promise<void> {
  const id = await chain.testClient.snapshot();
  await change();
  await chain.testClient.revert({ id });
}

describe('pin', () => {
  test('default: the newest block', async () => {
    await mint(1n);
    const { block } = await pin(node);
    const newest = await chain.publicClient.getBlock();
    const timestamp = Number(newest.timestamp);
    expect(block).toEqual({ chainId: 31337, number: newest.number, hash: newest.hash, timestamp });
  });

  test('behavior: by number and by hash', async () => {
    const { block } = await pin(node);
    await mint(1n);
    expect((await pin(node, { number: block.number })).block).toEqual(block);
    expect((await pin(node, { hash: block.hash })).block).toEqual(block);
  });

  test('behavior: every call sees the pinned block, its state and its time, however old', async () => {
    await mint(10n);
    const then = await pin(node);
    const [before] = await then.read([balance(me)]);
    await chain.testClient.increaseTime({ seconds: 5_000 });
    await mint(7n);
    const now = await pin(node);
    const clock = {
      address: MULTICALL_CLOCK,
      abi: parseAbi(['function x() view returns (uint256)']),
      functionName: 'x',
    };
    expect(await then.read([balance(me), clock])).toEqual([before, BigInt(then.block.timestamp)]);
    expect(await now.read([balance(me), clock])).toEqual([(before as bigint) + 7n, BigInt(now.block.timestamp)]);
    expect(now.block.timestamp - then.block.timestamp).toBeGreaterThanOrEqual(5_000);
  });

  test('error: BlockGoneError for a block that never was', async () => {
    await expect(pin(node, { number: 999_999n })).rejects.toThrow(BlockGoneError);
    await expect(pin(node, { hash: `0x${'11'.repeat(32)}` })).rejects.toThrow(/Pin a newer block/);
  });

  test('error: BlockGoneError at pin, read and logs once the block was reorganised away', async () => {
    let lost = await pin(node);
    await reorganise(async () => {
      await mint(3n);
      lost = await pin(node);
      expect(await lost.read([balance(me)])).toHaveLength(1);
    });
    const logs = () => lost.logs({ address: dai, events: [transfer], fromBlock: 0 });
    for (let replaced = 0; replaced < 2; replaced++) {
      await expect(pin(node, { hash: lost.block.hash })).rejects.toThrow(BlockGoneError);
      await expect(lost.read([balance(me)])).rejects.toThrow(BlockGoneError);
      await expect(lost.sequence([balance(me)])).rejects.toThrow(BlockGoneError);
      await expect(logs()).rejects.toThrow(BlockGoneError);
      await mint(4n);
    }
  });

  test('error: RpcError when the node goes away between two reads', async () => {
    const other = await startChain();
    const pinned = await pin(await connect({ url: other.url }));
    await other.stop();
    await expect(pinned.read([balance(me)])).rejects.toThrow(RpcError);
    await expect(pinned.sequence([balance(me)])).rejects.toThrow(RpcError);
    await expect(pinned.logs({ address: dai, events: [transfer], fromBlock: 0 })).rejects.toThrow(RpcError);
  });
});

describe('read', () => {
  test('behavior: a thousand calls come back in order', async () => {
    const accounts = Array.from({ length: 1_000 }, (_, i): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`);
    await tokens.DAI.contract.write('mint', [accounts[123], 123n]);
    await tokens.DAI.contract.write('mint', [accounts[999], 999n]);
    const balances = await (await pin(node)).read(accounts.map(balance));
    expect(balances).toEqual(accounts.map((_, i) => (i === 123 || i === 999 ? BigInt(i) : 0n)));
  });

  test('behavior: answers too large for one multicall are asked one by one', async () => {
    // returndatasize-free: return(0, 20_000) of zeros, as the bytes of a fixed array
    const wide: Address = '0x0000000000000000000000000000000000111de0';
    await chain.testClient.setCode({ address: wide, bytecode: '0x614e205ff3' });
    const call = { address: wide, abi: parseAbi(['function x() view returns (uint256[625])']), functionName: 'x' };
    const results = await (await pin(node)).read([call, balance(me), call]);
    expect(results.map((result) => (Array.isArray(result) ? result.length : 'one'))).toEqual([625, 'one', 625]);
  });

  test('behavior: nothing asked, nothing sent', async () => {
    const pinned = await pin(node);
    expect(await pinned.read([])).toEqual([]);
    expect(await pinned.sequence([])).toEqual([]);
    expect(await pinned.logs({ address: [], events: [transfer], fromBlock: 0 })).toEqual([]);
  });

  test('error: CallFailedError names the contract, the function and the arguments', async () => {
    const pinned = await pin(node);
    const bad = { address: dai, abi, functionName: 'missing', args: [7n, me] };
    const error = await pinned.read([balance(me), bad, balance(me)]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CallFailedError);
    expect(error).toMatchObject({ address: dai, functionName: 'missing', args: [7n, me] });
    expect((error as Error).message).toContain(`missing(7, ${me}) of ${dai} failed`);
    await expect(pinned.sequence([balance(me), bad])).rejects.toThrow(CallFailedError);
  });

  test('error: CallFailedError where there is no contract, or another answer than the ABI says', async () => {
    const pinned = await pin(node);
    const nowhere: Address = '0x00000000000000000000000000000000000dead1';
    await expect(pinned.read([{ ...balance(me), address: nowhere }])).rejects.toThrow(CallFailedError);
    const text = { address: dai, abi: parseAbi(['function balanceOf(address) view returns (string)']), args: [me] };
    await expect(pinned.read([{ ...text, functionName: 'balanceOf' }])).rejects.toThrow(CallFailedError);
  });
});

describe('sequence', () => {
  test('default: each call sees what the earlier ones did, and nothing stays', async () => {
    const pinned = await pin(node);
    const [before] = (await pinned.read([balance(me)])) as [bigint];
    const minted = { address: dai, abi, functionName: 'mint', args: [me, 55n] };
    expect(await pinned.sequence([balance(me), minted, balance(me)])).toEqual([before, true, before + 55n]);
    expect(await pinned.read([balance(me)])).toEqual([before]);
    expect(await (await pin(node)).read([balance(me)])).toEqual([before]);
  });
});

describe('readEachFrom', () => {
  const send = (from: Address, raw: bigint) => ({
    ...{ from, address: dai, abi, functionName: 'transfer' },
    args: ['0x00000000000000000000000000000000000000aa', raw],
  });

  test('default: each account is answered for itself, the error in the place of who is refused, and nothing stays', async () => {
    const rich = chain.account(61).address;
    await tokens.DAI.contract.write('mint', [rich, 5n]);
    const pinned = await pin(node);
    const calls = [send(rich, 5n), send(chain.account(62).address, 5n), send(rich, 5n)];
    const [first, refused, again] = await pinned.readEachFrom(calls);
    expect([first, again]).toEqual([true, true]);
    expect(refused).toBeInstanceOf(CallFailedError);
    expect(refused).toMatchObject({ address: dai, functionName: 'transfer' });
    expect(await pinned.read([balance(rich)])).toEqual([5n]);
    expect(await pinned.readEachFrom([])).toEqual([]);
  });

  test('behavior: at the pinned block, whatever came after it', async () => {
    const rich = chain.account(63).address;
    const before = await pin(node);
    await tokens.DAI.contract.write('mint', [rich, 5n]);
    expect((await before.readEachFrom([send(rich, 5n)]))[0]).toBeInstanceOf(CallFailedError);
    expect(await (await pin(node)).readEachFrom([send(rich, 5n)])).toEqual([true]);
  });

  test('error: RpcError when the node is gone, no answer of an account', async () => {
    const other = await startChain();
    const pinned = await pin(await connect({ url: other.url }));
    await other.stop();
    await expect(pinned.readEachFrom([send(me, 1n)])).rejects.toThrow(RpcError);
  });
});

describe('storage', () => {
  const word = (index: bigint) => ({ address: dai, slot: numberToHex(index, { size: 32 }) });

  test('default: words as they are at the pinned block, whatever came after it, each asked for once', async () => {
    const store = async (value: bigint) => {
      await chain.testClient.mine({ blocks: 1 });
      await chain.testClient.setStorageAt({
        address: dai,
        index: word(900n).slot,
        value: numberToHex(value, { size: 32 }),
      });
      await chain.testClient.mine({ blocks: 1 });
    };
    await store(42n);
    const pinned = await pin(node);
    await store(43n);
    const words = Array.from({ length: 50 }, (_, i) => word(BigInt(890 + (i % 25))));
    const read = await pinned.storage(words);
    expect(read.map(BigInt)).toEqual(words.map(({ slot }) => (BigInt(slot) === 900n ? 42n : 0n)));
    expect(await pinned.storage([])).toEqual([]);
  });

  test('error: RpcError when the node is gone', async () => {
    const other = await startChain();
    const pinned = await pin(await connect({ url: other.url }));
    await other.stop();
    await expect(pinned.storage([word(0n)])).rejects.toThrow(RpcError);
  });
});

describe('logs', () => {
  test('default: decoded, in order, up to the pinned block and no further', async () => {
    const other = chain.account(6).address;
    const from = Number((await pin(node)).block.number) + 1;
    await tokens.DAI.contract.write('mint', [me, 20n]);
    await tokens.DAI.contract.write('transfer', [other, 5n], { from: me });
    const pinned = await pin(node);
    await tokens.DAI.contract.write('transfer', [other, 6n], { from: me });
    const logs = await pinned.logs({ address: [dai], events: [transfer], fromBlock: from });
    expect(logs.map(({ eventName, args }) => ({ eventName, ...args }))).toEqual([
      { eventName: 'Transfer', from: '0x0000000000000000000000000000000000000000', to: me, value: 20n },
      { eventName: 'Transfer', from: me, to: other, value: 5n },
    ]);
  });

  test('behavior: more blocks than one request may span', async () => {
    const from = Number((await pin(node)).block.number) + 1;
    await mint(31n);
    await chain.testClient.mine({ blocks: 25_000 });
    await mint(32n);
    const logs = await (await pin(node)).logs({ address: dai, events: [transfer], fromBlock: from });
    expect(logs.map(({ args }) => (args as unknown as { value: bigint }).value)).toEqual([31n, 32n]);
  });

  test('error: LogDecodeError for a log that is not what its signature says', async () => {
    await mint(1n);
    const nft = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)');
    const logs = (await pin(node)).logs({ address: dai, events: [nft], fromBlock: 0 });
    await expect(logs).rejects.toThrow(LogDecodeError);
  });
});
