import { type Address, pad, parseAbiItem, zeroHash } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployTokens, type Tokens } from '../../scripts/protocols/tokens.ts';
import { type Chain, connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { HistoryQuery } from '../../src/chain/pinnedChain.ts';
import { type Cursor, resume } from '../../src/chain/resume.ts';
import { CursorFileError, formatCursor, parseCursor } from '../../src/store/cursorFile.ts';
import { startProxyNode } from './proxyNode.ts';

const transfer = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');

let chain: LocalChain;
let tokens: Tokens;
let proxy: Awaited<ReturnType<typeof startProxyNode>>;
let node: Chain;
let people = 0;

beforeAll(async () => {
  chain = await startChain();
  tokens = await deployTokens(chain);
  proxy = await startProxyNode(chain.url, () => 'pass');
  node = await connect({ url: proxy.url });
});
afterAll(async () => {
  proxy.stop();
  await chain.stop();
});
beforeEach(async () => {
  await mintToSomebody();
});

/** An address that never was in a log before. */
const somebody = (): Address => `0x${(0xabc000 + people++).toString(16).padStart(40, '0')}`;
const mintToSomebody = (token: 'DAI' | 'USDC' = 'DAI') => tokens[token].contract.write('mint', [somebody(), 1n]);
const query = (...names: readonly ('DAI' | 'USDC')[]): HistoryQuery => ({
  address: names.map((name) => tokens[name].contract.address),
  events: [transfer],
  fromBlock: 0,
  keep: ['to'],
});
const text = (value: unknown) => JSON.stringify(value);
const sorted = (entries: readonly unknown[]) => entries.map(text).sort();

/** The ranges of logs that the node was asked for since the last time. */
function scanned(): readonly number[] {
  const ranges = proxy.calls.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => params[0]);
  proxy.calls.length = 0;
  return ranges.map((range) => Number((range as { readonly fromBlock: string }).fromBlock));
}

/** Resumes at the newest block, checks the answer against a full scan, and hands on the cursor as a file would. */
async function follow(cursor: Cursor | undefined, asked = query('DAI')): Promise<Cursor> {
  const pinned = await pin(node);
  const full = await pinned.history(asked);
  scanned();
  const resumed = await resume(pinned, cursor);
  expect(sorted(await resumed.chain.history(asked))).toEqual(sorted(full));
  return parseCursor(formatCursor(resumed.cursor()));
}

const height = async () => Number((await pin(node)).block.number);

test('default: each combination once, the same as a full scan, and only new blocks are asked for', async () => {
  const first = await follow(undefined);
  expect(scanned()).toEqual([0]);
  await mintToSomebody();
  const before = await height();
  await mintToSomebody();
  const second = await follow(first);
  expect(scanned()).toEqual([before]);
  await follow(second);
  expect(scanned()).toEqual([]);
});

test('behavior: asked twice at one block, the node is asked once', async () => {
  const resumed = await resume(await pin(node));
  const first = await resumed.chain.history(query('DAI'));
  scanned();
  expect(await resumed.chain.history(query('DAI'))).toEqual(first);
  expect(scanned()).toEqual([]);
});

test('behavior: a contract that is new to the query is scanned from the first block, the others are not', async () => {
  const cursor = await follow(undefined, query('DAI'));
  await mintToSomebody('USDC');
  const head = await height();
  await follow(cursor, query('DAI', 'USDC'));
  expect([...scanned()].sort()).toEqual([0, head]);
});

test('behavior: another question is another history', async () => {
  const cursor = await follow(undefined);
  const resumed = await resume(await pin(node), cursor);
  const entries = await resumed.chain.history({ ...query('DAI'), keep: ['from'] });
  expect(entries.map(({ args }) => Object.keys(args))).toEqual(entries.map(() => ['from']));
});

test('behavior: logs of which the first indexed argument is named are a question of their own, asked for with it', async () => {
  const cursor = await follow(undefined);
  const some = somebody();
  await tokens.DAI.contract.write('mint', [some, 1n]);
  const [minted, none] = [zeroHash, pad(some)].map((topic) => ({ ...query('DAI'), firstTopics: [topic] }));
  await follow(await follow(cursor, minted), none);
  const pinned = await pin(node);
  expect(await pinned.history(minted as HistoryQuery)).toEqual(await pinned.history(query('DAI')));
  expect(await pinned.history(none as HistoryQuery)).toEqual([]);
  const asked = proxy.calls.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => params[0]);
  expect((asked.at(-1) as { readonly topics: readonly unknown[] }).topics[1]).toEqual([pad(some)]);
});

test.each([1, 20, 100])(
  'behavior: a reorganisation %i deep: nobody stays who was only in blocks that are gone',
  async (deep) => {
    let cursor = await follow(undefined);
    for (let i = 0; i < 3; i++) {
      await chain.testClient.mine({ blocks: 64 });
      cursor = await follow(cursor);
    }
    const id = await chain.testClient.snapshot();
    for (let i = 0; i < deep; i++) {
      await mintToSomebody();
      if (i % 7 === 0) cursor = await follow(cursor);
    }
    cursor = await follow(cursor);
    await chain.testClient.revert({ id });
    await mintToSomebody();
    await chain.testClient.mine({ blocks: deep - 1, interval: 3 });
    scanned();
    cursor = await follow(cursor);
    expect(Math.min(...scanned())).toBeGreaterThan(0);
    await mintToSomebody();
    await follow(cursor);
  },
);

test('behavior: a chain that got shorter', async () => {
  const id = await chain.testClient.snapshot();
  await mintToSomebody();
  await chain.testClient.mine({ blocks: 30 });
  const cursor = await follow(undefined);
  await chain.testClient.revert({ id });
  await follow(await follow(cursor));
});

test('behavior: at an earlier block only who was there, and the cursor keeps what it knows', async () => {
  const early = await pin(node);
  await mintToSomebody();
  const cursor = await follow(undefined);
  const full = await early.history(query('DAI'));
  const resumed = await resume(early, cursor);
  expect(sorted(await resumed.chain.history(query('DAI')))).toEqual(sorted(full));
  expect(parseCursor(formatCursor(resumed.cursor()))).toEqual(cursor);
});

test('behavior: a cursor of another chain is not used', async () => {
  const cursor = await follow(undefined);
  await follow({ ...cursor, chainId: 1 });
  expect(scanned()).toEqual([0]);
});

test('error: CursorFileError', () => {
  for (const bad of [
    '',
    '{',
    '[]',
    '{"chainId":1}',
    '{"chainId":1,"blocks":[{"number":-1,"hash":"0x"}],"sources":{}}',
  ]) {
    expect(() => parseCursor(bad)).toThrow(CursorFileError);
  }
});
