import { inspect } from 'node:util';
import { type Address, parseAbi, parseAbiItem } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployTokens, type Tokens } from '../../scripts/protocols/tokens.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { connect, RpcError, WrongChainError } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import { LogRangeRefusedError } from '../../src/chain/ranges.ts';
import { SourceError } from '../../src/errors.ts';
import { type Call, type Fault, failFirst, startProxyNode } from './proxyNode.ts';

const abi = parseAbi(['function balanceOf(address) view returns (uint256)']);
const transfer = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');

let chain: LocalChain;
let tokens: Tokens;
let dai: Address;
let me: Address;
let proxy: Awaited<ReturnType<typeof startProxyNode>> | undefined;

beforeAll(async () => {
  chain = await startChain();
  tokens = await deployTokens(chain);
  dai = tokens.DAI.contract.address;
  me = chain.account(5).address;
  await mint(1n);
  await chain.testClient.mine({ blocks: 12_000 });
  await mint(2n);
  await mint(3n);
});
afterAll(() => chain.stop());
afterEach(() => proxy?.stop());

const mint = (amount: bigint) => tokens.DAI.contract.write('mint', [me, amount]);
const balance = () => ({ address: dai, abi, functionName: 'balanceOf', args: [me] });

/** The real node behind a proxy with a fault. */
async function through(rule: (call: Call) => Fault | Promise<Fault>, options = {}) {
  proxy = await startProxyNode(chain.url, rule);
  return connect({ url: proxy.url, timeoutMs: 2_000, ...options });
}

async function mintsThrough(rule: (call: Call) => Fault, options = {}) {
  const pinned = await pin(await through(rule, options));
  const logs = await pinned.logs({ address: dai, events: [transfer], fromBlock: 0 });
  return logs.map(({ args }) => (args as unknown as { value: bigint }).value);
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('secret-key');
  return error as Error;
}

const asked = (method: string) => (proxy?.calls ?? []).filter((call) => call.method === method);
const spanOf = ({ params: [filter] }: Call) => {
  const { fromBlock, toBlock } = filter as { readonly fromBlock: string; readonly toBlock: string };
  return Number(toBlock) - Number(fromBlock) + 1;
};

describe('a node that fails for a moment', () => {
  test.each<[string, Fault, string]>([
    ['resets the connection', 'reset', 'eth_call'],
    ['cuts the JSON short', 'truncated', 'eth_call'],
    ['is busy (503)', { status: 503 }, 'eth_call'],
    ['answers 429 without saying how long', { status: 429 }, 'eth_call'],
    ['answers 429 with a JSON-RPC error', { status: 429, body: rateLimited() }, 'eth_call'],
    ['says rate limit in JSON-RPC', { error: { code: -32005, message: 'request rate limited' } }, 'eth_call'],
  ])('behavior: %s, and is asked again', async (_, fault, method) => {
    const pinned = await pin(await through(failFirst(2, method, fault)));
    expect(await pinned.read([balance()])).toEqual([6n]);
    expect(asked(method)).toHaveLength(3);
  });

  test('behavior: the same for logs', async () => {
    for (const fault of ['reset', 'truncated', { status: 429 }] as const) {
      expect(await mintsThrough(failFirst(2, 'eth_getLogs', fault))).toEqual([1n, 2n, 3n]);
      proxy?.stop();
    }
  });

  test('behavior: Retry-After is waited for', async () => {
    const node = await through(failFirst(1, 'eth_call', { status: 429, headers: { 'retry-after': '1' } }));
    const pinned = await pin(node);
    const start = performance.now();
    expect(await pinned.read([balance()])).toEqual([6n]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('error: RpcError at once when Retry-After asks for more patience than there is', async () => {
    const node = await through(failFirst(99, 'eth_call', { status: 429, headers: { 'retry-after': '3600' } }));
    const pinned = await pin(node);
    const start = performance.now();
    expect(await failureOf(pinned.read([balance()]))).toBeInstanceOf(RpcError);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

describe('a node that keeps failing', () => {
  test.each<[string, Fault]>([
    ['resets', 'reset'],
    ['cuts short', 'truncated'],
    ['is busy', { status: 503 }],
    ['is silent', 'silence'],
  ])('error: RpcError when it %s, after a bounded number of tries', async (_, fault) => {
    const node = await through(failFirst(99, 'eth_call', fault), { timeoutMs: 150 });
    const pinned = await pin(node);
    const error = await failureOf(pinned.read([balance()]));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toBeInstanceOf(SourceError);
    expect(asked('eth_call').length).toBeLessThanOrEqual(8);
  });

  test('error: RpcError names the range of the logs', async () => {
    const error = await failureOf(mintsThrough(failFirst(99, 'eth_getLogs', 'reset')));
    expect(error).toBeInstanceOf(RpcError);
    expect(error.message).toMatch(/failed on eth_getLogs of blocks \d+ to \d+:/);
  });

  test('error: WrongChainError', async () => {
    const error = await failureOf(
      through((call) => (call.method === 'eth_chainId' ? { result: '0x1' } : 'pass'), { chainId: 31337 }),
    );
    expect(error).toBeInstanceOf(WrongChainError);
  });
});

describe('a node that limits logs', () => {
  const limited =
    (limit: number, fault: Fault) =>
    (call: Call): Fault =>
      call.method === 'eth_getLogs' && spanOf(call) > limit ? fault : 'pass';

  test.each<[string, Fault]>([
    ['block range', { error: { code: -32602, message: 'block range is too wide' } }],
    ['number of results', { error: { code: -32005, message: 'query returned more than 10000 results' } }],
    ['response size', { error: { code: -32000, message: 'log response size exceeded' } }],
    ['body (HTTP 413)', { status: 413 }],
    ['time (HTTP 504)', { status: 504 }],
    ['time', { error: { code: -32000, message: 'query timeout exceeded' } }],
  ])('behavior: %s: smaller ranges, and everything once and in order', async (_, fault) => {
    expect(await mintsThrough(limited(700, fault))).toEqual([1n, 2n, 3n]);
    expect(asked('eth_getLogs').length).toBeLessThan(80);
  });

  test('behavior: silence is taken for a range that is too wide', async () => {
    expect(await mintsThrough(limited(6_000, 'silence'), { timeoutMs: 300 })).toEqual([1n, 2n, 3n]);
  });

  test('behavior: after a refusal the ranges grow again', async () => {
    const rule = failFirst(5, 'eth_getLogs', { error: { code: -32602, message: 'block range is too wide' } });
    expect(await mintsThrough(rule)).toEqual([1n, 2n, 3n]);
    const spans = asked('eth_getLogs').map(spanOf);
    const smallest = spans.indexOf(Math.min(...spans.slice(0, -1)));
    expect(Math.max(...spans.slice(smallest))).toBeGreaterThan(spans[smallest] as number);
  });

  test('error: LogRangeRefusedError when not even one block is answered, with the range and the words of the node', async () => {
    const fault = { error: { code: -32005, message: 'query returned more than 10000 results' } };
    const error = await failureOf(mintsThrough(limited(0, fault)));
    expect(error).toBeInstanceOf(LogRangeRefusedError);
    expect(error).toBeInstanceOf(SourceError);
    const { from, to } = error as LogRangeRefusedError;
    expect(from).toBe(to);
    expect(error.message).toContain(`blocks ${from} to ${to}`);
    expect(error.message).toContain('more than 10000 results');
  });
});

describe('a node of several machines, of which one lags', () => {
  const unknown: Fault = { error: { code: -32000, message: 'header not found' } };

  test('behavior: an unknown block is asked for again while the node lists it as canonical', async () => {
    const pinned = await pin(await through(failFirst(3, 'eth_call', unknown)));
    expect(await pinned.read([balance()])).toEqual([6n]);
    proxy?.stop();
    const beyond: Fault = { error: { code: -32602, message: 'block range extends beyond current head block' } };
    expect(await mintsThrough(failFirst(3, 'eth_getLogs', beyond))).toEqual([1n, 2n, 3n]);
  });

  test('error: RpcError when it never catches up', async () => {
    const pinned = await pin(await through((call) => (call.method === 'eth_call' ? unknown : 'pass')));
    expect(await failureOf(pinned.read([balance()]))).toBeInstanceOf(RpcError);
    expect(await failureOf(pinned.sequence([balance()]))).toBeInstanceOf(RpcError);
  });

  test('error: BlockGoneError when the head is not there yet', async () => {
    const rule = (call: Call): Fault => (call.method === 'eth_getBlockByHash' ? { result: null } : 'pass');
    const node = await through(rule);
    const { hash } = await chain.publicClient.getBlock();
    expect(await failureOf(pin(node, { hash }))).toBeInstanceOf(BlockGoneError);
  });
});

describe('a chain that is reorganised', () => {
  test.each([1, 20])(
    'behavior: the head replaced, %i deep: the old pin answers nothing, a new one the new',
    async (deep) => {
      const node = await connect({ url: chain.url });
      const id = await chain.testClient.snapshot();
      await mint(100n);
      if (deep > 1) await chain.testClient.mine({ blocks: deep - 1 });
      const old = await pin(node);
      expect(await old.read([balance()])).toEqual([106n]);
      await chain.testClient.revert({ id });
      const again = await chain.testClient.snapshot();
      await mint(40n);
      if (deep > 1) await chain.testClient.mine({ blocks: deep - 1, interval: 2 });
      const now = await pin(node);
      expect(now.block.number).toBe(old.block.number);
      expect(now.block.hash).not.toBe(old.block.hash);
      expect(await failureOf(old.read([balance()]))).toBeInstanceOf(BlockGoneError);
      expect(await failureOf(old.logs({ address: dai, events: [transfer], fromBlock: 0 }))).toBeInstanceOf(
        BlockGoneError,
      );
      expect(await now.read([balance()])).toEqual([46n]);
      await chain.testClient.revert({ id: again });
    },
  );

  test('error: BlockGoneError when the block vanishes between two calls, and when the chain got shorter', async () => {
    const id = await chain.testClient.snapshot();
    await mint(100n);
    let gone = false;
    const node = await through(async (call): Promise<Fault> => {
      if (call.method !== 'eth_call' || gone) return 'pass';
      gone = true;
      await chain.testClient.revert({ id });
      return 'pass';
    });
    const pinned = await pin(node);
    const calls = Array.from({ length: 100 }, balance);
    expect(await failureOf(pinned.read(calls))).toBeInstanceOf(BlockGoneError);
    expect(gone).toBe(true);
    const logs = pinned.logs({ address: dai, events: [transfer], fromBlock: 0 });
    expect(await failureOf(logs)).toBeInstanceOf(BlockGoneError);
  });
});

function rateLimited(): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32029, message: 'slow down' } });
}
