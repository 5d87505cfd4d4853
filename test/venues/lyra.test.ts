import { type Address, maxUint256, parseEther, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import type { Contract } from '../../scripts/protocols/contract.ts';
import { updateGreeks } from '../../scripts/protocols/lyra.ts';
import { LYRA_TYPES } from '../../scripts/protocols/lyraTrade.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { readMarket } from '../../src/feeds/index.ts';
import { synthetixAdapterAbi } from '../../src/venues/abi/lyra.ts';
import { lyra, UnknownOptionTypeError } from '../../src/venues/lyra.ts';
import type { LyraPosition, LyraRaw } from '../../src/venues/lyraRead.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startPopulated } from './fixture.ts';
import { follow } from './follow.ts';

const WAD = 10n ** 18n;
const ACTIVE = 1;

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let venue: Venue<LyraRaw>;
let token: Contract;
let market: Contract;

beforeAll(async () => {
  fixture = await startPopulated();
  ({ optionToken: token, optionMarket: market } = fixture.world.lyra);
  const { fromBlock, assets, venues } = fixture.deployment;
  if (venues.lyra === undefined) expect.unreachable();
  venue = lyra({ ...venues.lyra, fromBlock, book: tokenBook(assets) });
});

afterAll(async () => {
  await fixture.stop();
});

const named = (name: string) => fixture.accounts.get(name) as Address;
const user = (index: number) => fixture.chain.account(index).address;
const strikeOf = (board: 0 | 1, usd: number) =>
  fixture.world.lyra.boards[board]?.strikes.find(({ strikeUsd }) => strikeUsd === usd)?.id as bigint;

async function readOne(account: Address, pinned?: PinnedChain): Promise<VenuePositions> {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return venue.toPositions(raw as LyraRaw);
}

interface OnChain extends LyraPosition {
  readonly owner: Address;
}

/** Every position that there ever was, by its id, with its owner now. */
async function allPositions(): Promise<readonly OnChain[]> {
  const next = await token.read<bigint>('nextId');
  const ids = Array.from({ length: Number(next) - 1 }, (_, i) => BigInt(i + 1));
  const positions = await token.read<readonly LyraPosition[]>('getOptionPositions', [ids]);
  return Promise.all(
    positions.map(async (position) => {
      const owner = await token.read<Address>('ownerOf', [position.positionId]).catch(() => zeroAddress);
      return { ...position, owner };
    }),
  );
}

const TYPES = ['call', 'put', 'call', 'call', 'put'] as const;

/** The legs of all accounts are the active positions, each once, and nothing else. */
async function requireSame(): Promise<number> {
  const pinned = await fixture.pin();
  const accounts = await venue.discover(pinned);
  const raws = await venue.read(pinned, accounts);
  const ours = raws.flatMap((raw) =>
    venue.toPositions(raw).positions.map((leg) => {
      const { silo, amount } = leg;
      const what = leg.kind === 'option' ? [leg.type, leg.strike.raw, leg.expiry] : [leg.kind === 'token' && leg.asset];
      return [raw.account, silo, ...what, amount.raw].join(' ');
    }),
  );
  const active = (await allPositions()).filter(({ state }) => state === ACTIVE);
  const theirs = await Promise.all(
    active.map(async ({ positionId, strikeId, optionType, amount, collateral, owner }) => {
      const [strike, expiry] = await market.read<readonly bigint[]>('getStrikeAndExpiry', [strikeId]);
      const silo = optionType < 2 ? 'lyra:long' : `lyra:${positionId}`;
      const option = [owner, silo, TYPES[optionType], strike, expiry, optionType < 2 ? amount : -amount].join(' ');
      return optionType < 2
        ? [option]
        : [option, [owner, silo, optionType === 2 ? 'sETH' : 'sUSD', collateral].join(' ')];
    }),
  );
  expect(ours.sort()).toEqual(theirs.flat().sort());
  return active.length;
}

describe('lyra', () => {
  test('default: the legs are the active positions of the option token', async () => {
    expect(await requireSame()).toBeGreaterThanOrEqual(15);
  });

  test('behavior: one silo for all longs, one for each short with its collateral', async () => {
    const { positions, silos } = await readOne(named('spread'));
    expect(silos.map(({ id, rule }) => [id.replace(/\d+/, '#'), rule.kind])).toEqual([
      ['lyra:long', 'owned'],
      ['lyra:#', 'shortOption'],
    ]);
    expect(positions.map(({ kind, custody, amount }) => [kind, custody, amount.decimals])).toEqual([
      ['option', 'observed', 18],
      ['token', 'observed', 18],
      ['option', 'observed', 18],
    ]);
    expect(await readOne(named('empty'))).toEqual({ positions: [], silos: [], healths: [] });
  });

  test("behavior: a short's rule holds the parameters of the deployed contracts", async () => {
    const pinned = await fixture.pin();
    const { positions, silos } = await readOne(named('twenty legs'), pinned);
    const greeks = fixture.world.lyra.greekCache;
    const minimum = await greeks.read<Record<string, bigint>>('getMinCollatParams');
    const greek = await greeks.read<Record<string, bigint>>('getGreekCacheParams');
    const partial = await token.read<Record<string, bigint>>('getPartialCollatParams');
    const seen = new Set<string>();
    for (const { id, rule } of silos) {
      if (rule.kind !== 'shortOption') continue;
      const option = positions.find((leg) => leg.kind === 'option' && leg.silo === id);
      const collateral = positions.find((leg) => leg.kind === 'token' && leg.silo === id);
      if (option?.kind !== 'option' || collateral?.kind !== 'token') expect.unreachable();
      const inBase = collateral.asset === 'sETH';
      const seconds = BigInt(option.expiry - pinned.block.timestamp);
      const raws = {
        minStaticCollateral: inBase ? minimum.minStaticBaseCollateral : minimum.minStaticQuoteCollateral,
        spotShock: option.type === 'put' ? minimum.putSpotPriceShock : minimum.callSpotPriceShock,
        shockVol: await greeks.read<bigint>('getShockVol', [seconds]),
        rate: greek.rateAndCarry,
        penaltyRatio: partial.penaltyRatio,
        minPenaltyUsd: partial.minLiquidationFee,
      };
      const wads = Object.fromEntries(Object.entries(raws).map(([name, raw]) => [name, { raw, decimals: 18 }]));
      expect(rule).toEqual({ kind: 'shortOption', collateralIn: inBase ? 'underlying' : 'quote', ...wads });
      seen.add(`${collateral.asset} ${option.type}`);
    }
    expect([...seen].sort()).toEqual(['sETH call', 'sUSD call', 'sUSD put']);
  });

  test('behavior: below 1 exactly where the option token lets anyone liquidate', async () => {
    const seen = { safe: 0, liquidatable: 0 };
    for (const usd of ['1550', '1800', '2100', '2600', '900']) {
      await fixture.world.setPrice('ETH', usd);
      const pinned = await fixture.pin();
      const accounts = await venue.discover(pinned);
      const healths = (await venue.read(pinned, accounts)).flatMap((raw) => venue.toPositions(raw).healths);
      for (const { silo, healthOwnWad, healthComputedWad } of healths) {
        expect(healthComputedWad).toBeNull();
        const [position] = await token.read<readonly LyraPosition[]>('getOptionPositions', [
          [silo.replace('lyra:', '')],
        ]);
        const [strike, expiry] = await market.read<readonly bigint[]>('getStrikeAndExpiry', [position?.strikeId]);
        const can = await token.read<boolean>('canLiquidate', [position, expiry, strike, parseEther(usd)]);
        expect((healthOwnWad as bigint) < WAD, `${silo} at ${usd}`).toBe(can);
        seen[can ? 'liquidatable' : 'safe']++;
      }
    }
    expect(seen.safe).toBeGreaterThan(3);
    expect(seen.liquidatable).toBeGreaterThan(3);
    await fixture.world.setPrice('ETH', '2000');
    await updateGreeks(fixture.world.lyra);
  });

  test('behavior: after closing, transferring, splitting, merging, adding collateral and liquidating', async () => {
    const from = user(40);
    const account = actor(fixture.world, from);
    await account.trade({ board: 1, strikeUsd: 2_000, type: 'longCall', size: 6 });
    await account.trade({ board: 1, strikeUsd: 2_000, type: 'longCall', size: 2 });
    await account.trade({ board: 1, strikeUsd: 2_200, type: 'shortCallQuote', size: 2, collateral: 3_000 });
    await account.trade({ board: 1, strikeUsd: 1_800, type: 'shortPutQuote', size: 2, collateral: 3_600 });
    const mine = async () => (await allPositions()).filter(({ owner, state }) => owner === from && state === ACTIVE);
    const [big, small, call, put] = (await mine()).map(({ positionId }) => positionId) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const close = (positionId: bigint, strikeId: bigint, order: Record<string, unknown>) =>
      market.write(
        'closePosition',
        [
          {
            positionId,
            strikeId,
            iterations: 1,
            minTotalCost: 0,
            maxTotalCost: maxUint256,
            setCollateralTo: 0,
            ...order,
          },
        ],
        { from },
      );
    await close(big, strikeOf(1, 2_000), { optionType: LYRA_TYPES.longCall, amount: parseEther('1') });
    await requireSame();
    await token.write('split', [big, parseEther('2'), 0, user(41)], { from });
    await requireSame();
    await token.write('merge', [[big, small]], { from });
    await requireSame();
    await token.write('transferFrom', [from, user(42), put], { from });
    await requireSame();
    expect(
      (await venue.discover(await fixture.pin())).filter((found) => [user(41), user(42)].includes(found)),
    ).toHaveLength(2);
    await market.write('addCollateral', [call, parseEther('10')], { from });
    await requireSame();
    await close(big, strikeOf(1, 2_000), { optionType: LYRA_TYPES.longCall, amount: parseEther('5') });
    await requireSame();
    await fixture.world.setPrice('ETH', '2900');
    await updateGreeks(fixture.world.lyra);
    const before = await requireSame();
    const { healths } = await readOne(from);
    expect(healths.find(({ silo }) => silo === `lyra:${call}`)?.healthOwnWad).toBeLessThan(WAD);
    await market.write('liquidatePosition', [call, user(43)]);
    expect(await requireSame()).toBe(before - 1);
    const states = new Set((await allPositions()).map(({ state }) => state));
    expect([...states].sort()).toEqual([1, 2, 3, 5]);
    expect(await readOne(from)).toEqual({ positions: [], silos: [], healths: [] });
  });

  test('behavior: toPositions is pure', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('twenty legs')])) as [LyraRaw];
    const before = structuredClone(raw);
    const first = venue.toPositions(raw);
    expect(raw).toEqual(before);
    expect(venue.toPositions(before)).toEqual(first);
  });

  test('error: UnknownTokenError only where someone holds a position', async () => {
    const { sETH: _, ...assets } = fixture.deployment.assets;
    const { fromBlock, venues } = fixture.deployment;
    if (venues.lyra === undefined) expect.unreachable();
    const blind = lyra({ ...venues.lyra, fromBlock, book: tokenBook(assets) });
    const pinned = await fixture.pin();
    const error = await blind.read(pinned, [named('spread')]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnknownTokenError);
    expect(error).toMatchObject({ venue: 'lyra', symbol: 'sETH', token: fixture.world.lyra.baseAsset.address });
    expect(await blind.read(pinned, [named('empty')])).toEqual([{ account: named('empty'), holdings: [] }]);
  });

  test('error: UnknownOptionTypeError', async () => {
    const [raw] = (await venue.read(await fixture.pin(), [named('spread')])) as [LyraRaw];
    const [holding] = raw.holdings;
    if (holding === undefined) expect.unreachable();
    const odd = { ...raw, holdings: [{ ...holding, position: { ...holding.position, optionType: 5 } }] };
    expect(() => venue.toPositions(odd)).toThrow(UnknownOptionTypeError);
  });
});

describe('lyra, at random', () => {
  test('behavior: 260 operations by twelve accounts, a settled board among them, leave everybody exact, read or carried (long)', async () => {
    const id = await fixture.chain.testClient.snapshot();
    const random = seeded(41);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const kinds = Object.keys(operations) as (keyof typeof operations)[];
    const done = new Map(kinds.map((kind) => [kind, 0]));
    const acted = new Set<Address>();
    const blocks: bigint[] = [];
    const follower = follow(venue);
    await follower.compare(await fixture.pin());
    const isEnough = () => [...done].every(([kind, times]) => times >= (kind === 'settle' ? 1 : 5));
    for (let succeeded = 0, tried = 0; succeeded < 260 || !isEnough(); tried++) {
      expect(tried, JSON.stringify([...done])).toBeLessThan(3_000);
      const kind = pick([...kinds, 'open', 'open', 'open'] as const);
      if (kind === 'settle' && (succeeded < 130 || done.get('settle') !== 0)) continue;
      const from = user(FIRST + Math.floor(random() * ACTORS));
      const other = user(FIRST + Math.floor(random() * ACTORS));
      const happened = await operations[kind]({ from, other, random }).then(
        () => true,
        () => false,
      );
      if (!happened) continue;
      done.set(kind, (done.get(kind) ?? 0) + 1);
      acted.add(from);
      succeeded++;
      if (succeeded % 20 === 0) await follower.compare(await fixture.pin());
      if (succeeded % 43 === 0) blocks.push((await fixture.pin()).block.number);
      if (succeeded % 65 === 0) await requireExact(await fixture.pin());
    }
    expect(acted.size).toBe(ACTORS);
    expect(await requireExact(await fixture.pin())).toBeGreaterThan(ACTORS);
    await follower.compare(await fixture.pin());
    expect(follower.seen - follower.read).toBeGreaterThan(100);
    for (const number of blocks.slice(-5)) await requireExact(await fixture.pin({ number }));
    await fixture.chain.testClient.revert({ id });
  }, 300_000);
});

const FIRST = 44;
const ACTORS = 12;

/** At a block: the option legs are those of the option token's own views, and below a health of 1 exactly where it lets anyone liquidate. */
async function requireExact(pinned: PinnedChain): Promise<number> {
  const { number: blockNumber } = pinned.block;
  const view = async <T>(
    { abi, address }: Pick<Contract, 'abi' | 'address'>,
    functionName: string,
    args: readonly unknown[] = [],
  ) => (await fixture.chain.publicClient.readContract({ abi, address, functionName, args, blockNumber })) as T;
  const accounts = await venue.discover(pinned);
  const read = (await venue.read(pinned, accounts)).map((raw) => venue.toPositions(raw));
  const ours = read.flatMap(({ positions }, i) =>
    positions.flatMap((leg) =>
      leg.kind === 'option' ? [[accounts[i], leg.type, leg.strike.raw, leg.expiry, leg.amount.raw].join(' ')] : [],
    ),
  );
  const adapter = { abi: synthetixAdapterAbi, address: fixture.deployment.venues.lyra?.synthetixAdapter as Address };
  const spot = await view<bigint>(adapter, 'getSpotPriceForMarket', [market.address]);
  const theirs: string[] = [];
  for (const account of accounts) {
    const owned = await view<readonly LyraPosition[]>(token, 'getOwnerPositions', [account]);
    for (const position of owned.filter(({ state }) => state === ACTIVE)) {
      const { positionId, strikeId, optionType, amount } = position;
      const [strike, expiry] = await view<readonly [bigint, bigint]>(market, 'getStrikeAndExpiry', [strikeId]);
      const [, settled] = await view<readonly [bigint, bigint]>(market, 'getSettlementParameters', [strikeId]);
      if (settled !== 0n) continue;
      theirs.push([account, TYPES[optionType], strike, expiry, optionType < 2 ? amount : -amount].join(' '));
      const health = read.flatMap(({ healths }) => healths).find(({ silo }) => silo === `lyra:${positionId}`);
      if (health === undefined || expiry <= BigInt(pinned.block.timestamp)) continue;
      const can = await view<boolean>(token, 'canLiquidate', [position, expiry, strike, spot]);
      expect((health.healthOwnWad as bigint) < WAD, `${positionId} at ${blockNumber}`).toBe(can);
    }
  }
  expect(ours.sort()).toEqual(theirs.sort());
  return theirs.length;
}

interface Dice {
  readonly from: Address;
  readonly other: Address;
  readonly random: () => number;
}

const activeOf = async (owner: Address) => {
  const owned = await token.read<readonly LyraPosition[]>('getOwnerPositions', [owner]);
  return owned.filter(({ state }) => state === ACTIVE);
};

async function pickActive({ from, random }: Dice): Promise<LyraPosition> {
  const active = await activeOf(from);
  const position = active[Math.floor(random() * active.length)];
  if (position === undefined) throw new RangeError('nothing held');
  return position;
}

const operations = {
  open: async ({ from, random }: Dice) => {
    const type = Object.keys(LYRA_TYPES)[Math.floor(random() * 5)] as keyof typeof LYRA_TYPES;
    const board = random() < 0.5 ? 0 : 1;
    const strikes = fixture.world.lyra.boards[board]?.strikes ?? [];
    const strikeUsd = strikes[Math.floor(random() * strikes.length)]?.strikeUsd as number;
    const size = Math.ceil(random() * 20) / 10;
    const each = type === 'shortCallBase' ? 1 : type === 'shortPutQuote' ? strikeUsd : 1_500;
    const collateral = (size * each * (0.6 + 0.4 * random())).toFixed(6);
    await actor(fixture.world, from).trade({ board, strikeUsd, type, size, collateral: Number(collateral) });
  },
  close: async (dice: Dice) => {
    const { positionId, strikeId, optionType, amount } = await pickActive(dice);
    const isWhole = dice.random() < 0.6;
    const { quoteAsset } = fixture.world.lyra;
    await provide(quoteAsset, { to: dice.from, spender: market.address, raw: parseEther('10000') });
    const limits = { iterations: 1, minTotalCost: 0, maxTotalCost: maxUint256 };
    const order = { positionId, strikeId, optionType, amount: isWhole ? amount : amount / 2n, ...limits };
    const { collateral } = (await token.read<readonly LyraPosition[]>('getOptionPositions', [[positionId]]))[0] ?? {};
    const setCollateralTo = isWhole ? 0n : collateral;
    await market.write('closePosition', [{ ...order, setCollateralTo }], { from: dice.from });
  },
  addCollateral: async (dice: Dice) => {
    const { positionId, optionType } = await pickActive(dice);
    const { quoteAsset, baseAsset } = fixture.world.lyra;
    const asset = optionType === LYRA_TYPES.shortCallBase ? baseAsset : quoteAsset;
    await provide(asset, { to: dice.from, spender: market.address, raw: parseEther('1') });
    await market.write('addCollateral', [positionId, parseEther('0.01')], { from: dice.from });
  },
  transfer: async (dice: Dice) => {
    const { positionId } = await pickActive(dice);
    await token.write('transferFrom', [dice.from, dice.other, positionId], { from: dice.from });
  },
  split: async (dice: Dice) => {
    const { positionId, amount, collateral } = await pickActive(dice);
    await token.write('split', [positionId, amount / 2n, collateral / 2n, dice.other], { from: dice.from });
  },
  merge: async ({ from }: Dice) => {
    const active = await activeOf(from);
    const same = (a: LyraPosition) =>
      active.filter(({ strikeId, optionType }) => strikeId === a.strikeId && optionType === a.optionType);
    const group = active.map(same).find(({ length }) => length > 1);
    if (group === undefined) throw new RangeError('nothing to merge');
    await token.write('merge', [group.map(({ positionId }) => positionId)], { from });
  },
  liquidate: async ({ random }: Dice) => {
    const usd = random() < 0.5 ? '2700' : '1400';
    await fixture.world.setPrice('ETH', usd);
    await updateGreeks(fixture.world.lyra);
    for (const position of await allPositions()) {
      if (position.state !== ACTIVE || position.optionType < 2) continue;
      const [strike, expiry] = await market.read<readonly bigint[]>('getStrikeAndExpiry', [position.strikeId]);
      const args = [position, expiry, strike, parseEther(usd)];
      if (!(await token.read<boolean>('canLiquidate', args).catch(() => false))) continue;
      const happened = await market.write('liquidatePosition', [position.positionId, user(43)]).then(
        () => true,
        () => false,
      );
      if (happened) return;
    }
    throw new RangeError('nobody to liquidate');
  },
  settle: async () => {
    const { timestamp } = (await fixture.pin()).block;
    const expiry = fixture.world.lyra.boards[0]?.expiry as number;
    await fixture.chain.testClient.increaseTime({ seconds: expiry - timestamp + 60 });
    await fixture.world.setPrice('ETH', '2050');
    const [first] = await market.read<readonly bigint[]>('getLiveBoards');
    await market.write('settleExpiredBoard', [first]);
    await updateGreeks(fixture.world.lyra);
  },
  claim: async (dice: Dice) => {
    const { positionId, strikeId } = await pickActive(dice);
    const [, settled] = await market.read<readonly bigint[]>('getSettlementParameters', [strikeId]);
    if (settled === 0n) throw new RangeError('not settled');
    await fixture.world.lyra.shortCollateral.write('settleOptions', [[positionId]]);
  },
  time: async ({ random }: Dice) => {
    await fixture.chain.testClient.increaseTime({ seconds: 1 + Math.floor(random() * 3_600) });
    await fixture.world.refreshFeeds();
    await updateGreeks(fixture.world.lyra);
  },
  price: async ({ random }: Dice) => {
    await fixture.world.setPrice('ETH', (1_800 + 400 * random()).toFixed(2));
    await updateGreeks(fixture.world.lyra);
  },
} as const;

describe('lyra, past the expiry', () => {
  const board = () => fixture.world.lyra.boards[0]?.expiry as number;
  const onBoard = ({ positions }: VenuePositions) =>
    positions.filter((leg) => leg.kind === 'option' && leg.expiry === board());

  test('behavior: until its board is settled an expired option is still one, and nobody can liquidate it', async () => {
    const { timestamp } = (await fixture.pin()).block;
    await fixture.chain.testClient.increaseTime({ seconds: board() - timestamp + 60 });
    await fixture.world.setPrice('ETH', '2150');
    const pinned = await fixture.pin();
    const read = await readOne(named('twenty legs'), pinned);
    expect(onBoard(read).length).toBeGreaterThanOrEqual(7);
    for (const leg of onBoard(read)) {
      const rule = read.silos.find(({ id }) => id === leg.silo)?.rule;
      expect(rule).toEqual({ kind: 'owned' });
      expect(read.healths.some(({ silo }) => silo === leg.silo)).toBe(false);
    }
    const quotes = await readMarket(pinned, fixture.deployment);
    expect(quotes.expiries.map(({ expiry }) => expiry)).toContain(board());
    for (const leg of onBoard(read)) {
      if (leg.kind !== 'option') continue;
      expect(quotes.vols.some(({ expiry, strike }) => expiry === leg.expiry && strike.raw === leg.strike.raw)).toBe(
        true,
      );
    }
  });

  test('behavior: once it is settled, what is left is what Lyra pays, to the wei', async () => {
    const [first] = await market.read<readonly bigint[]>('getLiveBoards');
    await market.write('settleExpiredBoard', [first]);
    const pinned = await fixture.pin();
    const accounts = await venue.discover(pinned);
    const raws = await venue.read(pinned, accounts);
    const { quoteAsset, baseAsset, shortCollateral } = fixture.world.lyra as unknown as Record<string, Contract>;
    const settled = (await allPositions()).filter(({ state }) => state === ACTIVE);
    const strikes = fixture.world.lyra.boards[0]?.strikes.map(({ id }) => id) ?? [];
    const ids = settled.filter(({ strikeId }) => strikes.includes(strikeId)).map(({ positionId }) => positionId);
    const owners = settled.filter(({ positionId }) => ids.includes(positionId)).map(({ owner }) => owner);
    expect(ids.length).toBeGreaterThanOrEqual(8);
    const balances = () =>
      Promise.all(
        accounts.map(async (account) => [
          await quoteAsset?.read<bigint>('balanceOf', [account]),
          await baseAsset?.read<bigint>('balanceOf', [account]),
        ]),
      );
    const before = await balances();
    const legsBefore = raws.map((raw) => venue.toPositions(raw));
    await shortCollateral?.write('settleOptions', [ids]);
    const after = await balances();
    const later = await fixture.pin();
    const legsAfter = (await venue.read(later, accounts)).map((raw) => venue.toPositions(raw));
    let paid = 0n;
    for (const [i, account] of accounts.entries()) {
      for (const [j, asset] of ['sUSD', 'sETH'].entries()) {
        const sum = ({ positions }: VenuePositions) =>
          positions.reduce(
            (total, leg) => total + (leg.kind === 'token' && leg.asset === asset ? leg.amount.raw : 0n),
            0n,
          );
        const received = (after[i]?.[j] as bigint) - (before[i]?.[j] as bigint);
        const claim = sum(legsBefore[i] as VenuePositions) - sum(legsAfter[i] as VenuePositions);
        expect(claim, `${account} ${asset}`).toBe(received);
        paid += received;
      }
      expect(onBoard(legsBefore[i] as VenuePositions)).toEqual([]);
      if (owners.includes(account)) expect((legsBefore[i] as VenuePositions).positions.length).toBeGreaterThan(0);
    }
    expect(paid).toBeGreaterThan(0n);
    await fixture.world.refreshFeeds();
    const quotes = await readMarket(await fixture.pin(), fixture.deployment);
    expect(quotes.expiries.map(({ expiry }) => expiry)).not.toContain(board());
  });
});
