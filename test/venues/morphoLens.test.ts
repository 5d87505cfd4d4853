import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { readLeads } from '../../src/venues/morphoHistory.ts';
import { type MorphoLeadsQuery, readAccrued, readByCalls, readByLens, readStored } from '../../src/venues/morphoOwn.ts';
import { tokenBook } from '../../src/venues/tokens.ts';
import { type Fault, startProxyNode } from '../chain/proxyNode.ts';
import { type Fixture, startPopulated } from './fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
const FIRST = 0xc0de000;
/** More people than one call of the lens takes. */
const CROWD = Array.from({ length: 450 }, (_, i): Address => `0x${(FIRST + i).toString(16).padStart(40, '0')}`);

beforeAll(async () => {
  fixture = await startPopulated();
  const { chain, world } = fixture;
  const { morpho, markets } = world.morpho;
  const crowd = await deploy(chain, ownArtifact('test/MorphoCrowd'));
  for (const { contract } of [world.tokens.USDC, world.tokens.WETH]) {
    await contract.write('mint', [crowd.address, 10n ** 24n]);
  }
  for (let from = 0; from < CROWD.length; from += 75) {
    await crowd.write('open', [morpho.address, markets.usdcForWeth.params, FIRST + from, 75]);
  }
  await chain.testClient.increaseTime({ seconds: 86_400 });
  await chain.testClient.mine({ blocks: 1 });
});
afterAll(() => fixture.stop());

async function queryAt(pinned: PinnedChain): Promise<MorphoLeadsQuery> {
  const morpho = fixture.world.morpho.morpho.address;
  const feeRecipient = await fixture.world.morpho.morpho.read<Address>('feeRecipient');
  const { fromBlock, assets } = fixture.deployment;
  const accounts = [...fixture.accounts.values(), feeRecipient, ...CROWD];
  return {
    morpho,
    leads: await readLeads(pinned, { source: { morpho, fromBlock, book: tokenBook(assets) }, accounts }),
  };
}

test('default: the lens and the plain calls read the same, the shares of the fee recipient before and after its accrual', async () => {
  const pinned = await fixture.pin();
  const query = await queryAt(pinned);
  expect(query.leads.length).toBeGreaterThan(CROWD.length);
  const byCalls = await readByCalls(pinned, query);
  expect(await readStored(pinned, query)).toEqual(byCalls);
  const gained = byCalls.filter(({ position, own }) => {
    return !(own instanceof CallFailedError) && own.position?.supplyShares !== position.supplyShares;
  });
  expect(gained).toHaveLength(1);
  for (const leads of [query.leads.slice(0, 1), query.leads.slice(0, 200), []]) {
    expect(await readByLens(pinned, { ...query, leads })).toEqual(await readByCalls(pinned, { ...query, leads }));
  }
});

test('behavior: markets without accounts, as the accrual leaves them', async () => {
  const pinned = await fixture.pin();
  const { morpho, leads } = await queryAt(pinned);
  const accrued = await readAccrued(pinned, { morpho, markets: leads.filter(({ id }, i) => leads[i - 1]?.id !== id) });
  const byCalls = await readByCalls(pinned, { morpho, leads });
  for (const [i, { id }] of leads.entries()) {
    const own = byCalls[i]?.own;
    expect(accrued.get(id)).toEqual(own instanceof CallFailedError ? own : own?.market);
  }
  expect(accrued.size).toBe(3);
});

test('behavior: at an earlier block as it was then', async () => {
  const head = await fixture.pin();
  const then = await fixture.pin({ number: head.block.number - 4n });
  const query = await queryAt(then);
  const stored = await readStored(then, query);
  expect(stored).toEqual(await readByCalls(then, query));
  expect(stored).not.toEqual(await readStored(head, query));
});

test('behavior: a tenth of the calls', async () => {
  const proxy = await startProxyNode(fixture.chain.url, () => 'pass');
  const pinned = await pin(await connect({ url: proxy.url }));
  const query = await queryAt(pinned);
  const countOf = async (read: typeof readStored) => {
    proxy.calls.length = 0;
    await read(pinned, query);
    return proxy.calls.length;
  };
  const byCalls = await countOf((chain, asked) => readByCalls(chain, asked));
  const byLens = await countOf(readStored);
  proxy.stop();
  expect(byLens).toBeLessThanOrEqual(Math.ceil(byCalls / 10));
});

test('behavior: where the lens does not answer, plain calls do', async () => {
  const isLens = (params: readonly unknown[]) => JSON.stringify(params).length > 20_000;
  let failed = 0;
  const proxy = await startProxyNode(fixture.chain.url, ({ method, params }): Fault => {
    if (method !== 'eth_call' || failed > 0 || !isLens(params)) return 'pass';
    failed++;
    return { error: { code: -32000, message: 'invalid opcode: PUSH0' } };
  });
  const pinned = await pin(await connect({ url: proxy.url }));
  const query = await queryAt(pinned);
  expect(await readStored(pinned, query)).toEqual(await readByCalls(await fixture.pin(), query));
  expect(failed).toBe(1);
  proxy.stop();
});

test('error: CallFailedError in the place of those alone who are in a market that fails', async () => {
  const { chain, world } = fixture;
  const id = await chain.testClient.snapshot();
  await chain.testClient.setCode({ address: world.morpho.irm.address, bytecode: '0x5f5ffd' });
  await chain.testClient.mine({ blocks: 1 });
  const pinned = await fixture.pin();
  const query = await queryAt(pinned);
  const some = { ...query, leads: query.leads.slice(0, 60) };
  expect(await readByLens(pinned, some)).toBeUndefined();
  for (const { own } of await readStored(pinned, some)) expect(own).toBeInstanceOf(CallFailedError);
  await chain.testClient.revert({ id });
});
