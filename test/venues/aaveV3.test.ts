import { type Address, maxUint256, parseUnits } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STABLE_EMODE } from '../../scripts/protocols/aaveV3.ts';
import { actor } from '../../scripts/protocols/actor.ts';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, contractAt } from '../../scripts/protocols/contract.ts';
import { provide, type Tokens, units } from '../../scripts/protocols/tokens.ts';
import type { PricedAsset } from '../../scripts/protocols/world.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { aaveV3 } from '../../src/venues/aaveV3.ts';
import type { AaveRaw } from '../../src/venues/aaveV3Read.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { AmbiguousCollateralError } from '../../src/venues/collateral.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startPopulated } from './fixture.ts';

type Symbol = keyof Tokens;
const SYMBOLS = ['WETH', 'USDC', 'WBTC', 'DAI'] as const;
const ASSETS: Readonly<Record<Symbol, string>> = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', DAI: 'DAI' };

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

/** What the contracts say, asked one by one through another client, at the same block. */
async function own(account: Address, blockNumber: bigint) {
  const { publicClient } = fixture.chain;
  const at = (address: Address, functionName: string, args: readonly unknown[]) =>
    publicClient.readContract({
      ...{ address, functionName, args, blockNumber },
      abi: functionName === 'balanceOf' ? token('DAI').abi : pool.abi,
    });
  const legs = [];
  for (const symbol of SYMBOLS) {
    const reserve = (await at(pool.address, 'getReserveData', [token(symbol).address])) as TokenAddresses;
    const supplied = (await at(reserve.aTokenAddress, 'balanceOf', [account])) as bigint;
    const variable = (await at(reserve.variableDebtTokenAddress, 'balanceOf', [account])) as bigint;
    const stable = (await at(reserve.stableDebtTokenAddress, 'balanceOf', [account])) as bigint;
    legs.push([ASSETS[symbol], supplied], [ASSETS[symbol], -(variable + stable)]);
  }
  const data = (await at(pool.address, 'getUserAccountData', [account])) as readonly bigint[];
  return { legs: legs.filter(([, amount]) => amount !== 0n), health: data[5] === maxUint256 ? null : data[5] };
}

/** Every account: legs and health, from the raw state, are the contracts' own to the wei. */
async function requireExact(pinned: PinnedChain): Promise<number> {
  const accounts = await venue.discover(pinned);
  const raws = await venue.read(pinned, accounts);
  for (const [i, raw] of raws.entries()) {
    const { positions, healths } = venue.toPositions(raw);
    const expected = await own(accounts[i] as Address, pinned.block.number);
    const legs = positions.map((leg) => (leg.kind === 'token' ? [leg.asset, leg.amount.raw] : []));
    expect(legs.map(String).sort(), raw.account).toEqual(expected.legs.map(String).sort());
    expect(healths[0]?.healthComputedWad ?? null, raw.account).toBe(expected.health);
    expect(healths[0]?.healthOwnWad ?? null, raw.account).toBe(expected.health);
  }
  return accounts.length;
}

describe('aaveV3', () => {
  test('default: every account of the demonstration, to the wei', async () => {
    expect(await requireExact(await fixture.pin())).toBeGreaterThanOrEqual(11);
  });

  test('behavior: an earlier block reads as it was then', async () => {
    const { block } = await fixture.pin();
    for (const back of [1n, 5n, 40n]) await requireExact(await fixture.pin({ number: block.number - back }));
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
    const from = user(40);
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
    await requireExact(pinned);
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
    await requireExact(await fixture.pin());
    await oracle.write('setAssetSources', [[source], [fixture.world.feeds.ETH.latestAnswer]]);
    await requireExact(await fixture.pin());
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = await venue.read(await fixture.pin(), [named('twenty legs')]);
    const before = structuredClone(raw);
    const first = venue.toPositions(raw as AaveRaw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before as AaveRaw)).toEqual(first);
  });
});

describe('aaveV3, at random', () => {
  test('behavior: 90 operations, liquidations among them, leave every account exact to the wei', async () => {
    for (const symbol of SYMBOLS) await configurator.write('setLiquidationProtocolFee', [token(symbol).address, 1_000]);
    await runOperations({ count: 90, seed: 7 });
    const { block } = await fixture.pin();
    for (const back of [3n, 17n, 58n, 91n]) await requireExact(await fixture.pin({ number: block.number - back }));
  }, 400_000);
});

const WEIGHTS = {
  supply: 4,
  borrow: 7,
  repay: 4,
  withdraw: 3,
  move: 3,
  eMode: 1,
  collateral: 1,
  warp: 2,
  price: 2,
  liquidate: 3,
} as const;
type Kind = keyof typeof WEIGHTS;
const KINDS = (Object.keys(WEIGHTS) as Kind[]).flatMap((kind) => Array<Kind>(WEIGHTS[kind]).fill(kind));

/** At least `count` that succeed, every kind among them and three liquidations. The clock runs, so no two runs are the same. */
async function runOperations({ count, seed }: { readonly count: number; readonly seed: number }): Promise<void> {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const done = new Map(KINDS.map((kind) => [kind, 0]));
  const isEnough = () => [...done].every(([kind, times]) => times >= (kind === 'liquidate' ? 3 : 1));
  for (let succeeded = 0, tried = 0; succeeded < count || !isEnough(); tried++) {
    expect(tried, JSON.stringify([...done])).toBeLessThan(count * 15);
    const kind = pick(KINDS);
    const dice = { kind, from: user(45 + Math.floor(random() * 8)), symbol: pick(SYMBOLS), random, pick };
    const happened = await operate(dice).then(
      () => true,
      () => false,
    );
    if (!happened) continue;
    done.set(kind, (done.get(kind) ?? 0) + 1);
    succeeded++;
    if (succeeded % 9 === 0) await requireExact(await fixture.pin());
  }
  await requireExact(await fixture.pin());
}

interface Dice {
  readonly kind: Kind;
  readonly from: Address;
  readonly symbol: Symbol;
  readonly random: () => number;
  readonly pick: <T>(from: readonly T[]) => T;
}

const SIZES: Readonly<Record<Symbol, number>> = { WETH: 12, USDC: 20_000, WBTC: 0.4, DAI: 20_000 };
const PRICES: Readonly<Record<string, number>> = { ETH: 1_700, BTC: 55_000, USDC: 1, DAI: 1 };

/** One operation, which the protocol may refuse. */
async function operate(dice: Dice): Promise<void> {
  const { kind, from, symbol, random, pick } = dice;
  const amount = (SIZES[symbol] * (0.05 + random())).toFixed(6);
  const raw = units(fixture.world.tokens[symbol], amount);
  const { address } = token(symbol);
  switch (kind) {
    case 'supply':
      return actor(fixture.world, from).supply(symbol, amount);
    case 'borrow':
      return borrow(dice);
    case 'repay':
      await provide(token(symbol), { to: from, spender: pool.address, raw });
      return pool
        .write('repay', [address, pick([raw, maxUint256]), 2, from], { from })
        .catch(() => pool.write('repay', [address, raw, 1, from], { from }));
    case 'withdraw':
      return pool.write('withdraw', [address, pick([raw / 3n, maxUint256]), from], { from });
    case 'move':
      return moveATokens(dice, raw / 4n);
    case 'eMode':
      return pool.write('setUserEMode', [pick([0, STABLE_EMODE])], { from });
    case 'collateral':
      return pool.write('setUserUseReserveAsCollateral', [address, pick([true, false])], { from });
    case 'warp':
      await fixture.chain.testClient.increaseTime({ seconds: Math.floor(random() * 20 * 86_400) });
      return fixture.chain.testClient.mine({ blocks: 1 });
    case 'price':
      return movePrice(dice);
    case 'liquidate':
      return liquidate(dice);
  }
}

/** 50 to 100 % of what the account may borrow: a fall then reaches it. */
async function borrow({ from, symbol, random, pick }: Dice): Promise<void> {
  const [, , availableBase = 0n] = await pool.read<readonly bigint[]>('getUserAccountData', [from]);
  const permille = BigInt(Math.floor(500 + 490 * random()));
  const unit = 10n ** BigInt(fixture.world.tokens[symbol].decimals);
  const raw = (availableBase * permille * unit) / (fixture.world.priceRaw(ASSETS[symbol] as PricedAsset) * 1_000n);
  const mode = symbol === 'DAI' ? pick([1, 2]) : 2;
  await pool.write('borrow', [token(symbol).address, raw, mode, 0, from], { from });
}

async function moveATokens({ from, symbol, pick }: Dice, raw: bigint): Promise<void> {
  const { aTokenAddress } = await pool.read<TokenAddresses>('getReserveData', [token(symbol).address]);
  const aToken = contractAt(fixture.chain, { name: 'aToken', abi: token('DAI').abi, address: aTokenAddress });
  await aToken.write('transfer', [user(pick([45, 46, 47, 48, 61, 62])), raw], { from });
}

async function movePrice({ symbol, random }: Dice): Promise<void> {
  const asset = ASSETS[symbol] as PricedAsset;
  await fixture.world.setPrice(asset, ((PRICES[asset] as number) * (0.75 + 0.5 * random())).toFixed(4));
}

/** Lets ether and bitcoin fall until somebody may be seized, then seizes what can be. */
async function liquidate({ random, pick }: Dice): Promise<void> {
  const accounts = Array.from({ length: 8 }, (_, i) => user(45 + i));
  const weak = async () =>
    (await venue.read(await fixture.pin(), accounts)).filter(({ own: { healthFactor } }) => healthFactor < 10n ** 18n);
  if ((await weak()).length === 0) {
    await fixture.world.setPrices({ ETH: (1_700 * (0.5 + random() / 4)).toFixed(2), BTC: '38000' });
  }
  const from = named('lender');
  for (const { account, holdings } of await weak()) {
    const pairs = SYMBOLS.flatMap((owed) => holdings.map(({ reserve }) => ({ owed, seized: reserve.asset })));
    for (const { owed, seized } of pairs) {
      const raw = units(fixture.world.tokens[owed], String(SIZES[owed] * 3));
      await provide(token(owed), { to: from, spender: pool.address, raw });
      const args = [seized, token(owed).address, account, pick([raw / 10n, maxUint256]), random() < 0.5];
      const happened = await pool.write('liquidationCall', args, { from }).then(
        () => true,
        () => false,
      );
      if (happened) return;
    }
  }
  throw new RangeError('nobody to liquidate');
}

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
    const later = { ...raw, timestamp: raw.timestamp + 86_400 };
    expect(() => venue.toPositions(later)).toThrow(VenueDisagreesError);
    const [first, ...rest] = raw.holdings;
    const off = { ...raw, holdings: [{ ...(first as AaveRaw['holdings'][number]), scaledSupply: 1n }, ...rest] };
    expect(() => venue.toPositions(off)).toThrow(/says totalCollateralBase = \d+ for 0x/);
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
