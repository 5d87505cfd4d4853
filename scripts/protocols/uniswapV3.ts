import { type Address, zeroAddress } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ownArtifact, uniswapArtifact, uniswapPeripheryArtifact } from './artifacts.ts';
import { type Call, type Contract, contractAt, deploy } from './contract.ts';
import type { TokenPrices } from './morphoBlue.ts';
import { sqrtPriceX96 } from './sqrtPrice.ts';
import { type Token, type Tokens, units } from './tokens.ts';

/** Uniswap V3 with two pools, in which a contract of nobody's makes the market too and keeps the price. */
export interface UniswapV3 {
  readonly factory: Contract;
  readonly positionManager: Contract;
  readonly router: Contract;
  readonly trader: Contract;
  readonly pools: Readonly<Record<UniswapPoolName, UniswapPool>>;
}

export type UniswapPoolName = 'WETH/USDC' | 'WBTC/WETH';

/** One pool, its tokens in its own order. */
export interface UniswapPool {
  readonly contract: Contract;
  readonly token0: Token;
  readonly token1: Token;
  /** 1e6. */
  readonly fee: number;
  readonly tickSpacing: number;
}

/** The other liquidity of a pool, over all prices. */
const POOLS = {
  'WETH/USDC': { of: ['WETH', 'USDC'], fee: 500, tickSpacing: 10, liquidity: 10n ** 16n },
  'WBTC/WETH': { of: ['WBTC', 'WETH'], fee: 3_000, tickSpacing: 60, liquidity: 10n ** 15n },
} as const;
const MAX_TICK = 887_272;

/** More than the trader ever needs. */
const TRADER_FUNDS = 1_000_000_000;

export interface UniswapOptions {
  readonly tokens: Tokens;
  readonly prices: TokenPrices;
}

/** Deploys the factory, the position manager and the router, and opens the pools at their prices. */
export async function deployUniswapV3(chain: LocalChain, options: UniswapOptions): Promise<UniswapV3> {
  const { tokens } = options;
  const weth = tokens.WETH.contract.address;
  const factory = await deploy(chain, uniswapArtifact('UniswapV3Factory'));
  const descriptor = zeroAddress; // only draws pictures
  const positionManager = await deploy(chain, uniswapPeripheryArtifact('NonfungiblePositionManager'), {
    args: [factory.address, weth, descriptor],
  });
  const router = await deploy(chain, uniswapPeripheryArtifact('SwapRouter'), { args: [factory.address, weth] });
  const trader = await deploy(chain, ownArtifact('test/PoolTrader'));
  for (const name of ['WETH', 'USDC', 'WBTC'] as const) {
    await tokens[name].contract.write('mint', [trader.address, units(tokens[name], TRADER_FUNDS)]);
  }
  const open = (name: UniswapPoolName) => openPool(chain, { ...options, name, factory, trader });
  const pools = { 'WETH/USDC': await open('WETH/USDC'), 'WBTC/WETH': await open('WBTC/WETH') };
  return { factory, positionManager, router, trader, pools };
}

/** The calls that move the pools to the prices: trades against whatever liquidity there is. */
export function uniswapPriceCalls({ trader, pools }: UniswapV3, prices: TokenPrices): readonly Call[] {
  return Object.values(pools).map((pool) => trader.call('move', [pool.contract.address, priceOf(pool, prices)]));
}

interface Opening extends UniswapOptions {
  readonly name: UniswapPoolName;
  readonly factory: Contract;
  readonly trader: Contract;
}

async function openPool(chain: LocalChain, { tokens, prices, name, factory, trader }: Opening): Promise<UniswapPool> {
  const { of, fee, tickSpacing, liquidity } = POOLS[name];
  const [token0, token1] = of.map((symbol) => tokens[symbol]).sort(byAddress) as [Token, Token];
  const args = [token0.contract.address, token1.contract.address, fee];
  await factory.write('createPool', args);
  const address = await factory.read<Address>('getPool', args);
  const { abi } = uniswapArtifact('UniswapV3Pool');
  const contract = contractAt(chain, { abi, address, name: 'UniswapV3Pool' });
  const pool = { contract, token0, token1, fee, tickSpacing };
  await contract.write('initialize', [priceOf(pool, prices)]);
  const widest = MAX_TICK - (MAX_TICK % tickSpacing);
  await trader.write('provide', [address, -widest, widest, liquidity]);
  return pool;
}

function byAddress(a: Token, b: Token): number {
  return BigInt(a.contract.address) < BigInt(b.contract.address) ? -1 : 1;
}

function priceOf({ token0, token1 }: Pick<UniswapPool, 'token0' | 'token1'>, prices: TokenPrices): bigint {
  const worth = ({ symbol }: Token) => prices[symbol as keyof Tokens];
  return sqrtPriceX96(worth(token0) * units(token1, 1), worth(token1) * units(token0, 1));
}
