import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { readReserves } from '../../src/venues/aaveV3Market.ts';
import { type AaveStatesQuery, readByCalls, readByLens, readStates } from '../../src/venues/aaveV3States.ts';
import { type Fault, startProxyNode } from '../chain/proxyNode.ts';
import { type Fixture, startPopulated } from './fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
/** People that the demonstration does not have, each with something of every reserve. */
const CROWD = Array.from({ length: 90 }, (_, i): Address => `0x${(0xc0de000 + i).toString(16).padStart(40, '0')}`);

beforeAll(async () => {
  fixture = await startPopulated();
  const { pool } = fixture.world.aave;
  const { DAI, WETH } = fixture.world.tokens;
  const from = actor(fixture.world, fixture.chain.account(56).address);
  await from.supply('DAI', 1);
  await from.supply('WETH', 1);
  await DAI.contract.write('mint', [from.address, 10n ** 20n]);
  await WETH.contract.write('mint', [from.address, 10n ** 20n]);
  for (const account of CROWD) {
    for (const token of [DAI, WETH]) {
      const args = [token.contract.address, 10n ** 16n, account, 0];
      await pool.write('supply', args, { from: from.address });
    }
  }
});
afterAll(() => fixture.stop());

async function queryAt(pinned: PinnedChain): Promise<AaveStatesQuery> {
  const pool = fixture.world.aave.pool.address;
  const { reserves } = await readReserves(pinned, pool);
  return { pool, reserves, accounts: [...fixture.accounts.values(), ...CROWD] };
}

test('default: the lens and the plain calls read the same', async () => {
  const pinned = await fixture.pin();
  const query = await queryAt(pinned);
  const byCalls = await readByCalls(pinned, query);
  expect(await readStates(pinned, query)).toEqual(byCalls);
  for (const accounts of [query.accounts.slice(0, 1), query.accounts.slice(0, 30), []]) {
    expect(await readByLens(pinned, { ...query, accounts })).toEqual(await readByCalls(pinned, { ...query, accounts }));
  }
});

test('behavior: at an earlier block as it was then', async () => {
  const head = await fixture.pin();
  const then = await fixture.pin({ number: head.block.number - 100n });
  const query = await queryAt(then);
  const states = await readStates(then, query);
  expect(states).toEqual(await readByCalls(then, query));
  expect(states).not.toEqual(await readStates(head, query));
});

test('behavior: a tenth of the calls', async () => {
  const proxy = await startProxyNode(fixture.chain.url, () => 'pass');
  const pinned = await pin(await connect({ url: proxy.url }));
  const query = await queryAt(pinned);
  const countOf = async (read: typeof readStates) => {
    proxy.calls.length = 0;
    await read(pinned, query);
    return proxy.calls.length;
  };
  const [byCalls, byLens] = [await countOf(readByCalls), await countOf(readStates)];
  proxy.stop();
  expect(byLens).toBeLessThanOrEqual(Math.ceil(byCalls / 8));
});

test('behavior: where the lens does not answer, plain calls do', async () => {
  const isLens = (params: readonly unknown[]) => JSON.stringify(params).length > 5_000;
  let failed = 0;
  const proxy = await startProxyNode(fixture.chain.url, ({ method, params }): Fault => {
    if (method !== 'eth_call' || failed > 0 || !isLens(params)) return 'pass';
    failed++;
    return { error: { code: -32000, message: 'invalid opcode: PUSH0' } };
  });
  const pinned = await pin(await connect({ url: proxy.url }));
  const query = await queryAt(pinned);
  failed = 0;
  expect(await readStates(pinned, query)).toEqual(await readByCalls(await fixture.pin(), query));
  expect(failed).toBe(1);
  proxy.stop();
});

test('error: CallFailedError names the account whose data reverts', async () => {
  const { chain, world } = fixture;
  const id = await chain.testClient.snapshot();
  await chain.testClient.setCode({ address: world.feeds.BTC.aggregator.address, bytecode: '0x5f5ffd' });
  await chain.testClient.mine({ blocks: 1 });
  const pinned = await fixture.pin();
  const query = await queryAt(pinned);
  expect(await readByLens(pinned, query)).toBeUndefined();
  const holder = fixture.accounts.get('twenty legs') as Address;
  const error = await readStates(pinned, { ...query, accounts: [...CROWD.slice(0, 5), holder] }).catch(
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CallFailedError);
  expect(error).toMatchObject({ functionName: 'getUserAccountData', args: [holder] });
  expect(await readStates(pinned, { ...query, accounts: CROWD })).toHaveLength(CROWD.length);
  await chain.testClient.revert({ id });
});
