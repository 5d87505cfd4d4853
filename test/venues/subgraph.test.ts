import { type Address, getAddress, pad, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { createVenues, discoverAccounts } from '../../src/venues/index.ts';
import { readSubgraph, SubgraphError } from '../../src/venues/subgraph.ts';
import { type Fixture, startPopulated } from './fixture.ts';
import { type Index, startSubgraph, usersOf } from './subgraphServer.ts';

let fixture: Fixture;
let chain: PinnedChain;
let index: Index;
let subgraph: Awaited<ReturnType<typeof startSubgraph>>;

beforeAll(async () => {
  fixture = await startPopulated();
  chain = await fixture.pin();
  subgraph = await startSubgraph(() => index);
});

afterAll(async () => {
  subgraph.stop();
  await fixture.stop();
});

beforeEach(() => {
  index = indexOf([]);
});

const config = () => ({ url: subgraph.url, entity: 'users', account: 'id' });

/** An index of the pinned block. */
function indexOf(accounts: readonly Address[]): Index {
  const { hash, number } = chain.block;
  return { users: usersOf(accounts), block: { hash, number: Number(number) }, hasIndexingErrors: false };
}

const crowd = (count: number) => Array.from({ length: count }, (_, i) => getAddress(pad(toHex(i + 1), { size: 20 })));

test('default: a venue with a subgraph is discovered from it, the others from their logs', async () => {
  const aave = createVenues(fixture.deployment).find(({ name }) => name === 'aaveV3');
  const byLogs = await discoverAccounts(chain, fixture.deployment);
  index = indexOf((await aave?.discover(chain)) ?? []);
  const before = subgraph.requests();
  const found = await discoverAccounts(chain, { ...fixture.deployment, subgraphs: { aaveV3: config() } });
  expect(found).toEqual(byLogs);
  expect(subgraph.requests()).toBe(before + 1);
});

test('behavior: pages reach past what may be skipped', async () => {
  const accounts = crowd(12_345);
  index = indexOf(accounts);
  const before = subgraph.requests();
  expect(await readSubgraph(config(), chain.block)).toEqual(accounts);
  expect(subgraph.requests() - before).toBe(13);
});

test('behavior: the account may stand one level down', async () => {
  index = indexOf(crowd(3));
  expect(await readSubgraph({ ...config(), account: 'owner.id' }, chain.block)).toEqual(crowd(3));
});

test('behavior: nobody is an answer', async () => {
  expect(await readSubgraph(config(), chain.block)).toEqual([]);
});

test.each<[string, () => Index, RegExp]>([
  ['another block', () => ({ ...indexOf([]), block: { hash: pad('0x1'), number: 1 } }), /answers for block 1/],
  ['a block that it cannot name', () => ({ ...indexOf([]), block: { hash: null, number: 1 } }), /block 1 \(null\)/],
  ['an index with errors', () => ({ ...indexOf([]), hasIndexingErrors: true }), /indexing errors/],
  ['pages that repeat', () => ({ ...indexOf(crowd(2_000)), ignoresPages: true }), /not in the order of ids/],
])('error: SubgraphError for %s', async (_, make, words) => {
  index = make();
  await expect(readSubgraph(config(), chain.block)).rejects.toThrow(words);
  await expect(readSubgraph(config(), chain.block)).rejects.toBeInstanceOf(SubgraphError);
});

test('error: SubgraphError for an entity that is no account', async () => {
  index = { ...indexOf([]), users: [{ id: '0x12-weth', owner: { id: '0x12' } }] };
  await expect(readSubgraph(config(), chain.block)).rejects.toThrow(/0x12-weth, not an address/);
});

test('error: SubgraphError in the words of the indexer, for a field that it does not have', async () => {
  const error = await readSubgraph({ ...config(), entity: 'owners' }, chain.block).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SubgraphError);
  expect(String(error)).toContain('Cannot query field "owners"');
  expect(JSON.stringify(error) + String(error)).not.toContain('secret-key');
});

test('error: SubgraphError when nothing answers, without the key in its URL', async () => {
  const url = 'http://127.0.0.1:9/secret-key';
  const error = await readSubgraph({ ...config(), url }, chain.block).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SubgraphError);
  expect(JSON.stringify(error) + String(error)).not.toContain('secret-key');
});
