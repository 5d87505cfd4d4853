import type { Address, Hex } from 'viem';
import { hexToBigInt } from 'viem';
import type { ContractRead, PinnedChain, StorageRead } from '../chain/pinnedChain.ts';
import { uniswapPoolAbi } from './abi/uniswapV3.ts';
import { type Chunk, collectedOf, pairOf, unpack } from './panopticMath.ts';
import { chunkWords } from './panopticSlots.ts';
import type { PoolState } from './panopticStates.ts';
import { chunkKeyOf, type PanopticLeg } from './panopticTokenId.ts';
import type { Pair } from './uniswapV3Math.ts';

/** The liquidity that one owner has in one range for one token: the pool for its users, or whoever went to the manager itself. */
export interface ChunkPlace {
  readonly state: PoolState;
  readonly owner: Address;
  readonly leg: PanopticLeg;
}

/** The tick that stands for "as of the last touch". */
const AS_STORED = 8_388_607;
/** What v1 spreads premia by; v2 states it in the number of the pool. */
const SPREAD_V1 = 4n;

/** What one chunk is filed under. */
export function chunkId({ state: { pool }, owner, leg }: ChunkPlace): string {
  return `${pool.address} ${owner} ${leg.tokenType} ${leg.strike} ${leg.width}`.toLowerCase();
}

/** The chunks, each once, by {@link chunkId}. */
export async function readChunks(
  chain: PinnedChain,
  places: readonly ChunkPlace[],
): Promise<ReadonlyMap<string, Chunk>> {
  const unique = [...new Map(places.map((place) => [chunkId(place), place]))];
  const reads = unique.map(([, place]) => callsOf(place));
  const words = unique.map(([, place]) => wordsOf(place));
  const answers = await chain.read(reads.flat());
  const stored = await chain.storage(words.flat());
  let [call, word] = [0, 0];
  return new Map(
    unique.map(([id, place], i) => {
      const [firstCall, firstWord] = [call, word];
      call += reads[i]?.length ?? 0;
      word += words[i]?.length ?? 0;
      const [own, kept] = [answers.slice(firstCall, call), stored.slice(firstWord, word)];
      return [id, chunkOf(place, { answers: own, words: kept })];
    }),
  );
}

/** Whoever goes to the manager itself has no account at the pool that premia are settled in. */
function isOfPool({ owner, state }: ChunkPlace): boolean {
  return owner.toLowerCase() === state.pool.address.toLowerCase();
}

function wordsOf(place: ChunkPlace): readonly StorageRead[] {
  return isOfPool(place) ? chunkWords(place.state.pool, chunkKeyOf(place.leg)) : [];
}

function callsOf({ state, owner, leg }: ChunkPlace): readonly ContractRead[] {
  const { pool, manager, ref, poolId, tick } = state;
  const { managerAbi, generation, market } = pool.version;
  const place = [ref, owner, BigInt(leg.tokenType), leg.tickLower, leg.tickUpper];
  const ask = (functionName: string, ...more: readonly unknown[]) => ({
    ...{ address: manager, abi: managerAbi, functionName, args: [...place, ...more] },
  });
  const spread = generation === 1 ? [] : [vegoidOf(poolId)];
  const premia = (atTick: number) => [0n, 1n].map((isLong) => ask('getAccountPremium', atTick, isLong, ...spread));
  const ticks = [leg.tickLower, leg.tickUpper].map((at) => ({
    ...{ address: pool.market, abi: uniswapPoolAbi, functionName: 'ticks', args: [at] },
  }));
  const fees = market === 'v3' ? [ask('getAccountFeesBase'), ...ticks] : premia(AS_STORED);
  return [ask('getAccountLiquidity'), ...premia(tick), ...fees];
}

function vegoidOf(poolId: bigint): bigint {
  return BigInt.asUintN(8, poolId >> 40n);
}

interface Answers {
  readonly answers: readonly unknown[];
  readonly words: readonly Hex[];
}

function chunkOf(place: ChunkPlace, { answers, words }: Answers): Chunk {
  const { version } = place.state.pool;
  const [liquidities, grossX64, owedX64, ...fees] = answers as [bigint, Pair, Pair, ...unknown[]];
  const [net, removed] = unpack(liquidities);
  const [settled, grossLastX64] = [0, 1].map((i) => unpack(hexToBigInt(words[i] ?? '0x0'))) as [Pair, Pair];
  const known = { net, removed, grossX64, owedX64, settled, grossLastX64 };
  if (version.market === 'v3') {
    const collected = feesOf(place, { net, fees });
    return { ...known, storedGrossX64: grossX64, storedOwedX64: owedX64, collected };
  }
  const [storedGrossX64, storedOwedX64] = fees as [Pair, Pair];
  const chunk = { ...known, storedGrossX64, storedOwedX64 };
  const spread = version.generation === 1 ? SPREAD_V1 : vegoidOf(place.state.poolId);
  return { ...chunk, collected: collectedOf(chunk, spread) };
}

/**
 * What Uniswap v3 would pay a chunk now: what its liquidity has ever earned in the range, less the base that the manager keeps.
 * Source: SemiFungiblePositionManager._getFeesBase; Tick.getFeeGrowthInside.
 */
function feesOf(
  { state, leg }: ChunkPlace,
  { net, fees }: { readonly net: bigint; readonly fees: readonly unknown[] },
): Pair {
  const [base, lower, upper] = fees as [Pair, readonly bigint[], readonly bigint[]];
  const global = state.feeGrowthGlobalX128 as Pair;
  return pairOf((t) => {
    const [outsideLower, outsideUpper] = [lower[2 + t] as bigint, upper[2 + t] as bigint];
    const below = state.tick >= leg.tickLower ? outsideLower : global[t] - outsideLower;
    const above = state.tick < leg.tickUpper ? outsideUpper : global[t] - outsideUpper;
    const inside = BigInt.asUintN(256, global[t] - below - above);
    const earned = BigInt.asIntN(128, (inside * net) >> 128n) - base[t];
    return earned > 0n ? earned : 0n;
  });
}
