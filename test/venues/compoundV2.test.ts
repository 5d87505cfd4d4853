import { type Address, maxUint256, parseUnits } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import { venusArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import { VENUS_TOKENS, type VenusToken, writeVenus } from '../../scripts/protocols/venus.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { AmbiguousCollateralError } from '../../src/venues/collateral.ts';
import { compoundV2 } from '../../src/venues/compoundV2.ts';
import { VenueErrorCodeError } from '../../src/venues/compoundV2Own.ts';
import type { CompoundRaw } from '../../src/venues/compoundV2Read.ts';
import { ForcedLiquidationError, VaiDebtError } from '../../src/venues/compoundV2Venus.ts';
import { requireToken, tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startPopulated } from './fixture.ts';
import { follow } from './follow.ts';

const WAD = 10n ** 18n;
const ASSETS = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC' } as const;
/** Accounts 40 to 51 act at random, 52 and on in single tests. */
const FIRST = 40;
const ACTORS = 12;

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let venue: Venue<CompoundRaw>;

beforeAll(async () => {
  fixture = await startPopulated();
  venue = openVenue();
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const user = (index: number) => fixture.chain.account(index).address;
const market = (name: VenusToken) => fixture.world.venus.markets[name];

function openVenue(overrides: Partial<Parameters<typeof compoundV2>[0]> = {}): Venue<CompoundRaw> {
  const { deployment, world } = fixture;
  const { comptroller } = world.venus;
  const base = { name: 'venus', comptroller: comptroller.address, dialect: 'venus', fromBlock: deployment.fromBlock };
  return compoundV2({ ...base, dialect: 'venus', book: tokenBook(deployment.assets), ...overrides });
}

async function readOne(account: Address, pinned?: PinnedChain): Promise<VenuePositions> {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return venue.toPositions(raw as CompoundRaw);
}

async function send(name: VenusToken, functionName: string, call: { args: readonly unknown[]; from: Address }) {
  await writeVenus(fixture.chain, { contract: market(name), functionName, ...call });
}

const enter = (name: VenusToken, from: Address) => actor(fixture.world, from).enter(name);

/** A view or an `eth_call` of a function that accrues, at a block. */
async function ask<T>(contract: Contract, functionName: string, at: { args?: readonly unknown[]; block: bigint }) {
  const { abi, address } = contract;
  const { args = [], block } = at;
  const { result } = await fixture.chain.publicClient.simulateContract({
    ...{ abi, address, functionName, args, account: user(60) },
    blockNumber: block,
  });
  return result as T;
}

/**
 * Every account at a block against the protocol's own functions: redeemable and owed amounts by `exchangeRateCurrent` and
 * `borrowBalanceCurrent`, each in an `eth_call` of its own.
 */
async function requireExact(pinned: PinnedChain): Promise<readonly VenuePositions[]> {
  const { number: block } = pinned.block;
  const accounts = await venue.discover(pinned);
  const read = (await venue.read(pinned, accounts)).map((raw) => venue.toPositions(raw));
  const rates = new Map<VenusToken, bigint>();
  for (const name of VENUS_TOKENS) rates.set(name, await ask(market(name), 'exchangeRateCurrent', { block }));
  for (const [i, account] of accounts.entries()) {
    const { positions } = read[i] as VenuePositions;
    const entered = await ask<readonly Address[]>(fixture.world.venus.comptroller, 'getAssetsIn', {
      args: [account],
      block,
    });
    const expected: string[] = [];
    for (const name of VENUS_TOKENS) {
      const balance = await ask<bigint>(market(name), 'balanceOf', { args: [account], block });
      const supplied = (balance * (rates.get(name) as bigint)) / WAD;
      const owed = await ask<bigint>(market(name), 'borrowBalanceCurrent', { args: [account], block });
      const silo = entered.includes(market(name).address) ? 'venus' : 'venus:supply';
      if (supplied !== 0n) expected.push(`${silo} ${ASSETS[name]} ${supplied}`);
      if (owed !== 0n) expected.push(`venus ${ASSETS[name]} ${-owed}`);
    }
    const legs = positions.map((leg) => (leg.kind === 'token' ? `${leg.silo} ${leg.asset} ${leg.amount.raw}` : 'none'));
    expect(legs.sort(), `${account} at ${block}`).toEqual(expected.sort());
  }
  return read;
}

/** Accrues every market for real and compares what the Comptroller then says with what was read one block before it. */
async function requireLiquidity(): Promise<{ readonly compared: number; readonly under: number }> {
  const { testClient } = fixture.chain;
  const id = await testClient.snapshot();
  await testClient.setAutomine(false);
  const { comptroller } = fixture.world.venus;
  const hashes = [];
  for (const name of VENUS_TOKENS) hashes.push(await market(name).call('accrueInterest'));
  for (const { to, data } of hashes) {
    await fixture.chain.wallet(60).sendTransaction({ to, data, gas: 900_000n });
  }
  await testClient.mine({ blocks: 1 });
  await testClient.setAutomine(true);
  const pinned = await fixture.pin();
  for (const name of VENUS_TOKENS) expect(await market(name).read('accrualBlockNumber')).toBe(pinned.block.number);
  const raws = await venue.read(pinned, await venue.discover(pinned));
  let under = 0;
  for (const raw of raws) {
    const [error, liquidity, shortfall] = await comptroller.read<readonly bigint[]>('getAccountLiquidity', [
      raw.account,
    ]);
    expect([error, liquidity, shortfall], raw.account).toEqual([0n, raw.own?.liquidity, raw.own?.shortfall]);
    const [health] = venue.toPositions(raw).healths;
    if ((shortfall as bigint) > 0n) under += 1;
    if (health === undefined || health.healthComputedWad === null) continue;
    expect(health.healthComputedWad < WAD, raw.account).toBe((shortfall as bigint) > 0n);
    expect(health.healthOwnWad).toBe(health.healthComputedWad);
  }
  await testClient.revert({ id });
  return { compared: raws.length, under };
}

describe('compoundV2 at Venus', () => {
  test('default: the account of the demonstration, leg by leg', async () => {
    await fixture.chain.testClient.mine({ blocks: 5_000 });
    const { positions, silos, healths } = await readOne(named('venus borrower'));
    expect(
      positions.map((leg) => leg.kind === 'token' && [leg.silo, leg.asset, leg.custody, leg.amount.decimals]),
    ).toEqual([
      ['venus', 'ETH', 'observed', 18],
      ['venus', 'USDC', 'observed', 6],
      ['venus:supply', 'BTC', 'observed', 8],
    ]);
    const debt = -(positions[1]?.amount.raw as bigint);
    expect(debt).toBeGreaterThan(35_000_000_000n);
    expect(debt).toBeLessThan(35_010_000_000n);
    const terms = { threshold: { raw: 8n * 10n ** 17n, decimals: 18 }, bonus: { raw: 10n ** 17n, decimals: 18 } };
    const closing = { closeFactor: { raw: 5n * 10n ** 17n, decimals: 18 }, fullCloseBelow: { raw: 0n, decimals: 0 } };
    expect(silos).toEqual([
      { id: 'venus', venue: 'venus', rule: { kind: 'lending', collateral: { ETH: terms }, ...closing } },
      { id: 'venus:supply', venue: 'venus', rule: { kind: 'owned' } },
    ]);
    expect(healths).toHaveLength(1);
    expect(Number(healths[0]?.healthOwnWad) / 1e18).toBeCloseTo((40 * 1_550 * 0.8) / 35_000, 2);
    expect(healths[0]?.healthComputedWad).toBe(healths[0]?.healthOwnWad);
  });

  test('behavior: interest runs by the block, not by the second', async () => {
    const owed = async () => (await readOne(named('venus borrower'))).positions[1]?.amount.raw as bigint;
    const before = await owed();
    await fixture.chain.testClient.increaseTime({ seconds: 86_400 });
    await fixture.chain.testClient.mine({ blocks: 1 });
    expect(before - (await owed())).toBeLessThan(10_000n);
    await fixture.chain.testClient.mine({ blocks: 20_000 });
    expect(before - (await owed())).toBeGreaterThan(1_000_000n);
    await fixture.world.refreshFeeds();
  });

  test('behavior: who holds nothing has nothing; who only supplies has no health', async () => {
    expect(await readOne(named('empty'))).toEqual({ positions: [], silos: [], healths: [] });
    const lender = await readOne(named('lender'));
    expect(lender.silos.map(({ id, rule }) => [id, rule.kind])).toEqual([['venus:supply', 'owned']]);
    expect(lender.healths).toEqual([]);
    const account = actor(fixture.world, user(52));
    await account.mint('WBTC', '0.25');
    await account.enter('WBTC');
    expect((await readOne(user(52))).healths).toMatchObject([{ healthOwnWad: null, healthComputedWad: null }]);
  });

  test('behavior: a market is not an account, though every redemption passes through it', async () => {
    await send('WBTC', 'redeemUnderlying', { args: [1_000_000n], from: named('venus borrower') });
    const found = await venue.discover(await fixture.pin());
    expect(found).toEqual(expect.arrayContaining([named('venus borrower'), named('lender')]));
    for (const name of VENUS_TOKENS) expect(found).not.toContain(market(name).address);
  });

  test('behavior: Venus refuses to seize what is not entered, and we put it where nothing is seized', async () => {
    const borrower = named('venus borrower');
    const id = await fixture.chain.testClient.snapshot();
    await fixture.world.setPrice('ETH', 900);
    const by = user(59);
    const { USDC } = fixture.world.tokens;
    await provide(USDC.contract, { to: by, spender: market('USDC').address, raw: 10n ** 12n });
    const liquidate = (seized: VenusToken) =>
      send('USDC', 'liquidateBorrow', { args: [borrower, 1_000_000_000n, market(seized).address], from: by });
    await expect(liquidate('WBTC')).rejects.toThrow('token seizure failed');
    await liquidate('WETH');
    await requireExact(await fixture.pin());
    await fixture.chain.testClient.revert({ id });
  });

  test('behavior: in the dialect of Compound it can be seized, and so counts as collateral of no weight', async () => {
    const compound = openVenue({ name: 'fork', dialect: 'compound' });
    const [raw] = await compound.read(await fixture.pin(), [named('venus borrower')]);
    const { silos, healths } = compound.toPositions(raw as CompoundRaw);
    expect(silos).toMatchObject([
      { id: 'fork', rule: { collateral: { ETH: {}, BTC: { threshold: { raw: 0n }, bonus: { raw: 10n ** 17n } } } } },
    ]);
    expect(healths[0]?.healthOwnWad).toBe((await readOne(named('venus borrower'))).healths[0]?.healthOwnWad);
  });

  test('behavior: a market without `underlying` is that of the coin, whose token the deployment names', async () => {
    const native = { market: market('WETH').address, token: fixture.world.tokens.WBTC.contract.address };
    const [raw] = await openVenue({ native }).read(await fixture.pin(), [named('venus borrower')]);
    const assets = raw?.holdings.map(({ token }) => token && requireToken(token).asset);
    expect(assets).toEqual(['BTC', 'USDC', 'BTC']);
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('venus borrower')])) as [CompoundRaw];
    const before = structuredClone(raw);
    const first = venue.toPositions(raw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before)).toEqual(first);
  });
});

describe('compoundV2, refusing', () => {
  test('error: VenueDisagreesError for another block, index, balance or factor than the contracts go by', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('venus borrower')])) as [CompoundRaw];
    const [first, ...rest] = raw.holdings;
    if (first === undefined) expect.unreachable();
    const { market: state } = first;
    const off: readonly CompoundRaw[] = [
      { ...raw, blockNumber: raw.blockNumber + 10_000n },
      { ...raw, holdings: [{ ...first, balance: first.balance + 1n }, ...rest] },
      { ...raw, holdings: [{ ...first, isMember: false }, ...rest] },
      {
        ...raw,
        holdings: [{ ...first, market: { ...state, collateralFactor: state.collateralFactor - 10n ** 12n } }, ...rest],
      },
      { ...raw, holdings: raw.holdings.map((holding) => ({ ...holding, debt: { ...holding.debt, principal: 1n } })) },
    ];
    for (const wrong of off) expect(() => venue.toPositions(wrong)).toThrow(VenueDisagreesError);
  });

  test('error: VenueErrorCodeError for a price of zero, which the Comptroller answers with a code', async () => {
    const id = await fixture.chain.testClient.snapshot();
    await fixture.world.venus.oracle.write('setUnderlyingPrice', [market('WETH').address, 0n]);
    const pinned = await fixture.pin();
    const error = await venue.read(pinned, [named('venus borrower')]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VenueErrorCodeError);
    expect(error).toMatchObject({ venue: 'venus', error: 13n });
    expect(await venue.read(pinned, [named('lender')])).toHaveLength(1);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: ForcedLiquidationError for a debt that is open to liquidation though healthy', async () => {
    const id = await fixture.chain.testClient.snapshot();
    const { comptroller } = fixture.world.venus;
    await comptroller.write('_setForcedLiquidation', [market('USDC').address, true]);
    const pinned = await fixture.pin();
    await expect(venue.read(pinned, [named('venus borrower')])).rejects.toThrow(ForcedLiquidationError);
    expect(await venue.read(pinned, [named('lender')])).toHaveLength(1);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: VaiDebtError for a debt outside the markets', async () => {
    const id = await fixture.chain.testClient.snapshot();
    const { comptroller } = fixture.world.venus;
    const vai = await deploy(fixture.chain, venusArtifact('Tokens/VAI/VAI'), { args: [31_337n] });
    const controller = await deploy(fixture.chain, venusArtifact('test/VAIControllerHarness'));
    await controller.write('initialize');
    await controller.write('setVAIAddress', [vai.address]);
    await controller.write('_setComptroller', [comptroller.address]);
    await comptroller.write('_setVAIController', [controller.address]);
    expect(await venue.read(await fixture.pin(), [named('venus borrower')])).toHaveLength(1);
    const { testClient } = fixture.chain;
    await testClient.setBalance({ address: controller.address, value: WAD });
    await testClient.impersonateAccount({ address: controller.address });
    await comptroller.write('setMintedVAIOf', [named('venus borrower'), 5n], { from: controller.address });
    await expect(venue.read(await fixture.pin(), [named('venus borrower')])).rejects.toThrow(VaiDebtError);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: UnknownTokenError only for a token that the account has; CallFailedError where no Comptroller is', async () => {
    const { BTC: _, ...assets } = fixture.deployment.assets;
    const blind = openVenue({ book: tokenBook(assets) });
    const pinned = await fixture.pin();
    const [refused, other] = (await blind.read(pinned, [named('venus borrower'), named('lender')])) as CompoundRaw[];
    expect(() => blind.toPositions(refused as CompoundRaw)).toThrow(UnknownTokenError);
    expect(blind.toPositions(other as CompoundRaw).positions.length).toBeGreaterThan(0);
    const astray = openVenue({ comptroller: fixture.world.tokens.DAI.contract.address });
    await expect(astray.discover(pinned)).rejects.toThrow(CallFailedError);
  });

  test('error: AmbiguousCollateralError for one asset under two terms', async () => {
    const { ETH, BTC, ...assets } = fixture.deployment.assets;
    if (ETH === undefined || BTC === undefined) expect.unreachable();
    const book = tokenBook({ ...assets, ETH: { ...ETH, tokens: [...ETH.tokens, ...BTC.tokens] } });
    const merged = openVenue({ book, dialect: 'compound' });
    const [raw] = await merged.read(await fixture.pin(), [named('venus borrower')]);
    expect(() => merged.toPositions(raw as CompoundRaw)).toThrow(AmbiguousCollateralError);
  });
});

describe('compoundV2, at random', () => {
  test('behavior: 260 operations by twelve accounts leave everybody exact, read or carried, at the head and at five earlier blocks (long)', async () => {
    const random = seeded(23);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const kinds = Object.keys(operations) as (keyof typeof operations)[];
    const done = new Map(kinds.map((kind) => [kind, 0]));
    const blocks: bigint[] = [];
    const acted = new Set<Address>();
    let succeeded = 0;
    const follower = follow(venue);
    const isEnough = () => succeeded >= 260 && [...done.values()].every((times) => times >= 5);
    for (let tried = 0; !isEnough(); tried++) {
      expect(tried, JSON.stringify([...done])).toBeLessThan(2_000);
      const kind = pick([...kinds, 'borrow', 'mint', 'enter'] as const);
      const dice = { from: user(FIRST + Math.floor(random() * ACTORS)), name: pick(VENUS_TOKENS), share: random() };
      const other = user(FIRST + Math.floor(random() * ACTORS));
      const happened = await operations[kind]({ ...dice, other }).then(
        () => true,
        () => false,
      );
      if (!happened) continue;
      succeeded += 1;
      done.set(kind, (done.get(kind) ?? 0) + 1);
      acted.add(dice.from);
      if (succeeded % 25 === 0) await follower.compare(await fixture.pin());
      if (succeeded % 43 === 0) blocks.push((await fixture.pin()).block.number);
    }
    expect(acted.size).toBe(ACTORS);
    await follower.compare(await fixture.pin());
    expect(follower.seen - follower.read).toBeGreaterThan(20);
    const read = await requireExact(await fixture.pin());
    expect(read.filter(({ positions }) => positions.some(({ amount }) => amount.raw < 0n)).length).toBeGreaterThan(5);
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    for (const number of blocks.slice(0, 5)) await requireExact(await fixture.pin({ number }));
    expect((await requireLiquidity()).compared).toBeGreaterThan(ACTORS);
    await fixture.world.setPrices({ ETH: 700, BTC: 20_000 });
    expect((await requireLiquidity()).under).toBeGreaterThan(0);
  });
});

interface Dice {
  readonly from: Address;
  readonly other: Address;
  readonly name: VenusToken;
  readonly share: number;
}

const SIZES = { WETH: 30, USDC: 60_000, WBTC: 1 } as const;
const LOANS = { WETH: 8, USDC: 20_000, WBTC: '0.3' } as const;

/** An odd part of a size, in smallest units. */
function part(name: VenusToken, { size, share }: { readonly size: number | string; readonly share: number }): bigint {
  const whole = parseUnits(String(size), fixture.world.tokens[name].decimals);
  return (whole * BigInt(Math.floor(share * 1_000_003))) / 1_000_003n + 1n;
}

const operations = {
  mint: async ({ from, name, share }: Dice) => {
    const raw = part(name, { size: SIZES[name], share });
    await provide(fixture.world.tokens[name].contract, { to: from, spender: market(name).address, raw });
    await send(name, 'mint', { args: [raw], from });
  },
  enter: async ({ from, name }: Dice) => enter(name, from),
  exit: async ({ from, name }: Dice) => {
    const { comptroller } = fixture.world.venus;
    const entered = await comptroller.read<readonly Address[]>('getAssetsIn', [from]);
    if (!entered.includes(market(name).address)) throw new RangeError('not entered');
    const args = [market(name).address];
    await writeVenus(fixture.chain, { contract: comptroller, functionName: 'exitMarket', args, from });
  },
  borrow: ({ from, name, share }: Dice) =>
    send(name, 'borrow', { args: [part(name, { size: LOANS[name], share })], from }),
  repay: async ({ from, name, share }: Dice) => {
    const owed = await market(name).read<bigint>('borrowBalanceStored', [from]);
    if (owed === 0n) throw new RangeError('nothing owed');
    await provide(fixture.world.tokens[name].contract, { to: from, spender: market(name).address, raw: 2n * owed });
    await send(name, 'repayBorrow', { args: [share < 0.3 ? maxUint256 : owed / 3n + 1n], from });
  },
  redeem: async ({ from, name, share }: Dice) => {
    const balance = await market(name).read<bigint>('balanceOf', [from]);
    if (balance < 3n) throw new RangeError('nothing held');
    await send(name, 'redeem', { args: [share < 0.2 ? balance : balance / 3n], from });
  },
  transfer: async ({ from, other, name }: Dice) => {
    const balance = await market(name).read<bigint>('balanceOf', [from]);
    if (balance < 7n || from === other) throw new RangeError('nothing to give');
    const { abi, address } = market(name);
    const call = { abi, address, functionName: 'transfer', args: [other, balance / 7n], account: from };
    const { result } = await fixture.chain.publicClient.simulateContract(call);
    if (result !== true) throw new RangeError('refused');
    await market(name).write('transfer', [other, balance / 7n], { from });
  },
  blocks: ({ share }: Dice) => fixture.chain.testClient.mine({ blocks: 1 + Math.floor(share * 40_000) }),
  price: ({ share }: Dice) =>
    fixture.world.setPrices({ ETH: (1_300 + 700 * share).toFixed(2), BTC: (40_000 + 20_000 * share).toFixed(0) }),
  liquidate: async ({ share }: Dice) => {
    await fixture.world.setPrices({ ETH: (900 + 300 * share).toFixed(2), BTC: '30000' });
    const by = user(58);
    for (let index = 0; index < ACTORS; index++) {
      for (const name of VENUS_TOKENS) {
        const borrower = user(FIRST + index);
        const owed = await market(name).read<bigint>('borrowBalanceStored', [borrower]);
        if (owed < 10n) continue;
        await provide(fixture.world.tokens[name].contract, { to: by, spender: market(name).address, raw: owed });
        for (const seized of VENUS_TOKENS) {
          const args = [borrower, owed / 3n, market(seized).address];
          const happened = await send(name, 'liquidateBorrow', { args, from: by }).then(
            () => true,
            () => false,
          );
          if (happened) return;
        }
      }
    }
    throw new RangeError('nobody to liquidate');
  },
} as const;
