import { mulDivDown } from '../units/wad.ts';
import type { UniswapHolding, UniswapPool } from './uniswapV3Read.ts';

/** What there is of token 0 and of token 1. */
export type Pair = readonly [bigint, bigint];

/** What a position gives when it is closed, smallest units. */
export interface Closing {
  /** Out of the liquidity, at the pool's price. */
  readonly principal: Pair;
  /** That, and the fees that it has earned. */
  readonly collected: Pair;
}

/** What a pool knows of all positions that the manager holds in one range: it rounds them together. */
export interface PooledRange {
  readonly liquidity: bigint;
  readonly feeGrowthInsideX128: Pair;
  readonly owed: Pair;
}

/**
 * What each position gives when they are closed one after the other: everything taken out, everything collected.
 * What the pool owes to a range can be a few units less than what the manager has promised to its positions: the lesser counts.
 * Source: NonfungiblePositionManager.decreaseLiquidity and collect, UniswapV3Pool.burn and collect. Checked against both at every reading.
 */
export function closeAll(holdings: readonly UniswapHolding[]): readonly Closing[] {
  const pooled = new Map<string, PooledRange>();
  return holdings.map((holding) => {
    const { pool, position } = holding;
    const key = `${pool.address} ${position.tickLower} ${position.tickUpper}`;
    const { left, ...closing } = close(holding, pooled.get(key) ?? holding.pooled);
    pooled.set(key, left);
    return closing;
  });
}

function close(holding: UniswapHolding, before: PooledRange): Closing & { readonly left: PooledRange } {
  const { position } = holding;
  const { liquidity } = position;
  const inside = liquidity === 0n ? before.feeGrowthInsideX128 : feeGrowthInside(holding);
  const principal = amountsIn(position, holding.pool.sqrtPriceX96);
  const promised = pairOf((i) => {
    const earned = liquidity === 0n ? 0n : feesOf(inside[i] - position.feeGrowthInsideX128[i], liquidity);
    return to128(position.owed[i] + principal[i] + earned);
  });
  const owed = pairOf((i) => {
    const earned = feesOf(inside[i] - before.feeGrowthInsideX128[i], before.liquidity);
    return to128(before.owed[i] + principal[i] + earned);
  });
  const collected = pairOf((i) => (promised[i] < owed[i] ? promised[i] : owed[i]));
  const rest = pairOf((i) => owed[i] - collected[i]);
  const left = { liquidity: before.liquidity - liquidity, feeGrowthInsideX128: inside, owed: rest };
  return { principal, collected, left };
}

/** Source: Tick.getFeeGrowthInside: growth wraps around at 2^256, and only differences mean anything. */
function feeGrowthInside({ position, pool, growthOutsideX128 }: UniswapHolding): Pair {
  const { tickLower, tickUpper } = position;
  const { lower, upper } = growthOutsideX128;
  return pairOf((i) => {
    const global = pool.feeGrowthGlobalX128[i];
    const below = pool.tick >= tickLower ? lower[i] : global - lower[i];
    const above = pool.tick < tickUpper ? upper[i] : global - upper[i];
    return BigInt.asUintN(256, global - below - above);
  });
}

/** Source: Position.update: growth since the last time · liquidity ÷ 2^128, Down. */
function feesOf(growthX128: bigint, liquidity: bigint): bigint {
  return to128(mulDivDown(BigInt.asUintN(256, growthX128), liquidity, 1n << 128n));
}

/**
 * Both amounts in a range at a pool's price, Down.
 * Source: Uniswap v3 whitepaper, §6.2.1; rounded as SqrtPriceMath.getAmount0Delta and getAmount1Delta do when liquidity is taken out.
 */
export function amountsIn(
  { liquidity, tickLower, tickUpper }: Pick<UniswapHolding['position'], 'liquidity' | 'tickLower' | 'tickUpper'>,
  sqrtPriceX96: UniswapPool['sqrtPriceX96'],
): Pair {
  const [lower, upper] = [sqrtPriceAt(tickLower), sqrtPriceAt(tickUpper)];
  const above = sqrtPriceX96 < lower ? lower : sqrtPriceX96;
  const price = above > upper ? upper : above;
  return [mulDivDown(liquidity << 96n, upper - price, upper) / price, mulDivDown(liquidity, price - lower, 1n << 96n)];
}

/**
 * The root of a tick's price, 1.0001^(tick/2) · 2^96, Up: a product of 1.0001^(−2^i/2), each step Down, turned over above tick 0.
 * Source: TickMath.getSqrtRatioAtTick. Checked against the pool's own at random ticks in test/venues/uniswapV3.test.ts.
 */
export function sqrtPriceAt(tick: number): bigint {
  const size = BigInt(Math.abs(tick));
  const ratio = ROOTS_X128.reduce(
    (product, root, i) => ((size >> BigInt(i)) & 1n ? (product * root) >> 128n : product),
    1n << 128n,
  );
  const signed = tick > 0 ? (2n ** 256n - 1n) / ratio : ratio;
  return (signed + (1n << 32n) - 1n) >> 32n;
}

/** 2^128 · 1.0001^(−2^i/2) for i from 0 to 19, to the nearest: squares of the first, in 512 bits. */
const ROOTS_X128: readonly bigint[] = Array.from({ length: 19 })
  .reduce<bigint[]>(
    (roots) => [...roots, ((roots.at(-1) as bigint) ** 2n) >> 512n],
    [squareRoot(((10_000n << 512n) / 10_001n) << 512n)],
  )
  .map((root) => ((root >> 383n) + 1n) >> 1n);

/** The whole part of a root, by Newton's steps from above. */
function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (let next = (root + square / root) >> 1n; next < root; next = (root + square / root) >> 1n) root = next;
  return root;
}

function to128(amount: bigint): bigint {
  return BigInt.asUintN(128, amount);
}

function pairOf(of: (i: 0 | 1) => bigint): Pair {
  return [of(0), of(1)];
}
