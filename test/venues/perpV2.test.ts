import { type Address, BaseError, maxUint256, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { perpArtifact, perpOracleArtifact } from '../../scripts/protocols/artifacts.ts';
import type { Contract } from '../../scripts/protocols/contract.ts';
import { contractAt, deploy } from '../../scripts/protocols/contract.ts';
import { deployFeed, toFeedAnswer } from '../../scripts/protocols/feeds.ts';
import {
  depositMargin,
  leavePerpMarket,
  makePerpMarket,
  PERP_RANGE,
  tradePerp,
} from '../../scripts/protocols/perpTrade.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { NoMarkPriceError, readMarks } from '../../src/feeds/perpV2Marks.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { perpV2 } from '../../src/venues/perpV2.ts';
import { MarketNotOpenError } from '../../src/venues/perpV2Parts.ts';
import type { PerpRaw } from '../../src/venues/perpV2Read.ts';
import { OpenOrdersError, OtherCollateralError, UnknownPerpMarketError } from '../../src/venues/perpV2Refusals.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startPopulated } from './fixture.ts';
import { follow } from './follow.ts';

const WAD = 10n ** 18n;
/** Accounts 40 to 49 trade at random, 50 and 51 make the market, 52 moves the price, 53 and on act in single tests. */
const FIRST = 40;
const TRADERS = 10;
const MAKERS = [50, 51] as const;
const WHALE = 52;

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let venue: Venue<PerpRaw>;

beforeAll(async () => {
  fixture = await startPopulated();
  venue = openVenue();
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const user = (index: number) => fixture.chain.account(index).address;

function openVenue(overrides: Partial<Parameters<typeof perpV2>[0]> = {}): Venue<PerpRaw> {
  const { clearingHouse, base } = fixture.world.perp;
  const { fromBlock, assets } = fixture.deployment;
  const where = { clearingHouse: clearingHouse.address, markets: { ETH: base.address } };
  return perpV2({ ...where, fromBlock, book: tokenBook(assets), ...overrides });
}

async function readOne(account: Address, pinned?: PinnedChain): Promise<VenuePositions> {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return venue.toPositions(raw as PerpRaw);
}

/**
 * Makes the market with 3 M USDC of its own; the pool is no longer empty, and its price moves by trades alone.
 * Nobody may while the index's average of 15 minutes is far from the pool.
 */
async function make(from: Address): Promise<void> {
  await pass(1_000);
  await depositMargin(fixture.world, { from, amount: 3_000_000 });
  await makePerpMarket(fixture.world, { from, base: 3_000, quote: 5_000_000 });
}

/** Seconds pass, and the feed has a round of the moment. */
async function pass(seconds: number): Promise<void> {
  await fixture.chain.testClient.increaseTime({ seconds });
  await fixture.world.refreshFeeds();
}

interface Amounts {
  readonly cash: bigint;
  readonly size: bigint;
  readonly unrealised: bigint;
  readonly funding: bigint;
}

/** The legs of an account, 18 decimals. */
function amountsOf({ positions }: VenuePositions): Amounts {
  const cash = positions.find((leg) => leg.kind === 'token')?.amount.raw ?? 0n;
  const perp = positions.find((leg) => leg.kind === 'perp');
  if (perp?.kind !== 'perp') return { cash, size: 0n, unrealised: 0n, funding: 0n };
  return { cash, size: perp.amount.raw, unrealised: perp.unrealisedUsd.raw, funding: perp.fundingUsd.raw };
}

/** Whether the ClearingHouse lets anyone liquidate, asked of it: the liquidation is executed, and not sent. */
async function isLiquidatable(account: Address, block: bigint): Promise<boolean> {
  const { clearingHouse, base } = fixture.world.perp;
  const call = { abi: clearingHouse.abi, address: clearingHouse.address, functionName: 'liquidate' };
  try {
    const args = [account, base.address];
    await fixture.chain.publicClient.simulateContract({ ...call, args, account: user(WHALE), blockNumber: block });
    return true;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    if (/CH_EAV/.test(error.message)) return false;
    if (/CH_(NEFCI|IIC)/.test(error.message)) return true; // the liquidator, or the insurance fund, cannot pay
    throw error;
  }
}

/** A view of a contract at a block. */
function viewAt(block: bigint) {
  return async <T>({ abi, address }: Contract, functionName: string, args: readonly unknown[]) =>
    (await fixture.chain.publicClient.readContract({ abi, address, functionName, args, blockNumber: block })) as T;
}

/** The legs of one account against the protocol's own views, one by one. */
async function requireLegs(
  account: Address,
  { read, block }: { readonly read: VenuePositions; readonly block: bigint },
) {
  const { vault, accountBalance, exchange, base } = fixture.world.perp;
  const view = viewAt(block);
  const { cash, size, unrealised, funding } = amountsOf(read);
  const balance = await view<bigint>(vault, 'getBalance', [account]);
  const [owed, pnl] = await view<readonly [bigint, bigint]>(accountBalance, 'getPnlAndPendingFee', [account]);
  expect(size, account).toBe(await view(accountBalance, 'getTotalPositionSize', [account, base.address]));
  expect(cash, account).toBe(balance * 10n ** 12n + owed + (size === 0n ? pnl : 0n));
  expect(unrealised, account).toBe(size === 0n ? 0n : pnl);
  expect(funding, account).toBe(-(await view<bigint>(exchange, 'getAllPendingFundingPayment', [account])));
  const value = await view<bigint>(vault, 'getAccountValue', [account]);
  const total = cash + unrealised + funding;
  expect(total >= value * 10n ** 12n && total < (value + 1n) * 10n ** 12n, account).toBe(true);
  return { size, value };
}

/** Each account: its legs, its health, and whether the ClearingHouse lets anyone liquidate it. */
async function requireExact(pinned: PinnedChain, accounts: readonly Address[]) {
  const { number: block } = pinned.block;
  const raws = await venue.read(pinned, accounts);
  let under = 0;
  let open = 0;
  for (const raw of raws) {
    const { account } = raw;
    const read = venue.toPositions(raw);
    const { size, value } = await requireLegs(account, { read, block });
    if (size === 0n) continue;
    open += 1;
    const view = viewAt(block);
    const { accountBalance } = fixture.world.perp;
    const required = await view<bigint>(accountBalance, 'getMarginRequirementForLiquidation', [account]);
    const [health] = read.healths;
    const expected = value < 0n ? 0n : (value * 10n ** 12n * WAD) / required;
    expect([health?.healthOwnWad, health?.healthComputedWad], account).toEqual([expected, expected]);
    expect(await isLiquidatable(account, block), account).toBe(expected < WAD);
    if (expected < WAD) under += 1;
  }
  return { open, under };
}

describe('perpV2', () => {
  test('default: the accounts of the demonstration, leg by leg', async () => {
    const pinned = await fixture.pin();
    const { positions, silos, healths } = await readOne(named('perp long'), pinned);
    expect(positions).toMatchObject([
      {
        kind: 'token',
        venue: 'perpV2',
        silo: 'perpV2',
        custody: 'observed',
        asset: 'USDC',
        amount: { raw: 20_000n * WAD },
      },
      {
        kind: 'perp',
        venue: 'perpV2',
        silo: 'perpV2',
        custody: 'observed',
        underlying: 'ETH',
        amount: { raw: 20n * WAD },
      },
    ]);
    const { unrealised } = amountsOf({ positions, silos, healths });
    expect(Number(unrealised) / 1e18).toBeCloseTo(20 * (1_550 - 2_005), -3);
    expect(silos).toEqual([
      {
        ...{ id: 'perpV2', venue: 'perpV2' },
        rule: {
          kind: 'perpAccount',
          maintenanceRatio: { raw: 62_500n, decimals: 6 },
          penaltyRatio: { raw: 25_000n, decimals: 6 },
          closeFactor: { raw: 5n, decimals: 1 },
          fullCloseBelow: { raw: 5n, decimals: 1 },
          minPartialUsd: { raw: 100n, decimals: 0 },
        },
      },
    ]);
    expect(healths).toHaveLength(1);
    expect(amountsOf(await readOne(named('basis trade'), pinned)).size).toBe(-50n * WAD);
    const everybody = await venue.discover(pinned);
    expect(everybody).toEqual(expect.arrayContaining(['perp long', 'basis trade', 'perp maker'].map(named)));
    expect((await requireExact(pinned, everybody)).open).toBe(3);
    expect(await readOne(named('empty'))).toEqual({ positions: [], silos: [], healths: [] });
  });

  test('behavior: cash alone has no health, and is what the vault pays out', async () => {
    const from = user(53);
    await depositMargin(fixture.world, { from, amount: '1234.567891' });
    const { positions, healths } = await readOne(from);
    expect(positions.map(({ amount }) => amount)).toEqual([{ raw: 1_234_567_891n * 10n ** 12n, decimals: 18 }]);
    expect(healths).toMatchObject([{ healthOwnWad: null, healthComputedWad: null }]);
    await fixture.world.perp.vault.write('withdrawAll', [fixture.world.tokens.USDC.contract.address], { from });
    expect(await readOne(from)).toEqual({ positions: [], silos: [], healths: [] });
  });

  test('behavior: the market has the mark of the venue', async () => {
    const { accountBalance, base } = fixture.world.perp;
    const config = fixture.deployment.venues.perpV2;
    if (config === undefined) expect.unreachable();
    await fixture.world.setPrice('ETH', 1_530);
    await pass(20);
    const marks = await readMarks(await fixture.pin(), config);
    expect(marks).toEqual({
      ETH: { usd: { raw: expect.any(BigInt), decimals: 18 }, confidence: { raw: 1n, decimals: 0 } },
    });
    expect(marks.ETH?.usd.raw).toBe(await accountBalance.read('getMarkPrice', [base.address]));
    expect(Number(marks.ETH?.usd.raw) / 1e18).toBeCloseTo(1_530, -1);
    await fixture.world.setPrice('ETH', 1_550);
    await pass(20);
  });

  test('behavior: settling at the same second takes exactly the funding that was read', async () => {
    const { testClient } = fixture.chain;
    const { clearingHouse, accountBalance } = fixture.world.perp;
    const from = named('basis trade');
    const pinned = await fixture.pin();
    const { funding } = amountsOf(await readOne(from, pinned));
    expect(funding).not.toBe(0n);
    const owed = async () => (await accountBalance.read<readonly bigint[]>('getPnlAndPendingFee', [from]))[0] as bigint;
    const before = await owed();
    const id = await testClient.snapshot();
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(pinned.block.timestamp) });
    await clearingHouse.write('settleAllFunding', [from], { from });
    expect(Number((await fixture.chain.publicClient.getBlock()).timestamp)).toBe(pinned.block.timestamp);
    expect((await owed()) - before).toBe(funding);
    expect(amountsOf(await readOne(from)).funding).toBe(0n);
    await testClient.revert({ id });
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('basis trade')])) as [PerpRaw];
    const before = structuredClone(raw);
    const first = venue.toPositions(raw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before)).toEqual(first);
  });

  test('behavior: what a position of dust left behind is cash', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('perp long')])) as [PerpRaw];
    const [holding] = raw.holdings;
    if (holding === undefined) expect.unreachable();
    const dust = { ...holding, size: 9n, openNotional: 7n, funding: -2n };
    const balance = -3n;
    const accountValue = -3n * 10n ** 12n;
    const own = { unrealised: 7n, accountValue, marginRequirement: 0n };
    const { positions } = venue.toPositions({ ...raw, balance, owed: 0n, holdings: [dust], own });
    expect(positions.map(({ kind, amount }) => [kind, amount.raw])).toEqual([['token', accountValue + 9n]]);
  });
});

describe('perpV2, refusing', () => {
  test('error: OpenOrdersError for a maker, and for a maker alone', async () => {
    const id = await fixture.chain.testClient.snapshot();
    await make(user(54));
    const pinned = await fixture.pin();
    const error = await venue.read(pinned, [named('perp long'), user(54)]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenOrdersError);
    expect(error).toMatchObject({ account: user(54), orders: 1 });
    expect(await venue.discover(pinned)).toContain(user(54));
    expect(await venue.read(pinned, [named('perp long')])).toHaveLength(1);
    await leavePerpMarket(fixture.world, user(54));
    await requireExact(await fixture.pin(), [user(54)]);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: VenueDisagreesError for another size, cost, balance, funding or ratio than the contracts go by', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('perp long')])) as [PerpRaw];
    const [holding] = raw.holdings;
    if (holding === undefined) expect.unreachable();
    const changed = (change: Partial<typeof holding>) => ({ ...raw, holdings: [{ ...holding, ...change }] });
    const off: readonly PerpRaw[] = [
      changed({ size: holding.size + 1_000_000n }),
      changed({ openNotional: holding.openNotional + 1n }),
      changed({ funding: holding.funding + 10n ** 12n }),
      { ...raw, balance: raw.balance + 1n },
      { ...raw, owed: raw.owed + 10n ** 12n },
      { ...raw, terms: { ...raw.terms, maintenanceRatio: 62_501n } },
      { ...raw, holdings: [] },
    ];
    for (const wrong of off) expect(() => venue.toPositions(wrong)).toThrow(VenueDisagreesError);
  });

  test('error: UnknownPerpMarketError for a market that the deployment does not name', async () => {
    const blind = openVenue({ markets: {} });
    const pinned = await fixture.pin();
    await expect(blind.read(pinned, [named('perp long')])).rejects.toThrow(UnknownPerpMarketError);
    expect(await blind.read(pinned, [named('lender')])).toHaveLength(1);
  });

  test('error: MarketNotOpenError for a paused market, in the venue and in the feed', async () => {
    const id = await fixture.chain.testClient.snapshot();
    await fixture.world.perp.base.write('pause');
    const pinned = await fixture.pin();
    await expect(venue.read(pinned, [named('perp long')])).rejects.toThrow(MarketNotOpenError);
    const config = fixture.deployment.venues.perpV2;
    if (config === undefined) expect.unreachable();
    await expect(readMarks(pinned, config)).rejects.toThrow(MarketNotOpenError);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: OtherCollateralError for collateral that is not the settlement token', async () => {
    const id = await fixture.chain.testClient.snapshot();
    const { world, chain } = fixture;
    const { vault } = world.perp;
    const feed = await deployFeed(chain, { answerRaw: toFeedAnswer(1_550), updatedAt: 1n });
    await world.refreshFeeds();
    const args = [feed.aggregator.address, 2_000_000, 900];
    const index = await deploy(chain, perpOracleArtifact('ChainlinkPriceFeedV3'), { args });
    await index.write('update');
    const dispatcher = await deploy(chain, perpOracleArtifact('PriceFeedDispatcher'), { args: [index.address] });
    const manager = contractAt(chain, {
      ...{ abi: perpArtifact('CollateralManager').abi, name: 'CollateralManager' },
      address: await vault.read<Address>('getCollateralManager'),
    });
    const { WETH } = world.tokens;
    const terms = {
      priceFeed: dispatcher.address,
      collateralRatio: 700_000,
      discountRatio: 100_000,
      depositCap: maxUint256,
    };
    await manager.write('addCollateral', [WETH.contract.address, terms]);
    await provide(WETH.contract, { to: user(55), spender: vault.address, raw: WAD });
    await vault.write('deposit', [WETH.contract.address, WAD], { from: user(55) });
    const pinned = await fixture.pin();
    expect(await venue.discover(pinned)).toContain(user(55));
    const [raw] = (await venue.read(pinned, [user(55)])) as [PerpRaw];
    expect(() => venue.toPositions(raw)).toThrow(OtherCollateralError);
    const ignored: string[] = [];
    const { positions } = venue.toPositions(raw, (what, error) => ignored.push(`${what} ${error.code}`));
    expect(positions).toEqual([]);
    expect(ignored).toEqual([`perpV2:${WETH.contract.address} OtherCollateralError`]);
    await fixture.chain.testClient.revert({ id });
  });

  test('error: UnknownTokenError for the settlement token, CallFailedError where no ClearingHouse is', async () => {
    const { USDC: _, ...assets } = fixture.deployment.assets;
    const pinned = await fixture.pin();
    await expect(openVenue({ book: tokenBook(assets) }).read(pinned, [named('perp long')])).rejects.toThrow(
      UnknownTokenError,
    );
    const astray = openVenue({ clearingHouse: fixture.world.tokens.DAI.contract.address });
    await expect(astray.discover(pinned)).rejects.toThrow(CallFailedError);
  });
});

describe('perpV2, at random', () => {
  test('behavior: 260 operations leave every taker exact, read or carried, at the head and at five earlier blocks, and the makers once they left (long)', async () => {
    for (const index of MAKERS) await make(user(index));
    await depositMargin(fixture.world, { from: user(WHALE), amount: 5_000_000 });
    const random = seeded(31);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const kinds = Object.keys(operations) as (keyof typeof operations)[];
    const done = new Map(kinds.map((kind) => [kind, 0]));
    const blocks: bigint[] = [];
    const acted = new Set<Address>();
    const follower = follow(venue);
    await follower.compare(await fixture.pin());
    let succeeded = 0;
    const isEnough = () => succeeded >= 260 && [...done.values()].every((times) => times >= 5);
    for (let tried = 0; !isEnough(); tried++) {
      expect(tried, JSON.stringify([...done])).toBeLessThan(1_500);
      const kind = pick([...kinds, 'deposit', 'trade', 'trade', 'liquidate'] as const);
      const from = user(FIRST + Math.floor(random() * TRADERS));
      const happened = await operations[kind]({ from, share: random(), sign: random() < 0.5 ? 1 : -1 }).then(
        () => true,
        () => false,
      );
      if (!happened) continue;
      succeeded += 1;
      done.set(kind, (done.get(kind) ?? 0) + 1);
      acted.add(from);
      if (succeeded % 13 === 0) await follower.compare(await fixture.pin());
      if (succeeded % 43 === 0) blocks.push((await fixture.pin()).block.number);
    }
    expect(acted.size).toBe(TRADERS);
    await follower.compare(await fixture.pin());
    expect(follower.seen - follower.read).toBeGreaterThan(50);
    const makers = MAKERS.map(user);
    const takersOf = async (pinned: PinnedChain) =>
      (await venue.discover(pinned)).filter((account) => !makers.includes(account));
    for (const number of blocks.slice(0, 5)) {
      const pinned = await fixture.pin({ number });
      await requireExact(pinned, await takersOf(pinned));
    }
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    const head = await fixture.pin();
    expect((await requireExact(head, await takersOf(head))).open).toBeGreaterThan(5);
    for (const maker of makers) await leavePerpMarket(fixture.world, maker);
    for (const usd of [1_400, 1_250, 1_800]) {
      await fixture.world.setPrice('ETH', usd);
      await pass(20);
      const pinned = await fixture.pin();
      const { open, under } = await requireExact(pinned, await venue.discover(pinned));
      expect(open).toBeGreaterThan(7);
      if (usd === 1_250) expect(under).toBeGreaterThan(0);
    }
  }, 300_000);
});

interface Dice {
  readonly from: Address;
  readonly share: number;
  readonly sign: 1 | -1;
}

const operations = {
  deposit: ({ from, share }: Dice) => depositMargin(fixture.world, { from, amount: (50 + 4_000 * share).toFixed(6) }),
  withdraw: async ({ from, share }: Dice) => {
    const { vault } = fixture.world.perp;
    const usdc = fixture.world.tokens.USDC.contract.address;
    const free = await vault.read<bigint>('getFreeCollateralByToken', [from, usdc]);
    if (free < 10n) throw new RangeError('nothing free');
    await vault.write('withdraw', [usdc, share < 0.2 ? free : free / 3n], { from });
  },
  trade: async ({ from, share, sign }: Dice) => {
    const { vault } = fixture.world.perp;
    const value = Number(await vault.read<bigint>('getAccountValue', [from])) / 1e6;
    const size = (sign * value * 8.5 * share) / 1_600;
    await tradePerp(fixture.world, { from, size: size.toFixed(18) });
  },
  close: async ({ from }: Dice) => {
    const { clearingHouse, base } = fixture.world.perp;
    const bounds = { sqrtPriceLimitX96: 0n, oppositeAmountBound: 0n, deadline: maxUint256, referralCode: zeroHash };
    await clearingHouse.write('closePosition', [{ baseToken: base.address, ...bounds }], { from });
  },
  time: ({ share }: Dice) => pass(1 + Math.floor(share * 7_200)),
  index: async ({ share }: Dice) => {
    const present = Number(fixture.world.priceRaw('ETH')) / 1e8;
    await fixture.world.setPrice('ETH', Math.min(1_750, Math.max(1_400, present * (0.98 + 0.04 * share))).toFixed(2));
  },
  range: async ({ share }: Dice) => {
    const { clearingHouse, base, orderBook } = fixture.world.perp;
    const from = user(share < 0.5 ? MAKERS[0] : MAKERS[1]);
    const { lowerTick, upperTick } = PERP_RANGE;
    const order = await orderBook.read<{ liquidity: bigint }>('getOpenOrder', [
      from,
      base.address,
      lowerTick,
      upperTick,
    ]);
    const where = { baseToken: base.address, lowerTick, upperTick, minBase: 0n, minQuote: 0n, deadline: maxUint256 };
    await clearingHouse.write('removeLiquidity', [{ ...where, liquidity: order.liquidity / 50n }], { from });
    await makePerpMarket(fixture.world, { from, base: '40', quote: '60000' });
  },
  /** Somebody trades with all it has, the price moves against it, and what is left is liquidated. */
  liquidate: async ({ from, sign }: Dice) => {
    const { clearingHouse, accountBalance, base } = fixture.world.perp;
    await operations.deposit({ from, share: 0.1, sign });
    await operations.trade({ from, share: 1, sign: sign === 1 ? -1 : 1 });
    const size = sign * 450;
    await tradePerp(fixture.world, { from: user(WHALE), size });
    await pass(2_000);
    let found: Address | undefined;
    for (let index = 0; index < TRADERS && found === undefined; index++) {
      const account = user(FIRST + index);
      const value = await clearingHouse.read<bigint>('getAccountValue', [account]);
      const required = await accountBalance.read<bigint>('getMarginRequirementForLiquidation', [account]);
      if (value < required) found = account;
    }
    const by = { from: user(WHALE) };
    const happened =
      found !== undefined &&
      (await clearingHouse.write('liquidate', [found, base.address], by).then(
        () => true,
        () => false,
      ));
    await tradePerp(fixture.world, { from: user(WHALE), size: -size }).catch(() => undefined);
    if (!happened) throw new RangeError('nobody to liquidate');
  },
} as const;

test('error: NoMarkPriceError for a mark of zero', async () => {
  const config = fixture.deployment.venues.perpV2;
  if (config === undefined) expect.unreachable();
  const pinned = await fixture.pin();
  const zero: PinnedChain = {
    ...pinned,
    read: async (calls) =>
      (await pinned.read(calls)).map((result, i) => (calls[i]?.functionName === 'getMarkPrice' ? 0n : result)),
  };
  await expect(readMarks(zero, config)).rejects.toThrow(NoMarkPriceError);
});
