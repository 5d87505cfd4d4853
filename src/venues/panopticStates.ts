import { type Address, type Hex, hexToBigInt } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { poolV1Abi, poolV2Abi, riskEngineAbi, trackerAbi, uniswapV4Abi } from './abi/panoptic.ts';
import { uniswapPoolAbi } from './abi/uniswapV3.ts';
import type { Tracker } from './panopticInterest.ts';
import type { PlacedPool } from './panopticPools.ts';
import { v4PriceSlot } from './panopticSlots.ts';
import type { PanopticPool } from './panopticVersions.ts';
import type { Pair } from './uniswapV3Math.ts';

/** What all accounts of a pool share at the block. */
export interface PoolState {
  readonly pool: PanopticPool;
  /** The position manager. */
  readonly manager: Address;
  /** As the position manager numbers it. */
  readonly poolId: bigint;
  /** What the position manager is asked by: the pool's address, v4's id of it, or its key. */
  readonly ref: Hex;
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  /** Of Uniswap v3; v4's is not needed. */
  readonly feeGrowthGlobalX128: Pair | null;
  /** By the pool's own oracle, in its order: the market's, and three that lag behind it. */
  readonly oracleTicks: readonly [number, number, number, number];
  readonly trackers: readonly [Tracker, Tracker];
  /** Of v2, as the pool packs them. */
  readonly riskParameters: bigint;
  /** Of v2: how much of what is left over in one token stands for the other, 1e7. */
  readonly crossBuffers: Pair;
}

/** The pools with what all of their accounts share. */
export async function readPoolStates(
  chain: PinnedChain,
  places: readonly PlacedPool[],
): Promise<ReadonlyMap<PlacedPool, PoolState>> {
  const states = await Promise.all(places.map((place) => readState(chain, place)));
  return new Map(states.map((state, i) => [places[i] as PlacedPool, state]));
}

async function readState(chain: PinnedChain, place: PlacedPool): Promise<PoolState> {
  const { pool, positionManager: manager } = place;
  const isFirst = pool.version.generation === 1;
  const own = (functionName: string, ...args: readonly unknown[]): ContractRead => ({
    ...{ address: pool.address, abi: isFirst ? poolV1Abi : poolV2Abi, functionName, args },
  });
  const named: readonly ContractRead[] = isFirst
    ? [{ address: manager, abi: pool.version.managerAbi, functionName: 'getPoolId', args: [pool.market] }]
    : [own('poolId'), own('poolKey'), own('poolManager'), own('getRiskParameters', 0n), ...bufferCalls(pool)];
  const answers = await chain.read([own('getOracleTicks'), ...named]);
  const [ticks, poolId, key, v4, parameters, buffer0 = 0n, buffer1 = 0n] = answers as [
    readonly [number, number, number, number],
    bigint,
    Hex?,
    Address?,
    (readonly [bigint, number])?,
    bigint?,
    bigint?,
  ];
  const uniswapV4 = v4 ?? place.uniswapV4;
  const market = await readMarket(chain, { pool, ...(uniswapV4 !== undefined && { uniswapV4 }) });
  return {
    ...{ pool, manager, poolId, ref: key ?? pool.market, ...market },
    oracleTicks: [ticks[0], ticks[1], ticks[2], ticks[3]],
    trackers: await readTrackers(chain, pool),
    riskParameters: parameters?.[0] ?? 0n,
    crossBuffers: [buffer0, buffer1],
  };
}

function bufferCalls({ riskEngine }: PanopticPool): readonly ContractRead[] {
  const names = ['CROSS_BUFFER_0', 'CROSS_BUFFER_1'];
  return names.map((functionName) => ({ address: riskEngine as Address, abi: riskEngineAbi, functionName }));
}

type Market = Pick<PoolState, 'sqrtPriceX96' | 'tick' | 'feeGrowthGlobalX128'>;

async function readMarket(
  chain: PinnedChain,
  { pool, uniswapV4 }: Pick<PlacedPool, 'pool' | 'uniswapV4'>,
): Promise<Market> {
  const { market, version } = pool;
  if (version.market === 'v4') {
    if (uniswapV4 === undefined) throw new PoolManagerMissingError(pool.address);
    const args = [v4PriceSlot(market)];
    const [stored] = await chain.read([{ address: uniswapV4, abi: uniswapV4Abi, functionName: 'extsload', args }]);
    const word = hexToBigInt(stored as Hex);
    const tick = Number(BigInt.asIntN(24, word >> 160n));
    return { sqrtPriceX96: BigInt.asUintN(160, word), tick, feeGrowthGlobalX128: null };
  }
  const names = ['slot0', 'feeGrowthGlobal0X128', 'feeGrowthGlobal1X128'];
  const answers = await chain.read(
    names.map((functionName) => ({ address: market, abi: uniswapPoolAbi, functionName })),
  );
  const [[sqrtPriceX96, tick], growth0, growth1] = answers as [readonly [bigint, number], bigint, bigint];
  return { sqrtPriceX96, tick, feeGrowthGlobalX128: [growth0, growth1] };
}

async function readTrackers(chain: PinnedChain, { trackers, version }: PanopticPool): Promise<PoolState['trackers']> {
  const names = ['asset', 'totalAssets', 'totalSupply'];
  const interest = version.generation === 1 ? [] : ['borrowIndex', 'lastInteractionTimestamp', 'interestRate'];
  const views = [...names, ...interest];
  const answers = await chain.read(
    trackers.flatMap((address) => views.map((functionName) => ({ address, abi: trackerAbi, functionName }))),
  );
  const trackerOf = (t: 0 | 1): Tracker => {
    const [asset, totalAssets, totalSupply, borrowIndex = 0n, lastInteraction = 0n, interestRate = 0n] = answers.slice(
      t * views.length,
      (t + 1) * views.length,
    ) as [Address, bigint, bigint, bigint?, bigint?, bigint?];
    return { address: trackers[t], asset, totalAssets, totalSupply, borrowIndex, lastInteraction, interestRate };
  };
  return [trackerOf(0), trackerOf(1)];
}

/** A pool over Uniswap v4, and a deployment that does not say where that is. */
export class PoolManagerMissingError extends MarginError {
  readonly code = 'PoolManagerMissingError';
  readonly pool: Address;

  constructor(pool: Address) {
    super(
      `Panoptic's pool ${pool} is over Uniswap v4 and does not say where that is. Name Uniswap v4's PoolManager as "uniswapV4" beside the factory in the deployment.`,
    );
    this.pool = pool;
  }
}
