import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { factoryAbi } from './abi/panoptic.ts';
import { eventsOf } from './holders.ts';
import {
  DEPLOYED_ARGS,
  type PanopticPool,
  PanopticVersionError,
  PoolNotAnnouncedError,
  poolOf,
} from './panopticVersions.ts';

/** A factory with the position manager that its pools are made for. */
export interface PanopticPlace {
  readonly factory: Address;
  readonly positionManager: Address;
  /** Uniswap v4's PoolManager, where the pools are over it. */
  readonly uniswapV4?: Address;
}

/** A pool and where it belongs. */
export interface PlacedPool extends PanopticPlace {
  readonly pool: PanopticPool;
}

/** What the logs are searched for. */
export interface PoolsQuery {
  readonly factories: readonly PanopticPlace[];
  /** Of all pools of the factories, these alone. */
  readonly pools?: readonly Address[];
  readonly fromBlock: number;
}

/** The pools that are read, and the addresses of all that the factories have announced. */
export interface Pools {
  readonly pools: readonly PlacedPool[];
  readonly all: readonly Address[];
}

/**
 * The pools that the factories have announced, in their order.
 *
 * @throws {PanopticVersionError} where a factory has announced none, or one of a version that is not read.
 * @throws {PoolNotAnnouncedError} where a pool is named that no factory has announced.
 */
export async function readPools(
  chain: PinnedChain,
  { factories, pools: wanted, fromBlock }: PoolsQuery,
): Promise<Pools> {
  const address = factories.map(({ factory }) => factory);
  const history = await chain.history({ address, events: eventsOf(factoryAbi), fromBlock, keep: DEPLOYED_ARGS });
  const announced = factories.flatMap((place) => {
    const own = history.filter((entry) => isSame(entry.address, place.factory));
    if (own.length === 0) throw new PanopticVersionError({ factory: place.factory, pool: undefined });
    return own.map((entry) => ({ place, entry, pool: entry.args.poolAddress as Address }));
  });
  const lost = wanted?.find((one) => !announced.some(({ pool }) => isSame(pool, one)));
  if (lost !== undefined) throw new PoolNotAnnouncedError(lost);
  const chosen = announced.filter(({ pool }) => wanted?.some((one) => isSame(one, pool)) ?? true);
  const pools = chosen.map(({ place, entry }) => ({ ...place, pool: poolOf(entry) }));
  return { pools, all: announced.map(({ pool }) => pool) };
}

/** Whether two addresses are one. */
export function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
