import { type Address, encodePacked, keccak256 } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { uniswapPoolAbi } from './abi/uniswapV3.ts';
import type { Pair, PooledRange } from './uniswapV3Math.ts';
import type { UniswapHolding, UniswapPool, UniswapPosition } from './uniswapV3Read.ts';

/** Which positions, and whose. */
export interface HoldingsQuery {
  readonly manager: Address;
  readonly factory: Address;
  readonly positions: readonly UniswapPosition[];
}

/** Each position with its pool, and with what that knows of its range. */
export async function readHoldings(
  chain: PinnedChain,
  { manager, factory, positions }: HoldingsQuery,
): Promise<ReadonlyMap<UniswapPosition, UniswapHolding>> {
  const pools = await readPools(chain, { factory, positions });
  const found = positions.map((position) => ({ position, pool: pools.get(poolKey(position)) as UniswapPool }));
  const answers = await chain.read(
    found.flatMap(({ position: { tickLower, tickUpper }, pool: { address } }): readonly ContractRead[] => {
      const key = keccak256(encodePacked(['address', 'int24', 'int24'], [manager, tickLower, tickUpper]));
      return [
        { address, abi: uniswapPoolAbi, functionName: 'ticks', args: [tickLower] },
        { address, abi: uniswapPoolAbi, functionName: 'ticks', args: [tickUpper] },
        { address, abi: uniswapPoolAbi, functionName: 'positions', args: [key] },
      ];
    }),
  );
  const outside = ([, , growth0, growth1]: readonly bigint[]): Pair => [growth0 as bigint, growth1 as bigint];
  return new Map(
    found.map(({ position, pool }, i) => {
      const [lower, upper, range] = answers.slice(3 * i, 3 * i + 3) as readonly (readonly bigint[])[];
      const [liquidity, growth0, growth1, owed0, owed1] = range as readonly [bigint, bigint, bigint, bigint, bigint];
      const pooled: PooledRange = { liquidity, feeGrowthInsideX128: [growth0, growth1], owed: [owed0, owed1] };
      const growthOutsideX128 = { lower: outside(lower ?? []), upper: outside(upper ?? []) };
      return [position, { position, pool, growthOutsideX128, pooled }];
    }),
  );
}

/** The pools of the positions, by tokens and fee. */
async function readPools(
  chain: PinnedChain,
  { factory, positions }: Omit<HoldingsQuery, 'manager'>,
): Promise<ReadonlyMap<string, UniswapPool>> {
  const unique = [...new Map(positions.map((position) => [poolKey(position), position]))];
  const abi = uniswapPoolAbi;
  const getPool = { address: factory, abi, functionName: 'getPool' };
  const addresses = (await chain.read(
    unique.map(([, { token0, token1, fee }]) => ({ ...getPool, args: [token0, token1, fee] })),
  )) as readonly Address[];
  const names = ['slot0', 'feeGrowthGlobal0X128', 'feeGrowthGlobal1X128'];
  const states = await chain.read(
    addresses.flatMap((address) => names.map((functionName) => ({ address, abi, functionName }))),
  );
  return new Map(
    unique.map(([key], i) => {
      const [slot0, growth0, growth1] = states.slice(3 * i) as [readonly [bigint, number], bigint, bigint];
      const [sqrtPriceX96, tick] = slot0;
      return [key, { address: addresses[i] as Address, sqrtPriceX96, tick, feeGrowthGlobalX128: [growth0, growth1] }];
    }),
  );
}

function poolKey({ token0, token1, fee }: UniswapPosition): string {
  return `${token0} ${token1} ${fee}`;
}
