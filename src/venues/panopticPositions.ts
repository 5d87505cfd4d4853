import { type Hex, hexToBigInt } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { poolV1Abi, poolV2Abi } from './abi/panoptic.ts';
import { type ChunkPlace, chunkId, readChunks } from './panopticChunks.ts';
import type { HeldLeg } from './panopticClosing.ts';
import type { Held } from './panopticHeld.ts';
import { unpack } from './panopticMath.ts';
import { openedWord } from './panopticSlots.ts';
import type { PoolState } from './panopticStates.ts';
import { decodeTokenId, type PanopticLeg } from './panopticTokenId.ts';
import type { Pair } from './uniswapV3Math.ts';

/** What one account has in one pool, with what the pool shares. */
export interface HeldAt extends Held {
  readonly state: PoolState;
}

/** One position as the pool has it. */
export interface PanopticPosition {
  readonly id: bigint;
  /** The pool's own word on it: its size in the low 128 bits, and what was known when it was opened. */
  readonly balance: bigint;
  readonly legs: readonly HeldLeg[];
  readonly own: PremiumViews;
}

/** What the pool itself says of the premium of a position. */
export interface PremiumViews {
  /** Of what is sold: what the pool can pay now, and all that it has earned. */
  readonly available: Pair;
  readonly pending: Pair;
  /** Of what is bought. */
  readonly owed: Pair;
}

interface Known {
  readonly entry: HeldAt;
  readonly id: bigint;
  readonly legs: readonly PanopticLeg[];
}

/**
 * The positions of each account in each pool, with the premium that each leg was opened at and the liquidity that it is part of.
 *
 * @throws {TokenIdError} where an id is none of the pool's.
 */
export async function readPositions(
  chain: PinnedChain,
  entries: readonly HeldAt[],
): Promise<readonly (readonly PanopticPosition[])[]> {
  const known = entries.flatMap((entry) => entry.ids.map((id) => ({ entry, id, legs: legsOf(entry.state, id) })));
  const chunks = await readChunks(chain, known.flatMap(placesOf));
  const views = (await chain.read(known.flatMap(callsOf))) as readonly PositionView[];
  const opened = await chain.storage(known.flatMap(wordsOf));
  let next = 0;
  const positions = known.map(({ entry, id, legs }, i) => {
    const [now, pending] = views.slice(2 * i) as [PositionView, PositionView];
    const balance = balanceOf(now);
    const own = { available: unpack(now[0]), owed: unpack(now[1]), pending: unpack(pending[0]) };
    const held = legs.map((leg): HeldLeg => {
      const sized = { leg, size: BigInt.asUintN(128, balance), tickSpacing: Number(entry.state.poolId >> 48n) };
      if (leg.width === 0) return { ...sized, openedX64: [0n, 0n], chunk: null };
      const openedX64 = unpack(hexToBigInt(opened[next++] as Hex));
      return { ...sized, openedX64, chunk: chunks.get(chunkId(placeOf(entry, leg))) ?? null };
    });
    return { entry, position: { id, balance, legs: held, own } };
  });
  return entries.map((entry) => positions.filter((one) => one.entry === entry).map(({ position }) => position));
}

/** The legs of an id in a pool. @throws {TokenIdError} where it is none of the pool's. */
export function legsOf({ poolId, pool }: PoolState, id: bigint): readonly PanopticLeg[] {
  return decodeTokenId(id, { poolId, hasLoans: pool.version.generation === 2 });
}

/** A leg without a width is in no market. */
function placesOf({ entry, legs }: Known): readonly ChunkPlace[] {
  return legs.filter(({ width }) => width > 0).map((leg) => placeOf(entry, leg));
}

function placeOf({ state }: HeldAt, leg: PanopticLeg): ChunkPlace {
  return { state, owner: state.pool.address, leg };
}

function wordsOf({ entry: { state, account }, id, legs }: Known) {
  return legs.flatMap(({ width }, i) => (width > 0 ? [openedWord({ pool: state.pool, account, id }, i)] : []));
}

/** Available and owed premium, and the balances: pairs of id and word in v1, words in v2. */
type PositionView = readonly [bigint, bigint, readonly (bigint | readonly [bigint, bigint])[], ...unknown[]];

/** One position by itself: the answer does not depend on what else is held, nor on an order. */
function callsOf({ entry: { state, account }, id }: Known): readonly ContractRead[] {
  const { address, version } = state.pool;
  const [abi, functionName] =
    version.generation === 1 ? [poolV1Abi, 'getAccumulatedFeesAndPositionsData'] : [poolV2Abi, 'getFullPositionsData'];
  return [false, true].map((isPending) => ({ address, abi, functionName, args: [account, isPending, [id]] }));
}

function balanceOf([, , [balance]]: PositionView): bigint {
  return (typeof balance === 'bigint' ? balance : balance?.[1]) ?? 0n;
}
