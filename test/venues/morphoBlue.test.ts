import { type Address, BaseError, type Hash, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor, type MarketName } from '../../scripts/protocols/actor.ts';
import type { Contract } from '../../scripts/protocols/contract.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { morphoBlue } from '../../src/venues/morphoBlue.ts';
import type { MorphoRaw } from '../../src/venues/morphoBlueRead.ts';
import { liquidationBonusWad } from '../../src/venues/morphoMath.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startPopulated } from './fixture.ts';
import { follow } from './follow.ts';

const WAD = 10n ** 18n;
const MARKETS = ['usdcForWeth', 'wethForUsdc', 'daiForWbtc'] as const;
const FEE_RECIPIENT: Address = '0x000000000000000000000000000000000000Fee5';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let venue: Venue<MorphoRaw>;
let morpho: Contract;

beforeAll(async () => {
  fixture = await startPopulated();
  const { deployment, world } = fixture;
  morpho = world.morpho.morpho;
  const { chainId, fromBlock, assets } = deployment;
  venue = morphoBlue({ chainId, morpho: morpho.address, fromBlock, book: tokenBook(assets) });
  for (const { contract } of Object.values(world.tokens)) {
    await provide(contract, { to: user(LIQUIDATOR), spender: morpho.address, raw: 10n ** 24n });
  }
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const user = (index: number) => fixture.chain.account(index).address;
const market = (name: MarketName) => fixture.world.morpho.markets[name];
const silo = (name: MarketName) => `morphoBlue:${market(name).id}`;

async function readOne(account: Address, pinned?: PinnedChain): Promise<VenuePositions> {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return venue.toPositions(raw as MorphoRaw);
}

const amountIn = ({ positions }: VenuePositions, id: string, asset: string) =>
  positions.find((leg) => leg.kind === 'token' && leg.silo === id && leg.asset === asset)?.amount.raw ?? 0n;

interface Totals {
  readonly totalSupplyAssets: bigint;
  readonly totalSupplyShares: bigint;
  readonly totalBorrowAssets: bigint;
  readonly totalBorrowShares: bigint;
}

/** What Morpho holds of an account after a real accrueInterest that was mined at the time of the pinned block. */
async function accrued(account: Address, name: MarketName) {
  const { id } = market(name);
  const names = ['totalSupplyAssets', 'totalSupplyShares', 'totalBorrowAssets', 'totalBorrowShares'];
  const values = await morpho.read<readonly bigint[]>('market', [id]);
  const totals = Object.fromEntries(names.map((key, i) => [key, values[i]])) as unknown as Totals;
  const [supplyShares = 0n, borrowShares = 0n, collateral = 0n] = await morpho.read<readonly bigint[]>('position', [
    id,
    account,
  ]);
  const supplied = (supplyShares * (totals.totalSupplyAssets + 1n)) / (totals.totalSupplyShares + 10n ** 6n);
  const shares = totals.totalBorrowShares + 10n ** 6n;
  const owed = (borrowShares * (totals.totalBorrowAssets + 1n) + shares - 1n) / shares;
  return { supplied, owed, collateral };
}

const LIQUIDATOR = 9;

/** Whether Morpho lets anyone liquidate, asked of Morpho: the whole liquidation is executed, and not sent. */
async function isLiquidatable(account: Address, { name, pinned }: { name: MarketName; pinned: PinnedChain }) {
  const call = { address: morpho.address, abi: morpho.abi, functionName: 'liquidate', account: user(LIQUIDATOR) };
  const args = [market(name).params, account, 10n ** 12n, 0n, '0x'];
  try {
    await fixture.chain.publicClient.simulateContract({ ...call, args, blockNumber: pinned.block.number });
    return true;
  } catch (error) {
    if (error instanceof BaseError && /position is healthy/.test(error.message)) return false;
    throw error;
  }
}

/** Warps, reads, then has Morpho accrue at the very time that was read, and compares all accounts and markets. */
async function requireExact(seconds: number): Promise<void> {
  const { testClient } = fixture.chain;
  await testClient.increaseTime({ seconds });
  await testClient.mine({ blocks: 1 });
  const pinned = await fixture.pin();
  const accounts = await venue.discover(pinned);
  const read = (await venue.read(pinned, accounts)).map((raw) => venue.toPositions(raw));
  const id = await testClient.snapshot();
  for (const name of MARKETS) {
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(pinned.block.timestamp) });
    await morpho.write('accrueInterest', [market(name).params]);
    expect(Number((await fixture.chain.publicClient.getBlock()).timestamp)).toBe(pinned.block.timestamp);
  }
  for (const [i, account] of accounts.entries()) {
    const ours = read[i] as VenuePositions;
    for (const name of MARKETS) {
      const { supplied, owed, collateral } = await accrued(account, name);
      const { loan, collateral: pledged } = market(name);
      const assetOf = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', DAI: 'DAI' } as const;
      expect(amountIn(ours, `${silo(name)}:supply`, assetOf[loan]), `${account} ${name} supply`).toBe(supplied);
      expect(amountIn(ours, silo(name), assetOf[loan]), `${account} ${name} debt`).toBe(-owed);
      expect(amountIn(ours, silo(name), assetOf[pledged]), `${account} ${name} collateral`).toBe(collateral);
    }
  }
  await testClient.revert({ id });
}

describe('morphoBlue', () => {
  test('default: every account is what Morpho itself holds after accruing at the same second', async () => {
    await requireExact(1);
    await requireExact(30 * 86_400);
  });

  test('behavior: healthy exactly where Morpho refuses to liquidate, and both healths are one', async () => {
    const from = user(50);
    const account = actor(fixture.world, from);
    await account.pledge('usdcForWeth', 10);
    await account.draw('usdcForWeth', '13000');
    let seen = '';
    for (const usd of ['1550', '1512', '1511.7', '1511.6', '1511.5', '1500', '1300', '900']) {
      await fixture.world.setPrice('ETH', usd);
      const pinned = await fixture.pin();
      const { healths } = await readOne(from, pinned);
      const [health] = healths;
      expect(health?.healthOwnWad).toBe(health?.healthComputedWad);
      const healthy = (health?.healthComputedWad as bigint) >= WAD;
      expect(await isLiquidatable(from, { name: 'usdcForWeth', pinned }), `ETH ${usd}`).toBe(!healthy);
      seen += healthy ? 'h' : 'u';
    }
    expect(seen).toMatch(/^h+u+$/);
    await fixture.world.setPrice('ETH', '1550');
  });

  test('behavior: healthy and liquidatable change sides at the same unit of price', async () => {
    const from = user(51);
    const { oracle } = market('usdcForWeth');
    const account = actor(fixture.world, from);
    await account.pledge('usdcForWeth', 1);
    await account.draw('usdcForWeth', 1_200);
    const { positions } = await readOne(from);
    const debt = -(positions.find(({ amount }) => amount.raw < 0n)?.amount.raw as bigint);
    // One WETH at this price is worth the debt over 86 %, in USDC units times 1e36 a wei.
    const priceAt = (units: bigint) => ((debt + units) * WAD * 10n ** 18n) / (86n * 10n ** 16n);
    let seen = '';
    for (let units = 60n; units >= -20n; units -= 2n) {
      await oracle.write('setPrice', [priceAt(units)]);
      const pinned = await fixture.pin();
      const [health] = (await readOne(from, pinned)).healths;
      const healthy = (health?.healthComputedWad as bigint) >= WAD;
      expect(await isLiquidatable(from, { name: 'usdcForWeth', pinned }), `${units}`).toBe(!healthy);
      seen += healthy ? 'h' : 'u';
    }
    expect(seen).toMatch(/^h+u+$/);
    await fixture.world.refreshFeeds();
  });

  test('behavior: one silo a market, another for what is supplied to it', async () => {
    const { positions, silos, healths } = await readOne(named('morpho only'));
    const terms = {
      threshold: { raw: 86n * 10n ** 16n, decimals: 18 },
      bonus: { raw: 43841336116910229n, decimals: 18 },
    };
    const one = { raw: 1n, decimals: 0 };
    const rule = { kind: 'lending', collateral: { ETH: terms }, closeFactor: one, fullCloseBelow: one };
    expect(silos).toEqual([{ id: silo('usdcForWeth'), venue: 'morphoBlue', rule }]);
    expect(positions.map((leg) => leg.kind === 'token' && [leg.asset, leg.custody, leg.amount.decimals])).toEqual([
      ['ETH', 'observed', 18],
      ['USDC', 'observed', 6],
    ]);
    expect(healths).toHaveLength(1);
    const lender = await readOne(named('lender'));
    expect(lender.silos.map(({ id, rule: { kind } }) => [id, kind]).sort()).toEqual(
      MARKETS.map((name) => [`${silo(name)}:supply`, 'owned']).sort(),
    );
    expect(lender.healths).toEqual([]);
  });

  test('behavior: collateral without debt has no health; nothing at all is nothing', async () => {
    const { healths, positions } = await readOne(named('rescued'));
    expect(positions).toHaveLength(1);
    expect(healths.map(({ healthOwnWad, healthComputedWad }) => [healthOwnWad, healthComputedWad])).toEqual([
      [null, null],
    ]);
    expect(await readOne(named('empty'))).toEqual({ positions: [], silos: [], healths: [] });
  });

  test('behavior: the fee recipient owns the shares that the next accrual mints', async () => {
    await fixture.chain.testClient.increaseTime({ seconds: 86_400 });
    await fixture.chain.testClient.mine({ blocks: 1 });
    const pinned = await fixture.pin();
    expect(await venue.discover(pinned)).toContain(FEE_RECIPIENT);
    const [raw] = (await venue.read(pinned, [FEE_RECIPIENT])) as [MorphoRaw];
    const holding = raw.holdings.find(({ id }) => id === market('usdcForWeth').id);
    expect(holding?.isFeeRecipient).toBe(true);
    expect(holding?.own.position?.supplyShares).toBeGreaterThan(holding?.position.supplyShares as bigint);
    expect(amountIn(venue.toPositions(raw), `${silo('usdcForWeth')}:supply`, 'USDC')).toBeGreaterThan(0n);
  });

  test('behavior: a former fee recipient keeps its shares, which no event ever named it for', async () => {
    const id = await fixture.chain.testClient.snapshot();
    await morpho.write('setFeeRecipient', [user(44)]);
    await requireExact(5 * 86_400);
    const accounts = await venue.discover(await fixture.pin());
    expect(accounts).toEqual(expect.arrayContaining([FEE_RECIPIENT, user(44)]));
    const supplied = async (account: Address) =>
      amountIn(await readOne(account), `${silo('usdcForWeth')}:supply`, 'USDC');
    await morpho.write('accrueInterest', [market('usdcForWeth').params]);
    expect(await supplied(FEE_RECIPIENT)).toBeGreaterThan(0n);
    expect(await supplied(user(44))).toBeGreaterThan(0n);
    await fixture.chain.testClient.revert({ id });
  });

  test('behavior: an account that is asked for twice holds its positions once', async () => {
    const pinned = await fixture.pin();
    const account = named('twenty legs');
    const [once] = await venue.read(pinned, [account]);
    expect(await venue.read(pinned, [account, account])).toEqual([once, once]);
  });

  test('behavior: a market without oracle and rate model, as idle ones are', async () => {
    const { tokens } = fixture.world;
    const params = {
      ...{ loanToken: tokens.USDC.contract.address, collateralToken: zeroAddress, oracle: zeroAddress },
      ...{ irm: zeroAddress, lltv: 0n },
    };
    await morpho.write('enableIrm', [zeroAddress]);
    await morpho.write('enableLltv', [0n]);
    await morpho.write('createMarket', [params]);
    const from = user(52);
    await provide(tokens.USDC.contract, { to: from, spender: morpho.address, raw: 5_000_000n });
    await morpho.write('supply', [params, 5_000_000n, 0, from, '0x'], { from });
    await fixture.chain.testClient.increaseTime({ seconds: 9 * 86_400 });
    await fixture.chain.testClient.mine({ blocks: 1 });
    expect((await readOne(from)).positions.map(({ amount }) => amount)).toEqual([{ raw: 5_000_000n, decimals: 6 }]);
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('twenty legs')])) as [MorphoRaw];
    const before = structuredClone(raw);
    const first = venue.toPositions(raw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before)).toEqual(first);
  });

  test("behavior: the bonus is Morpho's incentive factor less one", () => {
    const bonuses = ['0.3', '0.625', '0.77', '0.86', '0.915', '0.98'].map((lltv) =>
      liquidationBonusWad(BigInt(Math.round(Number(lltv) * 1_000)) * 10n ** 15n),
    );
    const expected = ['150000000000000000', '126760563380281690', '74113856068743286', '43841336116910229'];
    expect(bonuses.slice(0, 4).map(String)).toEqual(expected);
    expect(bonuses.slice(4).map(String)).toEqual(['26167265264238070', '6036217303822937']);
  });
});

describe('morphoBlue, refusing', () => {
  test('error: UnknownTokenError only for a token that the account has', async () => {
    const { BTC: _, ...assets } = fixture.deployment.assets;
    const { chainId, fromBlock } = fixture.deployment;
    const blind = morphoBlue({ chainId, morpho: morpho.address, fromBlock, book: tokenBook(assets) });
    const pinned = await fixture.pin();
    const [refused, other] = (await blind.read(pinned, [named('twenty legs'), named('morpho only')])) as [
      MorphoRaw,
      MorphoRaw,
    ];
    expect(() => blind.toPositions(refused)).toThrow(UnknownTokenError);
    expect(() => blind.toPositions(refused)).toThrow(/Token WBTC .* held or owed at morphoBlue/);
    expect(blind.toPositions(other)).toEqual(await readOne(named('morpho only'), pinned));
  });

  test('error: VenueDisagreesError when the interest is not what Morpho accrues', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('morpho only')])) as [MorphoRaw];
    expect(() => venue.toPositions({ ...raw, timestamp: raw.timestamp + 86_400 })).toThrow(VenueDisagreesError);
  });
});

describe('morphoBlue, at random', () => {
  test('behavior: 260 operations by twelve accounts leave everybody exact, read or carried, now and at five earlier blocks (long)', async () => {
    const random = seeded(11);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const kinds = Object.keys(operations) as (keyof typeof operations)[];
    const done = new Map(kinds.map((kind) => [kind, 0]));
    const acted = new Set<Address>();
    const blocks: bigint[] = [];
    const follower = follow(venue);
    await follower.compare(await fixture.pin());
    const isEnough = () => [...done.values()].every((times) => times >= 5);
    for (let succeeded = 0, tried = 0; succeeded < 260 || !isEnough(); tried++) {
      expect(tried, JSON.stringify([...done])).toBeLessThan(2_000);
      const kind = pick([...kinds, 'draw', 'draw', 'pledge', 'lend'] as const);
      const from = user(FIRST + Math.floor(random() * ACTORS));
      const happened = await operations[kind]({ from, name: pick(MARKETS), share: random() }).then(
        () => true,
        () => false,
      );
      if (!happened) continue;
      done.set(kind, (done.get(kind) ?? 0) + 1);
      acted.add(from);
      succeeded++;
      if (succeeded % 13 === 0) await follower.compare(await fixture.pin());
      if (succeeded % 43 === 0) blocks.push((await fixture.pin()).block.number);
      if (succeeded % 40 === 0) await requireExact(Math.floor(random() * 5 * 86_400) + 1);
    }
    expect(acted.size).toBe(ACTORS);
    for (const name of MARKETS) {
      await operations.liquidate({ from: user(9), name, share: 0.1 }).catch(() => undefined);
    }
    await requireBadDebt();
    await requireExact(3_600);
    await follower.compare(await fixture.pin());
    expect(follower.seen - follower.read).toBeGreaterThan(100);
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    for (const number of blocks.slice(-5)) await requireOwn(await fixture.pin({ number }));
  }, 300_000);
});

const FIRST = 52;
const ACTORS = 12;

/** What we compute is what Morpho itself answers at the block, for every account: `toPositions` throws where it is not. */
async function requireOwn(pinned: PinnedChain): Promise<void> {
  const raws = await venue.read(pinned, await venue.discover(pinned));
  expect(raws.length).toBeGreaterThan(ACTORS);
  for (const raw of raws) {
    for (const { healthOwnWad, healthComputedWad } of venue.toPositions(raw).healths) {
      expect(healthOwnWad).toBe(healthComputedWad);
    }
  }
}

/** Some liquidation took all collateral and left a debt that the suppliers bear. */
async function requireBadDebt(): Promise<void> {
  const logs = await fixture.chain.publicClient.getContractEvents({
    ...{ address: morpho.address, abi: morpho.abi, eventName: 'Liquidate', fromBlock: 0n },
  });
  const bad = logs.filter(({ args }) => (args as unknown as { readonly badDebtAssets: bigint }).badDebtAssets > 0n);
  expect(bad.length).toBeGreaterThan(0);
}

interface Dice {
  readonly from: Address;
  readonly name: MarketName;
  readonly share: number;
}

const LOAN_SIZES: Readonly<Record<MarketName, number>> = { usdcForWeth: 20_000, wethForUsdc: 12, daiForWbtc: 20_000 };
const PLEDGE_SIZES: Readonly<Record<MarketName, number>> = { usdcForWeth: 15, wethForUsdc: 24_000, daiForWbtc: 0.5 };

const position = (name: MarketName, account: Address) =>
  morpho.read<readonly bigint[]>('position', [market(name).id as Hash, account]);

const operations = {
  lend: ({ from, name, share }: Dice) => actor(fixture.world, from).lend(name, (LOAN_SIZES[name] * share).toFixed(6)),
  pledge: ({ from, name, share }: Dice) =>
    actor(fixture.world, from).pledge(name, (PLEDGE_SIZES[name] * share).toFixed(6)),
  draw: ({ from, name, share }: Dice) => actor(fixture.world, from).draw(name, (LOAN_SIZES[name] * share).toFixed(6)),
  repay: async ({ from, name, share }: Dice) => {
    const [, shares = 0n] = await position(name, from);
    const { loan, params } = market(name);
    await provide(fixture.world.tokens[loan].contract, { to: from, spender: morpho.address, raw: 10n ** 24n });
    const repaid = share < 0.5 ? shares : shares / 3n;
    await morpho.write('repay', [params, 0, repaid, from, '0x'], { from });
  },
  withdraw: async ({ from, name, share }: Dice) => {
    const [shares = 0n] = await position(name, from);
    await morpho.write('withdraw', [market(name).params, 0, share < 0.5 ? shares : shares / 3n, from, from], { from });
  },
  unpledge: async ({ from, name }: Dice) => {
    const [, , collateral = 0n] = await position(name, from);
    await morpho.write('withdrawCollateral', [market(name).params, collateral / 4n, from, from], { from });
  },
  fee: async ({ name, share }: Dice) => {
    await morpho.write('setFee', [market(name).params, BigInt(Math.floor(share * 2_500)) * 10n ** 14n]);
  },
  recipient: async ({ from, share }: Dice) => {
    await morpho.write('setFeeRecipient', [share < 0.5 ? FEE_RECIPIENT : from]);
  },
  accrue: async ({ name }: Dice) => {
    await morpho.write('accrueInterest', [market(name).params]);
  },
  time: async ({ share }: Dice) => {
    await fixture.chain.testClient.increaseTime({ seconds: 1 + Math.floor(share * 86_400) });
    await fixture.chain.testClient.mine({ blocks: 1 });
  },
  price: ({ share }: Dice) =>
    fixture.world.setPrices({ ETH: (1_300 + 700 * share).toFixed(2), BTC: (40_000 + 20_000 * share).toFixed(0) }),
  liquidate: async ({ name, share }: Dice) => {
    if (share < 0.3) await fixture.world.setPrices({ ETH: '700', BTC: '20000' });
    const { params, loan } = market(name);
    const by = user(9);
    await provide(fixture.world.tokens[loan].contract, { to: by, spender: morpho.address, raw: 10n ** 24n });
    for (const account of await venue.discover(await fixture.pin())) {
      const [, shares = 0n, collateral = 0n] = await position(name, account);
      if (shares === 0n || collateral === 0n) continue;
      const seized = share < 0.6 ? collateral : collateral / 2n;
      const happened = await morpho.write('liquidate', [params, account, seized, 0, '0x'], { from: by }).then(
        () => true,
        () => false,
      );
      if (happened) return;
    }
    throw new RangeError('nobody to liquidate');
  },
} as const;
