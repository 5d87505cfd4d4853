import { type Address, encodeAbiParameters, type Hash, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import { MarginError } from '../../src/errors.ts';
import { CarryDisagreesError, incrementalReader } from '../../src/venues/incremental.ts';
import { createVenues } from '../../src/venues/index.ts';
import { readVenue } from '../../src/venues/outcomes.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { WALLET } from '../../src/venues/wallet.ts';
import { type Call, type Fault, startProxyNode } from '../chain/proxyNode.ts';
import { type Fixture, startPopulated } from './fixture.ts';
import { follow } from './follow.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };

beforeAll(async () => {
  fixture = await startPopulated();
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const newcomer = (index: number) => actor(fixture.world, fixture.chain.account(index).address);
const venues = () => createVenues(fixture.deployment);
const venue = (name: string) => venues().find((candidate) => candidate.name === name) as Venue;

/** A venue that notes who is read in full. */
function noting(inner: Venue): { readonly venue: Venue; take(): readonly Address[] } {
  let asked: Address[] = [];
  return {
    venue: {
      ...inner,
      read: (chain, accounts) => {
        asked.push(...accounts);
        return inner.read(chain, accounts);
      },
    },
    take: () => {
      const taken = asked;
      asked = [];
      return taken;
    },
  };
}

describe('an incremental reader', () => {
  test('default: who was touched is read, the others are carried, whatever all of them share has moved', async () => {
    const { venue: watched, take } = noting(venue('morphoBlue'));
    const read = incrementalReader({ fullEvery: 100 });
    const accounts = await watched.discover(await fixture.pin());
    await read(await fixture.pin(), { venue: watched, accounts });
    expect(take()).toEqual(accounts);
    const touched = newcomer(40);
    await touched.pledge('usdcForWeth', 2);
    await fixture.world.setPrice('ETH', 1_777);
    await fixture.chain.testClient.increaseTime({ seconds: 86_400 });
    await fixture.world.refreshFeeds();
    const pinned = await fixture.pin();
    const now = await watched.discover(pinned);
    const outcomes = await read(pinned, { venue: watched, accounts: now });
    const feeRecipient = await fixture.world.morpho.morpho.read<Address>('feeRecipient');
    expect(take().toSorted()).toEqual([touched.address, feeRecipient].toSorted());
    const full = await readVenue(pinned, { venue: watched, accounts: now });
    const signed = (outcome: unknown) =>
      outcome instanceof MarginError || (outcome as { positions: unknown }).positions;
    expect(outcomes.map(signed)).toEqual(full.map(signed));
    const health = (name: string) => {
      const outcome = outcomes[now.indexOf(named(name))];
      return outcome instanceof MarginError ? undefined : outcome?.healths[0];
    };
    expect(health('morpho only')?.healthOwnWad).toBeNull();
    expect(health('morpho only')?.healthComputedWad).toBeGreaterThan(0n);
  });

  test('behavior: every venue that can carry agrees with a full reading after parameters change, touching nobody', async () => {
    const followers = venues()
      .filter(({ carryForward }) => carryForward !== undefined)
      .map((one) => follow(one));
    expect(followers.length).toBeGreaterThanOrEqual(3);
    const compareAll = async () => {
      const pinned = await fixture.pin();
      for (const follower of followers) await follower.compare(pinned);
    };
    await compareAll();
    const { venus, morpho, lyra } = fixture.world;
    await venus.comptroller.write('_setCollateralFactor', [venus.markets.WETH.address, 6n * 10n ** 17n]);
    await compareAll();
    await morpho.morpho.write('setFee', [morpho.markets.usdcForWeth.params, 2n * 10n ** 17n]);
    const partial = await lyra.optionToken.read<Record<string, bigint>>('getPartialCollatParams');
    const harder = { ...partial, penaltyRatio: (partial.penaltyRatio as bigint) + 10n ** 16n };
    await lyra.optionToken.write('setPartialCollateralParams', [harder]);
    await compareAll();
    for (const follower of followers) expect(follower.read).toBeLessThan(follower.seen / 2);
  });

  test.each([1, 20])('behavior: after a reorganisation %i deep the answer is that of a fresh reading', async (deep) => {
    const follower = follow(venue('morphoBlue'));
    const { testClient } = fixture.chain;
    await follower.compare(await fixture.pin());
    const id = await testClient.snapshot();
    await newcomer(41).lend('usdcForWeth', 5);
    await newcomer(40).pledge('usdcForWeth', 1);
    if (deep > 1) await testClient.mine({ blocks: deep - 1, interval: 1 });
    await follower.compare(await fixture.pin());
    await testClient.revert({ id });
    await newcomer(42).lend('usdcForWeth', 7);
    await newcomer(40).pledge('usdcForWeth', 3);
    if (deep > 1) await testClient.mine({ blocks: deep - 1, interval: 1 });
    await follower.compare(await fixture.pin());
  });

  test('behavior: a chain that got shorter, and a block before the last that was read', async () => {
    const follower = follow(venue('morphoBlue'));
    const { testClient } = fixture.chain;
    const id = await testClient.snapshot();
    await newcomer(40).pledge('usdcForWeth', 1);
    await testClient.mine({ blocks: 20, interval: 1 });
    const ahead = await fixture.pin();
    await follower.compare(ahead);
    await follower.compare(await fixture.pin({ number: ahead.block.number - 21n }));
    await follower.compare(ahead);
    await testClient.revert({ id });
    await follower.compare(await fixture.pin());
  });

  test('behavior: the same block twice reads nobody again; an account that is new to the list is read', async () => {
    const { venue: watched, take } = noting(venue('lyra'));
    const read = incrementalReader({ fullEvery: 100 });
    const pinned = await fixture.pin();
    const accounts = await watched.discover(pinned);
    const [last = named('empty')] = accounts.slice(-1);
    await read(pinned, { venue: watched, accounts: accounts.slice(0, -1) });
    take();
    await read(pinned, { venue: watched, accounts });
    expect(take()).toEqual([last]);
  });

  test('behavior: the same block twice says the same twice, of every venue that finds somebody', async () => {
    const pinned = await fixture.pin();
    for (const one of venues().filter(({ name }) => name !== WALLET)) {
      const follower = follow(one);
      await follower.compare(pinned);
      await follower.compare(pinned);
    }
  });

  test('behavior: a venue that cannot carry is read in full each time', async () => {
    const { venue: watched, take } = noting(venue('aaveV3'));
    const { carryForward: _, ...bare } = watched;
    const read = incrementalReader({ fullEvery: 100 });
    for (let times = 0; times < 2; times++) {
      const pinned = await fixture.pin();
      const accounts = await bare.discover(pinned);
      await read(pinned, { venue: bare, accounts });
      expect(take()).toEqual(accounts);
    }
  });

  test('behavior: who is refused is read in full each time, the others are carried', async () => {
    const { BTC: _, ...assets } = fixture.deployment.assets;
    const blind = createVenues({ ...fixture.deployment, assets }).find(({ name }) => name === 'morphoBlue') as Venue;
    const { venue: watched, take } = noting(blind);
    const read = incrementalReader({ fullEvery: 100 });
    const accounts = [named('twenty legs'), named('morpho only')];
    for (const expected of [accounts, [named('twenty legs')]]) {
      const [refused, other] = await read(await fixture.pin(), { venue: watched, accounts });
      expect(refused).toBeInstanceOf(UnknownTokenError);
      expect(other).not.toBeInstanceOf(MarginError);
      expect(take()).toEqual(expected);
    }
  });
});

/** Where Morpho stores the collateral of an account: its third mapping, of which the struct's second word. */
function positionSlot(id: Hash, account: Address): Hex {
  const slot = (key: Hex, of: Hex) =>
    keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [key, of]));
  const padded = `0x${account.slice(2).toLowerCase().padStart(64, '0')}` as const;
  const first = slot(padded, slot(id, toHex(2, { size: 32 })));
  return toHex(BigInt(first) + 1n, { size: 32 });
}

describe('an incremental reader, proving itself', () => {
  test('error: CarryDisagreesError for what changed without a log; from then on everything is read', async () => {
    const { venue: watched, take } = noting(venue('morphoBlue'));
    const read = incrementalReader({ fullEvery: 3 });
    const account = named('morpho only');
    const ask = async () => read(await fixture.pin(), { venue: watched, accounts: [named('lender'), account] });
    await ask();
    const { morpho, markets } = fixture.world.morpho;
    const index = positionSlot(markets.usdcForWeth.id, account);
    const [, , before] = await morpho.read<readonly bigint[]>('position', [markets.usdcForWeth.id, account]);
    const [, borrowShares = 0n] = await morpho.read<readonly bigint[]>('position', [markets.usdcForWeth.id, account]);
    const more = (before as bigint) + 10n ** 18n;
    const value = toHex((more << 128n) | borrowShares, { size: 32 });
    await fixture.chain.testClient.setStorageAt({ address: morpho.address, index, value });
    await fixture.chain.testClient.mine({ blocks: 1 });
    expect((await morpho.read<readonly bigint[]>('position', [markets.usdcForWeth.id, account]))[2]).toBe(more);
    await ask();
    const error = await ask().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CarryDisagreesError);
    expect(error).toMatchObject({ venue: 'morphoBlue', account, what: 'positions' });
    expect(String(error)).toContain(String(more));
    for (let times = 0; times < 2; times++) {
      take();
      await ask();
      expect(take()).toEqual([named('lender'), account]);
    }
  });

  test('error: CarryDisagreesError where a node leaves logs out', async () => {
    await newcomer(40).pledge('usdcForWeth', 1);
    const first = await fixture.pin();
    const hide = ({ method, params }: Call): Fault => {
      if (method !== 'eth_getLogs') return 'pass';
      const { fromBlock } = params[0] as { readonly fromBlock: Hex };
      return BigInt(fromBlock) > first.block.number ? { result: [] } : 'pass';
    };
    const proxy = await startProxyNode(fixture.chain.url, hide);
    const node = await connect({ url: proxy.url });
    const watched = venue('morphoBlue');
    const accounts = [named('lender'), fixture.chain.account(40).address];
    const read = incrementalReader({ fullEvery: 2 });
    const ask = async () => read(await pin(node), { venue: watched, accounts });
    await ask();
    await newcomer(40).pledge('usdcForWeth', 1);
    await expect(ask()).rejects.toThrow(CarryDisagreesError);
    proxy.stop();
  });
});
