import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { managerAbis, poolV2Abi } from './abi/panoptic.ts';
import { type ChunkPlace, chunkId, readChunks } from './panopticChunks.ts';
import type { PanopticLogs } from './panopticHeld.ts';
import { liquidityOf, pairOf } from './panopticMath.ts';
import { isSame, type PlacedPool } from './panopticPools.ts';
import type { PoolState } from './panopticStates.ts';
import { decodeTokenId, type PanopticLeg } from './panopticTokenId.ts';
import type { Pair } from './uniswapV3Math.ts';

/** Liquidity that one account has at the position manager itself: no pool of Panoptic lends on it, and nobody can close it. */
export interface DirectHolding {
  readonly account: Address;
  readonly state: PoolState;
  /** What was added (+) and taken out again (−). */
  readonly legs: readonly { readonly leg: PanopticLeg; readonly liquidity: bigint }[];
  /** What the market would pay now, over all ranges of the account. */
  readonly collected: Pair;
}

/** One id that an account has at a position manager, and of which pool it is. */
export interface DirectId {
  readonly account: Address;
  readonly place: PlacedPool;
  readonly id: bigint;
  readonly size: bigint;
}

/** Whose liquidity is asked for. */
export interface DirectQuery {
  readonly pools: readonly PlacedPool[];
  readonly logs: PanopticLogs;
  readonly accounts: readonly Address[];
}

/** What the accounts have at the position managers themselves, by the logs of the managers; an error for what is of a pool that no factory of the deployment has announced. */
export async function readDirectIds(
  chain: PinnedChain,
  { pools, logs, accounts }: DirectQuery,
): Promise<readonly (DirectId | UnknownPanopticPoolError)[]> {
  const named = logs.direct.flatMap(({ address, args }) => {
    const account = accounts.find((one) => isSame(one, args.to as Address));
    const ids = (args.ids ?? [args.id]) as readonly bigint[];
    return account === undefined ? [] : ids.map((id) => ({ account, manager: address, id }));
  });
  const unique = [...new Map(named.map((one) => [`${one.manager} ${one.account} ${one.id}`, one])).values()];
  const sizes = (await chain.read(
    unique.map(({ account, manager: address, id }) => ({
      ...{ address, abi: managerAbis.address, functionName: 'balanceOf', args: [account, id] },
    })),
  )) as readonly bigint[];
  const held = unique.flatMap((one, i) => (sizes[i] === 0n ? [] : [{ ...one, size: sizes[i] as bigint }]));
  const near = pools.filter((place) => held.some(({ manager }) => isSame(manager, place.positionManager)));
  const poolIds = (await chain.read(near.map(poolIdCall))) as readonly bigint[];
  return held.map(({ account, manager, id, size }) => {
    const poolId = BigInt.asUintN(64, id);
    const place = near.find((one, i) => poolIds[i] === poolId && isSame(one.positionManager, manager));
    if (place === undefined) return new UnknownPanopticPoolError({ account, manager, poolId });
    return { account, place, id, size };
  });
}

function poolIdCall({ pool, positionManager }: PlacedPool) {
  return pool.version.generation === 1
    ? { address: positionManager, abi: pool.version.managerAbi, functionName: 'getPoolId', args: [pool.market] }
    : { address: pool.address, abi: poolV2Abi, functionName: 'poolId' };
}

/** The liquidity behind the ids, and its fees: each range of an account is paid once, however many ids are in it. */
export async function readDirect(
  chain: PinnedChain,
  { ids, states }: { readonly ids: readonly DirectId[]; readonly states: ReadonlyMap<PlacedPool, PoolState> },
): Promise<readonly DirectHolding[]> {
  const homes = new Map(ids.map((one) => [`${one.account} ${one.place.pool.address}`, one]));
  const found = [...homes.values()].map(({ account, place }) => {
    const state = states.get(place) as PoolState;
    const own = ids.filter((one) => one.account === account && one.place === place);
    return { account, state, legs: own.flatMap((one) => legsOf(one, state)) };
  });
  const places = found.map(({ account, state, legs }) =>
    legs.map(({ leg }): ChunkPlace => ({ state, owner: account, leg })),
  );
  const chunks = await readChunks(chain, places.flat());
  return found.map((one, i) => {
    const keys = [...new Set((places[i] ?? []).map(chunkId))];
    const collected = pairOf((t) => keys.reduce((sum, key) => sum + (chunks.get(key)?.collected[t] ?? 0n), 0n));
    return { ...one, collected };
  });
}

function legsOf({ id, size }: DirectId, { poolId }: PoolState): DirectHolding['legs'] {
  const tickSpacing = Number(poolId >> 48n);
  return decodeTokenId(id, { poolId, hasLoans: false }).map((leg) => {
    const liquidity = liquidityOf({ leg, size, tickSpacing });
    return { leg, liquidity: leg.isLong ? -liquidity : liquidity };
  });
}

/** Liquidity in a pool that the deployment does not know. */
export class UnknownPanopticPoolError extends MarginError {
  readonly code = 'UnknownPanopticPoolError';
  readonly account: Address;
  readonly manager: Address;
  readonly poolId: bigint;

  constructor(fields: { readonly account: Address; readonly manager: Address; readonly poolId: bigint }) {
    super(
      `${fields.account} holds liquidity at Panoptic's position manager ${fields.manager} in its pool ${fields.poolId}, which no factory of the deployment has announced. Add the factory (and the pool, where "pools" are named), or leave the account out.`,
    );
    this.account = fields.account;
    this.manager = fields.manager;
    this.poolId = fields.poolId;
  }
}
