import { type Address, getAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/chain/deployment.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { createVenues, discoverAccounts, readAccounts } from '../../src/venues/index.ts';
import { DuplicateTokenError, UnknownTokenError } from '../../src/venues/tokens.ts';
import { type Fixture, startPopulated } from './fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };

beforeAll(async () => {
  fixture = await startPopulated();
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const text = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));

/** Every object with its keys the other way round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return [...value].reverse().map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  ) as T;
}

describe('discoverAccounts', () => {
  test('default: everyone who holds something, and the watch list, each once and in order', async () => {
    const found = await discoverAccounts(await fixture.pin(), fixture.deployment);
    for (const address of fixture.accounts.values()) expect(found).toContain(getAddress(address));
    expect(found).toContain(getAddress(fixture.deployment.watch[0] as Address));
    const lower = found.map((address) => address.toLowerCase());
    expect(lower).toEqual([...new Set(lower)].sort());
    expect(lower).not.toContain('0x0000000000000000000000000000000000000000');
  });

  test('behavior: at an earlier block only who was there', async () => {
    const early = await fixture.pin({ number: BigInt(fixture.deployment.fromBlock) + 150n });
    const found = await discoverAccounts(early, { ...fixture.deployment, venues: {} });
    expect(found).toEqual(fixture.deployment.watch.map((address) => getAddress(address)));
  });
});

describe('readAccounts', () => {
  test('default: all venues of an account together, in the order asked', async () => {
    const accounts = ['twenty legs', 'empty', 'rescued'].map(named);
    const read = await readAccounts(await fixture.pin(), { deployment: fixture.deployment, accounts });
    expect(read.map(({ account }) => account)).toEqual(accounts);
    expect(read.map(({ positions }) => [...new Set(positions.map(({ venue }) => venue))])).toEqual([
      ['aaveV3', 'lyra', 'morphoBlue'],
      [],
      ['aaveV3', 'lyra', 'morphoBlue'],
    ]);
  });

  test('behavior: every leg has its silo, every silo a leg, every id once, no leg is zero', async () => {
    const pinned = await fixture.pin();
    const accounts = await discoverAccounts(pinned, fixture.deployment);
    for (const { positions, silos, healths } of await readAccounts(pinned, {
      deployment: fixture.deployment,
      accounts,
    })) {
      const ids = silos.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...new Set(positions.map(({ silo }) => silo))].sort()).toEqual([...ids].sort());
      expect(positions.filter(({ amount }) => amount.raw === 0n)).toEqual([]);
      for (const { silo } of healths) expect(ids).toContain(silo);
      for (const { id, rule } of silos) {
        if (rule.kind !== 'lending') continue;
        const held = positions.filter((leg) => leg.kind === 'token' && leg.silo === id && leg.amount.raw > 0n);
        for (const leg of held) expect(leg.kind === 'token' && rule.collateral[leg.asset]).toBeTruthy();
      }
    }
  });

  test('behavior: the same block gives the same bytes through another connection and another order of configuration', async () => {
    const pinned = await fixture.pin();
    const { deployment } = fixture;
    const accounts = await discoverAccounts(pinned, deployment);
    const first = text(await readAccounts(pinned, { deployment, accounts }));
    const turned = reversed(deployment);
    const again = await fixture.pin({ hash: pinned.block.hash });
    expect(await discoverAccounts(again, turned)).toEqual(accounts);
    expect(text(await readAccounts(again, { deployment: turned, accounts }))).toBe(first);
    const backwards = await readAccounts(again, { deployment, accounts: [...accounts].reverse() });
    expect(text([...backwards].reverse())).toBe(first);
  });

  test('behavior: nobody asked, nothing read', async () => {
    expect(await readAccounts(await fixture.pin(), { deployment: fixture.deployment, accounts: [] })).toEqual([]);
  });

  test('error: UnknownTokenError stops the whole reading: no account is read in part', async () => {
    const { DAI: _, ...assets } = fixture.deployment.assets;
    const pinned = await fixture.pin();
    const accounts = [named('aave only'), named('stable loop')];
    const reading = readAccounts(pinned, { deployment: { ...fixture.deployment, assets }, accounts });
    await expect(reading).rejects.toThrow(UnknownTokenError);
    await expect(reading).rejects.toThrow(/Token DAI \(0x\w+\) is held or owed at aaveV3 and belongs to no asset/);
  });

  test('error: CallFailedError for a venue that is not where the deployment says', async () => {
    const pool = fixture.world.tokens.DAI.contract.address;
    const deployment: Deployment = { ...fixture.deployment, venues: { aaveV3: { pool } } };
    const pinned = await fixture.pin();
    await expect(discoverAccounts(pinned, deployment)).rejects.toThrow(CallFailedError);
    await expect(readAccounts(pinned, { deployment, accounts: [named('empty')] })).rejects.toThrow(CallFailedError);
  });

  test('error: DuplicateTokenError', () => {
    const { ETH, ...assets } = fixture.deployment.assets;
    if (ETH === undefined) expect.unreachable();
    const twice = { ...fixture.deployment, assets: { ...assets, ETH, WETH: ETH } };
    expect(() => createVenues(twice)).toThrow(DuplicateTokenError);
  });
});
