import { type Address, parseUnits } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, contractAt } from '../../scripts/protocols/contract.ts';
import type { Tokens } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { aaveV3 } from '../../src/venues/aaveV3.ts';
import type { AaveRaw } from '../../src/venues/aaveV3Read.ts';
import type { AaveBalance } from '../../src/venues/aaveV3States.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { AmbiguousCollateralError } from '../../src/venues/collateral.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { type Fixture, startPopulated } from './fixture.ts';
import { requireExact } from './support/aaveMarket.ts';

type Symbol = keyof Tokens;
const _SYMBOLS = ['WETH', 'USDC', 'WBTC', 'DAI'] as const;
const _ASSETS: Readonly<Record<Symbol, string>> = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', DAI: 'DAI' };

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let venue: Venue<AaveRaw>;
let pool: Contract;
let configurator: Contract;

beforeAll(async () => {
  fixture = await startPopulated();
  const { world, deployment } = fixture;
  pool = world.aave.pool;
  venue = aaveV3({ pool: pool.address, fromBlock: deployment.fromBlock, book: tokenBook(deployment.assets) });
  configurator = contractAt(fixture.chain, {
    name: 'PoolConfigurator',
    abi: aaveArtifact('protocol/pool/PoolConfigurator').abi,
    address: await world.aave.addressesProvider.read<Address>('getPoolConfigurator'),
  });
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const user = (index: number) => fixture.chain.account(index).address;
const token = (symbol: Symbol) => fixture.world.tokens[symbol].contract;

async function readOne(account: Address, pinned?: PinnedChain) {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return venue.toPositions(raw as AaveRaw);
}

interface TokenAddresses {
  readonly aTokenAddress: Address;
  readonly stableDebtTokenAddress: Address;
  readonly variableDebtTokenAddress: Address;
}

/** Every account is the contracts' own to the wei. Returns how many hold something. */
function allExact(pinned: PinnedChain): Promise<number> {
  const { chain, world } = fixture;
  return requireExact({ chain, tokens: world.tokens, aave: world.aave, venue }, pinned);
}

describe('aaveV3', () => {
  test('default: every account of the demonstration, to the wei', async () => {
    expect(await allExact(await fixture.pin())).toBeGreaterThanOrEqual(11);
  });

  test('behavior: an earlier block reads as it was then', async () => {
    const { block } = await fixture.pin();
    for (const back of [1n, 5n, 40n]) await allExact(await fixture.pin({ number: block.number - back }));
  });

  test('behavior: one silo with thresholds and bonuses per asset', async () => {
    const { positions, silos } = await readOne(named('aave only'));
    expect(positions.map((leg) => leg.kind === 'token' && [leg.asset, leg.custody, leg.amount.decimals])).toEqual([
      ['ETH', 'observed', 18],
      ['USDC', 'observed', 6],
    ]);
    const terms = { threshold: { raw: 8_250n, decimals: 4 }, bonus: { raw: 500n, decimals: 4 } };
    const closing = { closeFactor: { raw: 5n, decimals: 1 }, fullCloseBelow: { raw: 95n, decimals: 2 } };
    expect(silos).toEqual([
      { id: 'aaveV3', venue: 'aaveV3', rule: { kind: 'lending', collateral: { ETH: terms }, ...closing } },
    ]);
  });

  test('behavior: in an e-mode its category sets the terms', async () => {
    const { silos } = await readOne(named('stable loop'));
    expect(silos[0]?.rule).toMatchObject({
      collateral: { DAI: { threshold: { raw: 9_750n, decimals: 4 }, bonus: { raw: 100n, decimals: 4 } } },
    });
  });

  test('behavior: what the user disabled as collateral has threshold 0', async () => {
    const from = user(57);
    await actor(fixture.world, from).supply('USDC', 500);
    await pool.write('setUserUseReserveAsCollateral', [token('USDC').address, false], { from });
    const { silos, healths } = await readOne(from);
    expect(silos[0]?.rule).toMatchObject({
      collateral: { USDC: { threshold: { raw: 0n, decimals: 4 }, bonus: { raw: 0n, decimals: 4 } } },
    });
    expect(healths).toEqual([{ venue: 'aaveV3', silo: 'aaveV3', healthOwnWad: null, healthComputedWad: null }]);
  });

  test('behavior: an account without anything has no legs, no silo, no health', async () => {
    expect(await readOne(named('empty'))).toEqual({ positions: [], silos: [], healths: [] });
  });

  test('behavior: who only ever received aTokens is discovered', async () => {
    const { aTokenAddress } = await pool.read<TokenAddresses>('getReserveData', [token('WETH').address]);
    const aToken = contractAt(fixture.chain, { name: 'aWETH', abi: token('DAI').abi, address: aTokenAddress });
    await aToken.write('transfer', [user(41), parseUnits('2', 18)], { from: named('lender') });
    const pinned = await fixture.pin();
    expect(await venue.discover(pinned)).toContain(user(41));
    expect((await readOne(user(41), pinned)).positions).toHaveLength(1);
  });

  test('behavior: stable debt is debt', async () => {
    await configurator.write('setReserveStableRateBorrowing', [token('DAI').address, true]);
    const from = user(42);
    await actor(fixture.world, from).supply('WETH', 20);
    await pool.write('borrow', [token('DAI').address, parseUnits('9000', 18), 1, 0, from], { from });
    await pool.write('borrow', [token('DAI').address, parseUnits('1000', 18), 2, 0, from], { from });
    await fixture.chain.testClient.increaseTime({ seconds: 40 * 86_400 });
    await fixture.chain.testClient.mine({ blocks: 1 });
    const pinned = await fixture.pin();
    const { positions } = await readOne(from, pinned);
    const debt = positions.find((leg) => leg.kind === 'token' && leg.asset === 'DAI');
    expect(debt?.amount.raw).toBeLessThan(-parseUnits('10000', 18));
    await allExact(pinned);
  });

  test('behavior: an e-mode with a price of its own', async () => {
    const source = user(60);
    const { oracle } = fixture.world.aave;
    await oracle.write('setAssetSources', [[source], [fixture.world.feeds.BTC.latestAnswer]]);
    await configurator.write('setEModeCategory', [2, 9_000, 9_300, 10_200, source, 'Own price']);
    await configurator.write('setAssetEModeCategory', [token('WBTC').address, 2]);
    const account = actor(fixture.world, user(43));
    await account.supply('WBTC', 1);
    await account.supply('WETH', 3);
    await account.useEMode(2);
    await account.borrow('WBTC', '0.4');
    await allExact(await fixture.pin());
    await oracle.write('setAssetSources', [[source], [fixture.world.feeds.ETH.latestAnswer]]);
    await allExact(await fixture.pin());
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = await venue.read(await fixture.pin(), [named('twenty legs')]);
    const before = structuredClone(raw);
    const first = venue.toPositions(raw as AaveRaw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before as AaveRaw)).toEqual(first);
  });
});

function outcomeOf<T>(compute: () => T): T | unknown {
  try {
    return compute();
  } catch (error) {
    return error;
  }
}

describe('aaveV3, refusing', () => {
  test('error: UnknownTokenError names the venue, the token and its symbol', async () => {
    const { BTC: _, ...assets } = fixture.deployment.assets;
    const { fromBlock } = fixture.deployment;
    const blind = aaveV3({ pool: pool.address, fromBlock, book: tokenBook(assets) });
    const pinned = await fixture.pin();
    const raws = await blind.read(pinned, [named('twenty legs'), named('aave only')]);
    const [error, other] = raws.map((raw) => outcomeOf(() => blind.toPositions(raw)));
    expect(error).toBeInstanceOf(UnknownTokenError);
    expect(error).toMatchObject({ venue: 'aaveV3', token: token('WBTC').address, symbol: 'WBTC' });
    expect(other).toEqual(await readOne(named('aave only'), pinned));
  });

  test('error: VenueDisagreesError when the raw state is not what the pool says', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('aave only')])) as [AaveRaw];
    const later = { ...raw, market: { ...raw.market, timestamp: raw.market.timestamp + 86_400 } };
    expect(() => venue.toPositions(later)).toThrow(VenueDisagreesError);
    const [first, ...rest] = raw.stored.balances;
    const off = { ...raw.stored, balances: [{ ...(first as AaveBalance), scaledSupply: 1n }, ...rest] };
    expect(() => venue.toPositions({ ...raw, stored: off })).toThrow(/says totalCollateralBase = \d+ for 0x/);
  });

  test('error: AmbiguousCollateralError for one asset under two terms', async () => {
    const { ETH, BTC, ...assets } = fixture.deployment.assets;
    if (ETH === undefined || BTC === undefined) expect.unreachable();
    const book = tokenBook({ ...assets, ETH: { ...ETH, tokens: [...ETH.tokens, ...BTC.tokens] } });
    const merged = aaveV3({ pool: pool.address, fromBlock: fixture.deployment.fromBlock, book });
    const [raw] = await merged.read(await fixture.pin(), [named('twenty legs')]);
    expect(() => merged.toPositions(raw as AaveRaw)).toThrow(AmbiguousCollateralError);
  });
});
