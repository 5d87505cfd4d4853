import { type Address, maxUint256 } from 'viem';
import { provide, type Token, type Tokens, units } from './tokens.ts';
import type { UniswapPool, UniswapPoolName } from './uniswapV3.ts';
import type { World } from './world.ts';

/** New liquidity between two prices. */
export interface RangeMint {
  readonly from: Address;
  readonly pool: UniswapPoolName;
  readonly ticks: readonly [lower: number, upper: number];
  /** At most, in the pool's order; what the account lacks is minted to it. */
  readonly amountsRaw: readonly [bigint, bigint];
}

/** A new position of the manager. */
export async function mintRange(world: World, { from, pool: name, ticks, amountsRaw }: RangeMint): Promise<void> {
  const { positionManager, pools } = world.uniswap;
  const pool = pools[name];
  await fund(pool, { from, spender: positionManager.address, amountsRaw });
  const [tickLower, tickUpper] = ticks;
  const [amount0Desired, amount1Desired] = amountsRaw;
  const where = { token0: pool.token0.contract.address, token1: pool.token1.contract.address, fee: pool.fee };
  const terms = { tickLower, tickUpper, amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n };
  await positionManager.write('mint', [{ ...where, ...terms, recipient: from, deadline: maxUint256 }], { from });
}

export interface Swap {
  readonly from: Address;
  readonly pool: UniswapPoolName;
  /** Which of the pool's tokens is paid. */
  readonly pay: 0 | 1;
  readonly raw: bigint;
}

/** A swap of an exact amount through the router, at any price. */
export async function swap({ uniswap }: World, { from, pool: name, pay, raw }: Swap): Promise<void> {
  const pool = uniswap.pools[name];
  const [paid, bought] = pay === 0 ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  await provide(paid.contract, { to: from, spender: uniswap.router.address, raw });
  const where = { tokenIn: paid.contract.address, tokenOut: bought.contract.address, fee: pool.fee };
  const order = { recipient: from, deadline: maxUint256, amountIn: raw, amountOutMinimum: 0n, sqrtPriceLimitX96: 0n };
  await uniswap.router.write('exactInputSingle', [{ ...where, ...order }], { from });
}

/** Liquidity in WETH/USDC between two prices of ether. */
export interface EtherRange {
  readonly WETH: number;
  readonly USDC: number;
  readonly lowUsd: number;
  readonly highUsd: number;
}

/** As {@link mintRange}, in units of the tokens and dollars. */
export async function makeEtherRange(world: World, { from, ...range }: EtherRange & { readonly from: Address }) {
  const pool = world.uniswap.pools['WETH/USDC'];
  const raw = (token: Token) => units(token, range[token.symbol as 'WETH' | 'USDC']);
  const tickAt = (usd: number) => etherTick(pool, { usd, tokens: world.tokens });
  const [a, b] = [tickAt(range.lowUsd), tickAt(range.highUsd)];
  const ticks = [Math.min(a, b), Math.max(a, b)] as const;
  await mintRange(world, { from, pool: 'WETH/USDC', ticks, amountsRaw: [raw(pool.token0), raw(pool.token1)] });
}

/** The tick of the pool's spacing that is nearest to a price of ether. */
function etherTick(pool: UniswapPool, { usd, tokens }: { readonly usd: number; readonly tokens: Tokens }): number {
  const ratio = (usd * Number(units(tokens.USDC, 1))) / Number(units(tokens.WETH, 1));
  const tick = Math.log(pool.token0 === tokens.WETH ? ratio : 1 / ratio) / Math.log(1.0001);
  return Math.round(tick / pool.tickSpacing) * pool.tickSpacing;
}

interface Funding extends Pick<RangeMint, 'from' | 'amountsRaw'> {
  readonly spender: Address;
}

async function fund({ token0, token1 }: UniswapPool, { from, spender, amountsRaw }: Funding): Promise<void> {
  for (const [i, token] of [token0, token1].entries()) {
    await provide(token.contract, { to: from, spender, raw: amountsRaw[i] ?? 0n });
  }
}
