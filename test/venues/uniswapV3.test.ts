import { type Address, encodeFunctionData, type Hex, maxUint256, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uniswapArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, contractAt } from '../../scripts/protocols/contract.ts';
import { createSafe, executeFromSafe } from '../../scripts/protocols/safe.ts';
import { provide, type Token, units } from '../../scripts/protocols/tokens.ts';
import { mintRange, swap } from '../../scripts/protocols/uniswapTrade.ts';
import type { UniswapPoolName } from '../../scripts/protocols/uniswapV3.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { rangeAmounts, rangeTerms, rootOf } from '../../src/engine/range.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import { TooManyPositionsError, uniswapV3 } from '../../src/venues/uniswapV3.ts';
import { amountsIn, type Closing, closeAll, sqrtPriceAt } from '../../src/venues/uniswapV3Math.ts';
import type { UniswapRaw, UniswapSource } from '../../src/venues/uniswapV3Read.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { type Fixture, seeded, startFixture } from './fixture.ts';
import { type Followed, follow } from './follow.ts';

/** Accounts 40 to 49 act at random, 50 and on in single tests. */
const FIRST = 40;
const COUNT = 10;
const MAX_UINT128 = 2n ** 128n - 1n;
const NAMES = ['WETH/USDC', 'WBTC/WETH'] as const;

let fixture: Fixture;
let venue: Venue<UniswapRaw>;
let manager: Contract;

beforeAll(async () => {
  fixture = await startFixture();
  manager = fixture.world.uniswap.positionManager;
  venue = openVenue();
});

afterAll(async () => {
  await fixture.stop();
});

const user = (index: number) => fixture.chain.account(index).address;

function openVenue(overrides: Partial<UniswapSource> = {}): Venue<UniswapRaw> {
  const { fromBlock, assets } = fixture.deployment;
  return uniswapV3({ positionManager: manager.address, fromBlock, book: tokenBook(assets), ...overrides });
}

async function rawOf(account: Address, pinned?: PinnedChain): Promise<UniswapRaw> {
  const [raw] = await venue.read(pinned ?? (await fixture.pin()), [account]);
  return raw as UniswapRaw;
}

const readOne = async (account: Address) => venue.toPositions(await rawOf(account));

async function idsOf(account: Address): Promise<readonly bigint[]> {
  const count = await manager.read<bigint>('balanceOf', [account]);
  const indices = Array.from({ length: Number(count) }, (_, i) => i);
  return Promise.all(indices.map((i) => manager.read<bigint>('tokenOfOwnerByIndex', [account, i])));
}

const liquidityOf = async (id: bigint) => (await manager.read<readonly unknown[]>('positions', [id]))[7] as bigint;

/** The tick at the pool's price, of its spacing. */
async function tickNow(name: UniswapPoolName): Promise<number> {
  const { contract, tickSpacing } = fixture.world.uniswap.pools[name];
  const [, tick] = await contract.read<readonly [bigint, number]>('slot0');
  return Math.floor(tick / tickSpacing) * tickSpacing;
}

/** A position around the pool's price, `width` spacings to both sides. */
async function open(from: Address, name: UniswapPoolName = 'WETH/USDC', width = 40): Promise<bigint> {
  const { token0, token1, tickSpacing } = fixture.world.uniswap.pools[name];
  const tick = await tickNow(name);
  const amounts = { WETH: '2', USDC: '4000', WBTC: '0.06' };
  const raw = ({ symbol, ...token }: typeof token0) => units({ symbol, ...token }, amounts[symbol as 'WETH']);
  const ticks = [tick - width * tickSpacing, tick + width * tickSpacing] as const;
  await mintRange(fixture.world, { from, pool: name, ticks, amountsRaw: [raw(token0), raw(token1)] });
  return (await idsOf(from)).at(-1) as bigint;
}

/** Closes every position of an account for good, by id, and says what arrived of each token. */
async function closeForReal(account: Address): Promise<Readonly<Record<string, bigint>>> {
  const tokens = ['WETH', 'USDC', 'WBTC'] as const;
  const balances = () =>
    Promise.all(tokens.map((name) => fixture.world.tokens[name].contract.read<bigint>('balanceOf', [account])));
  const before = await balances();
  for (const id of [...(await idsOf(account))].sort((a, b) => (a < b ? -1 : 1))) {
    const liquidity = await liquidityOf(id);
    if (liquidity > 0n) {
      const terms = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
      await manager.write('decreaseLiquidity', [terms], { from: account });
    }
    const [, , , , , , , , , , owed0, owed1] = await manager.read<readonly bigint[]>('positions', [id]);
    if (owed0 === 0n && owed1 === 0n) continue;
    await manager.write('collect', [collectTerms(id, account)], { from: account });
  }
  const after = await balances();
  return Object.fromEntries(tokens.map((name, i) => [name, (after[i] as bigint) - (before[i] as bigint)]));
}

const collectTerms = (tokenId: bigint, recipient: Address) => ({
  ...{ tokenId, recipient, amount0Max: MAX_UINT128, amount1Max: MAX_UINT128 },
});

/** What the manager promises for a position once all of it is out of the pool. The chain stays as it is. */
async function promisedAtClose(from: Address, tokenId: bigint): Promise<readonly bigint[]> {
  const id = await fixture.chain.testClient.snapshot();
  const terms = { tokenId, liquidity: await liquidityOf(tokenId), amount0Min: 0n, amount1Min: 0n };
  await manager.write('decreaseLiquidity', [{ ...terms, deadline: maxUint256 }], { from });
  const [, , , , , , , , , , ...promised] = await manager.read<readonly bigint[]>('positions', [tokenId]);
  await fixture.chain.testClient.revert({ id });
  return promised;
}

/** What the adapter says that an account gets for everything it holds, by token. */
function closedBy(raw: UniswapRaw): Readonly<Record<string, bigint>> {
  const total: Record<string, bigint> = { WETH: 0n, USDC: 0n, WBTC: 0n };
  for (const [i, { collected }] of closeAll(raw.holdings).entries()) {
    const { token0, token1 } = raw.holdings[i]?.position ?? expect.unreachable();
    for (const [j, token] of [token0, token1].entries()) {
      const name = tokenOf(token).symbol;
      total[name] = (total[name] ?? 0n) + (collected[j] as bigint);
    }
  }
  return total;
}

function tokenOf(address: Address): Token {
  const found = Object.values(fixture.world.tokens).find(({ contract }) => contract.address === address);
  return found ?? expect.unreachable();
}

/** Legs against what the manager stores and answers, asked here at an earlier block too. */
async function requireExact(pinned: PinnedChain, account: Address): Promise<number> {
  const raw = await rawOf(account, pinned);
  const legs = venue.toPositions(raw);
  const at = { blockNumber: pinned.block.number, address: manager.address, abi: manager.abi };
  const { publicClient } = fixture.chain;
  for (const { id, liquidity } of raw.positions) {
    const own = legs.positions.filter(({ silo }) => silo === `uniswapV3:${id}`);
    const range = own.find((leg) => leg.kind === 'range');
    expect(range?.amount.raw ?? 0n).toBe(liquidity);
    expect(await publicClient.readContract({ ...at, functionName: 'ownerOf', args: [id] })).toBe(account);
  }
  const data = raw.positions.flatMap(({ id, liquidity }): Hex[] => {
    const out = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
    const call = (functionName: string, args: readonly unknown[]) =>
      encodeFunctionData({ abi: manager.abi, functionName, args });
    const collect = call('collect', [collectTerms(id, zeroAddress)]);
    return liquidity === 0n ? [collect] : [call('decreaseLiquidity', [out]), collect];
  });
  const { result } = await publicClient.simulateContract({ ...at, account, functionName: 'multicall', args: [data] });
  const pairs = (result as readonly Hex[]).map((hex) => [BigInt(hex.slice(0, 66)), BigInt(`0x${hex.slice(66)}`)]);
  const ours = closeAll(raw.holdings).flatMap(({ principal, collected }, i) =>
    raw.positions[i]?.liquidity === 0n ? [collected] : [principal, collected],
  );
  expect(ours, account).toEqual(pairs);
  return raw.positions.length;
}

const STEPS = 280;

/** Random operations by ten accounts in few ranges, so that many share one. The blocks to look back at. */
async function actAtRandom(): Promise<{
  readonly blocks: readonly bigint[];
  readonly done: ReadonlyMap<string, number>;
  /** How many accounts were carried instead of read, each time as a full reading has them. */
  readonly followed: Followed;
}> {
  const random = seeded(3);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const done = new Map<string, number>();
  const blocks: bigint[] = [];
  const homes = { 'WETH/USDC': await tickNow('WETH/USDC'), 'WBTC/WETH': await tickNow('WBTC/WETH') };
  const operations = {
    mint: async (from: Address) => {
      const pool = pick(NAMES);
      const { tickSpacing, token0, token1 } = fixture.world.uniswap.pools[pool];
      const lower = homes[pool] + pick([-40, -10, 0, 5]) * tickSpacing;
      const ticks = [lower, lower + pick([10, 40]) * tickSpacing] as const;
      const amount = (token: typeof token0) =>
        units(token, token.symbol === 'USDC' ? '3000' : '1.5') + BigInt(Math.floor(random() * 1e6));
      await mintRange(fixture.world, { from, pool, ticks, amountsRaw: [amount(token0), amount(token1)] });
    },
    increase: async (from: Address, id: bigint) => {
      const [, , ...rest] = await manager.read<readonly Address[]>('positions', [id]);
      const amounts: bigint[] = [];
      for (const address of rest.slice(0, 2)) {
        const { contract, ...token } = tokenOf(address);
        const raw = units({ contract, ...token }, (random() * 2).toFixed(6));
        await provide(contract, { to: from, spender: manager.address, raw });
        amounts.push(raw);
      }
      const [amount0Desired, amount1Desired] = amounts;
      const terms = {
        tokenId: id,
        amount0Desired,
        amount1Desired,
        amount0Min: 0n,
        amount1Min: 0n,
        deadline: maxUint256,
      };
      await manager.write('increaseLiquidity', [terms], { from });
    },
    decrease: async (from: Address, id: bigint) => {
      const all = await liquidityOf(id);
      const liquidity = random() < 0.4 ? all : (all * BigInt(Math.floor(random() * 1000))) / 1000n;
      const terms = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
      if (liquidity > 0n) await manager.write('decreaseLiquidity', [terms], { from });
    },
    collect: async (from: Address, id: bigint) => {
      const max = random() < 0.5 ? MAX_UINT128 : BigInt(Math.floor(1 + random() * 1e6));
      const terms = { ...collectTerms(id, from), amount0Max: max };
      await manager.write('collect', [terms], { from });
    },
    transfer: async (from: Address, id: bigint) => {
      await manager.write('transferFrom', [from, user(FIRST + Math.floor(random() * COUNT)), id], { from });
    },
    burn: async (from: Address, id: bigint) => {
      const liquidity = await liquidityOf(id);
      const out = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
      if (liquidity > 0n) await manager.write('decreaseLiquidity', [out], { from });
      const [, , , , , , , , , , owed0, owed1] = await manager.read<readonly bigint[]>('positions', [id]);
      if (owed0 !== 0n || owed1 !== 0n) await manager.write('collect', [collectTerms(id, from)], { from });
      await manager.write('burn', [id], { from });
    },
    swap: async (from: Address) => {
      const pool = pick(NAMES);
      const pay = pick([0, 1] as const);
      const { token0, token1 } = fixture.world.uniswap.pools[pool];
      const token = pay === 0 ? token0 : token1;
      const size = { WETH: 8, USDC: 16_000, WBTC: 0.3 }[token.symbol] ?? expect.unreachable();
      const raw = units(token, (size * random()).toFixed(token.decimals)) + 1n;
      await swap(fixture.world, { from, pool, pay, raw });
    },
    time: async () => fixture.chain.testClient.increaseTime({ seconds: Math.floor(random() * 86_400) }),
    price: async () => fixture.world.setPrices({ ETH: Math.floor(1_900 + random() * 200) }),
  };
  const likely = [
    'mint',
    'mint',
    'increase',
    'decrease',
    'collect',
    'transfer',
    'burn',
    'swap',
    'swap',
    'swap',
    'swap',
    'time',
    'price',
  ] as const;
  const followed = follow(venue);
  for (let step = 0; step < STEPS; step++) {
    const from = user(FIRST + Math.floor(random() * COUNT));
    const ids = await idsOf(from);
    const wish = pick(likely);
    const name =
      ids.length === 0 && ['increase', 'decrease', 'collect', 'transfer', 'burn'].includes(wish) ? 'mint' : wish;
    await operations[name](from, ids.length === 0 ? 0n : pick(ids));
    done.set(name, (done.get(name) ?? 0) + 1);
    if (step % 4 === 0) await followed.compare(await fixture.pin());
    if (step % 50 === 49 && blocks.length < 5) blocks.push(await fixture.chain.publicClient.getBlockNumber());
  }
  return { blocks, done, followed };
}

/** The chain as it is, but for the first balance that is asked: nobody waits for a thousand positions. How many ids were asked since. */
async function counting(first: bigint) {
  const pinned = await fixture.pin();
  let ids = 0;
  const read: PinnedChain['read'] = async (calls) => {
    ids += calls.filter(({ functionName }) => functionName === 'tokenOfOwnerByIndex').length;
    const answers = await pinned.read(calls);
    const changed = calls.findIndex(({ functionName }) => functionName === 'balanceOf');
    return answers.map((answer, i) => (i === changed ? first : answer));
  };
  return { pinned: { ...pinned, read }, asked: () => ids };
}

describe('uniswapV3', () => {
  test('default: one position in legs: its liquidity, and each fee that it has earned', async () => {
    const from = user(50);
    const id = await open(from);
    const { token0, token1, contract } = fixture.world.uniswap.pools['WETH/USDC'];
    const asset = { WETH: 'ETH', USDC: 'USDC' } as const;
    const fresh = await readOne(from);
    const home = { venue: 'uniswapV3', silo: `uniswapV3:${id}`, custody: 'observed' };
    const tick = await tickNow('WETH/USDC');
    const [first, second] = [token0, token1].map(({ symbol }) => asset[symbol as 'WETH']);
    expect(fresh).toEqual({
      positions: [
        {
          ...{ kind: 'range', ...home, token0: first, token1: second },
          ...{ decimals0: token0.decimals, decimals1: token1.decimals, tickLower: tick - 400, tickUpper: tick + 400 },
          amount: { raw: await liquidityOf(id), decimals: 0 },
        },
      ],
      silos: [{ id: `uniswapV3:${id}`, venue: 'uniswapV3', rule: { kind: 'owned' } }],
      healths: [],
    });
    await swap(fixture.world, { from: user(51), pool: 'WETH/USDC', pay: 0, raw: units(token0, 1) });
    await swap(fixture.world, { from: user(51), pool: 'WETH/USDC', pay: 1, raw: units(token1, 1) });
    const [range, ...fees] = (await readOne(from)).positions;
    expect(range?.kind).toBe('range');
    const pooled = await contract.read<bigint>('liquidity');
    const share = (token: typeof token0) =>
      Number((units(token, 1) * 500n * (range?.amount.raw ?? 0n)) / 1_000_000n / pooled);
    expect(fees.map((leg) => leg.kind === 'token' && leg.asset)).toEqual([first, second]);
    const twice = await venue.read(await fixture.pin(), [from, user(51), from]);
    expect(twice.map(({ positions }) => positions.length)).toEqual([1, 0, 1]);
    for (const [i, token] of [token0, token1].entries()) {
      const raw = Number(fees[i]?.amount.raw);
      expect(Math.abs(raw - share(token))).toBeLessThanOrEqual(2 + 1e-9 * raw);
    }
  });

  test('behavior: every account after random operations, at the head and five earlier blocks, to the last unit, carried or read (long)', async () => {
    const { blocks, done, followed } = await actAtRandom();
    expect([...done.values()].reduce((sum, count) => sum + count, 0)).toBe(STEPS);
    for (const name of ['mint', 'increase', 'decrease', 'collect', 'transfer', 'burn', 'swap', 'time', 'price']) {
      expect(done.get(name), name).toBeGreaterThan(3);
    }
    expect(blocks).toHaveLength(5);
    expect(followed.read).toBeLessThan(followed.seen / 2);
    let compared = 0;
    let wrapped = 0;
    for (const number of [...blocks, await fixture.chain.publicClient.getBlockNumber()]) {
      const pinned = await fixture.pin({ number });
      const accounts = await venue.discover(pinned);
      for (let index = 0; index < COUNT; index++) {
        const account = user(FIRST + index);
        if ((await requireExact(pinned, account)) === 0) continue;
        expect(accounts).toContain(account);
        compared += 1;
        const { positions } = await rawOf(account, pinned);
        wrapped += positions.filter(({ feeGrowthInsideX128: [growth] }) => growth > 2n ** 255n).length;
      }
    }
    expect(compared).toBeGreaterThan(50);
    expect(wrapped, 'positions whose growth has gone below zero, around 2^256').toBeGreaterThan(0);
  });

  test('behavior: what arrives when all of it is really closed, by token, of every account', async () => {
    for (let index = 0; index < COUNT; index++) {
      const account = user(FIRST + index);
      const raw = await rawOf(account);
      const id = await fixture.chain.testClient.snapshot();
      expect(await closeForReal(account), account).toEqual(closedBy(raw));
      await fixture.chain.testClient.revert({ id });
    }
  });

  test('behavior: what the pool owes counts where the manager has promised a unit more', async () => {
    const from = user(52);
    const [first, second] = [await open(from), await open(from)];
    const { token0, token1 } = fixture.world.uniswap.pools['WETH/USDC'];
    let missing: readonly bigint[] = [0n, 0n];
    for (let round = 1; round <= 100 && missing.every((amount) => amount === 0n); round++) {
      const pay = (round % 2) as 0 | 1;
      const raw = units(pay === 0 ? token0 : token1, '0.01') + BigInt(round);
      await swap(fixture.world, { from: user(51), pool: 'WETH/USDC', pay, raw });
      await manager.write('collect', [collectTerms(first, from)], { from });
      const { holdings } = await rawOf(from);
      const closing = closeAll(holdings)[1] ?? expect.unreachable();
      const promised = await promisedAtClose(from, second);
      missing = promised.map((amount, i) => amount - (closing.collected[i] as bigint));
      expect(
        missing.every((amount) => amount >= 0n && amount <= round),
        String(missing),
      ).toBe(true);
    }
    expect(missing.some((amount) => amount > 0n)).toBe(true);
    expect((await readOne(from)).silos).toHaveLength(2);
    const raw = await rawOf(from);
    expect(await closeForReal(from)).toEqual(closedBy(raw));
  });

  test('behavior: roots of ticks, where a pool without liquidity steps from one tick to the next', async () => {
    expect(sqrtPriceAt(-887_272)).toBe(4_295_128_739n);
    expect(sqrtPriceAt(887_272)).toBe(1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n);
    const { factory } = fixture.world.uniswap;
    const args = [fixture.world.tokens.DAI.contract.address, fixture.world.tokens.USDC.contract.address, 10_000];
    await factory.write('createPool', args);
    const address = await factory.read<Address>('getPool', args);
    const pool = contractAt(fixture.chain, { abi: uniswapArtifact('UniswapV3Pool').abi, address, name: 'pool' });
    await pool.write('initialize', [sqrtPriceAt(0)]);
    const random = seeded(11);
    const ticks = [
      1,
      -1,
      2,
      524_288,
      -524_288,
      ...Array.from({ length: 40 }, () => Math.floor(random() * 1_774_000) - 887_000),
    ];
    for (const tick of ticks) {
      await fixture.world.perp.pusher.write('push', [address, sqrtPriceAt(tick)]);
      expect((await pool.read<readonly unknown[]>('slot0'))[1]).toBe(tick);
      await fixture.world.perp.pusher.write('push', [address, sqrtPriceAt(tick) - 1n]);
      expect((await pool.read<readonly unknown[]>('slot0'))[1]).toBe(tick - 1);
    }
  });

  test('behavior: a position belongs to who holds it, a contract too, not to an operator', async () => {
    const from = user(53);
    const id = await open(from);
    await manager.write('approve', [user(54), id], { from });
    expect(await readOne(user(54))).toEqual({ positions: [], silos: [], healths: [] });
    const owners = [30, 31, 32].map((index) => fixture.chain.account(index));
    const safe = await createSafe(fixture.chain, { contracts: fixture.world.safe, owners, threshold: 2 });
    const { address } = safe.contract;
    await manager.write('transferFrom', [from, address, id], { from: user(54) });
    expect((await readOne(from)).positions).toEqual([]);
    const { positions } = await readOne(address);
    expect(positions[0]).toMatchObject({ kind: 'range', silo: `uniswapV3:${id}` });
    expect(await venue.discover(await fixture.pin())).toContain(address);
    const { collected } = closeAll((await rawOf(address)).holdings)[0] ?? expect.unreachable();
    const liquidity = await liquidityOf(id);
    const out = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
    await executeFromSafe(fixture.chain, { safe, call: manager.call('decreaseLiquidity', [out]) });
    await executeFromSafe(fixture.chain, { safe, call: manager.call('collect', [collectTerms(id, address)]) });
    const { token0 } = fixture.world.uniswap.pools['WETH/USDC'];
    expect(await token0.contract.read('balanceOf', [address])).toBe(collected[0]);
    expect((await readOne(address)).positions, 'nothing is left of it').toEqual([]);
  });

  test('behavior: what was taken out and not collected is tokens; more positions than one call closes', async () => {
    const from = user(55);
    const id = await open(from);
    const closing = closeAll((await rawOf(from)).holdings)[0] ?? expect.unreachable();
    const out = { tokenId: id, liquidity: await liquidityOf(id), amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
    await manager.write('decreaseLiquidity', [out], { from });
    const { positions } = await readOne(from);
    expect(positions.map(({ kind, amount }) => [kind, amount.raw])).toEqual(
      closing.collected.map((raw) => ['token', raw]),
    );
    for (let count = 0; count < 34; count++) await open(from, 'WBTC/WETH', 1 + (count % 3));
    await swap(fixture.world, { from: user(51), pool: 'WBTC/WETH', pay: 0, raw: 1_000_000n });
    const many = await readOne(from);
    expect(many.silos).toHaveLength(35);
    expect(many.positions.length).toBeGreaterThan(35 + 34);
  });

  test('behavior: at the market, a range is worth least where its pool agrees with the market: pushing the pool gives nobody more', () => {
    const [tickLower, tickUpper, liquidity] = [-201_720, -198_720, 10n ** 16n];
    const home = { venue: 'v', silo: 's', custody: 'observed', token0: 'ETH', token1: 'USDC' } as const;
    const pool = { tickLower, tickUpper, decimals0: 18, decimals1: 6 };
    const terms = rangeTerms({ kind: 'range', index: 0, ...home, ...pool, amount: Number(liquidity) });
    for (const marketUsd of [1_600, 1_800, 2_000, 2_200, 2_600]) {
      const { amount0, amount1 } = rangeAmounts(terms, rootOf(marketUsd, 1));
      const reported = amount0 * marketUsd + amount1;
      for (let tick = tickLower - 300; tick <= tickUpper + 300; tick += 100) {
        const [raw0, raw1] = amountsIn({ liquidity, tickLower, tickUpper }, sqrtPriceAt(tick));
        expect((Number(raw0) / 1e18) * marketUsd + Number(raw1) / 1e6).toBeGreaterThan(reported - 1e-5);
      }
    }
  });

  test('error: UnknownTokenError, for whoever holds a position in it and nobody else', async () => {
    const from = user(56);
    await open(from, 'WBTC/WETH');
    const { BTC: _, ...assets } = fixture.deployment.assets;
    const without = openVenue({ book: tokenBook(assets) });
    const [raw, other] = await without.read(await fixture.pin(), [from, user(50)]);
    expect(() => without.toPositions(raw as UniswapRaw)).toThrow(UnknownTokenError);
    expect(() => without.toPositions(raw as UniswapRaw)).toThrow(/WBTC .*held or owed at uniswapV3/);
    expect(without.toPositions(other as UniswapRaw).silos).toHaveLength(1);
  });

  test('error: TooManyPositionsError, and none of them is asked for', async () => {
    const { address } = fixture.world.tokens.USDC.contract;
    const { pinned, asked } = await counting(1_001n);
    const [raw, other] = await venue.read(pinned, [address, user(50)]);
    expect(() => venue.toPositions(raw as UniswapRaw)).toThrow(TooManyPositionsError);
    expect(() => venue.toPositions(raw as UniswapRaw)).toThrow(/holds 1001 positions/);
    expect(venue.toPositions(other as UniswapRaw).silos).toHaveLength(1);
    expect(asked()).toBe(1);
  });

  test('error: VenueDisagreesError for a unit more or less, CallFailedError where the manager refuses or is none', async () => {
    const raw = await rawOf(user(50));
    const [holding] = raw.holdings;
    if (holding === undefined) expect.unreachable();
    const pool = { ...holding.pool, sqrtPriceX96: (holding.pool.sqrtPriceX96 * 1_000_001n) / 1_000_000n };
    expect(() => venue.toPositions({ ...raw, holdings: [{ ...holding, pool }] })).toThrow(VenueDisagreesError);
    const [own] = raw.own as readonly Closing[];
    if (own === undefined) expect.unreachable();
    const more = { ...own, collected: [own.collected[0] + 1n, own.collected[1]] as const };
    expect(() => venue.toPositions({ ...raw, own: [more] })).toThrow(/says collected0 of position \d+ =/);
    const { address } = fixture.world.tokens.WETH.contract;
    const failed = new CallFailedError({ call: { address, abi: [], functionName: 'multicall' }, cause: undefined });
    expect(() => venue.toPositions({ ...raw, own: failed })).toThrow(failed);
    await expect(openVenue({ positionManager: address }).read(await fixture.pin(), [user(50)])).rejects.toThrow(
      CallFailedError,
    );
  });
});
