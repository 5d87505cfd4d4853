import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { riskEngineAbi, trackerAbi } from './abi/panoptic.ts';
import { pairOf, unpack } from './panopticMath.ts';
import type { HeldAt, PanopticPosition } from './panopticPositions.ts';
import type { Pair } from './uniswapV3Math.ts';

/** What a pool says of an account at one of its ticks, smallest units of both tokens. */
export interface Margins {
  readonly tick: number;
  /** What counts, available premium included. */
  readonly balance: Pair;
  /** What is asked for, owed premium included. */
  readonly required: Pair;
  /** How much of each tracker is in use, in basis points; v2 alone says it. */
  readonly usedBps?: Pair;
}

/** An account in a pool, with its positions. */
export interface Opened extends HeldAt {
  readonly positions: readonly PanopticPosition[];
}

/** The pool's own margin figures of each entry at each different tick of its oracle; none without a position. */
export async function readMargins(
  chain: PinnedChain,
  entries: readonly Opened[],
): Promise<readonly (readonly Margins[])[]> {
  const asked = entries.flatMap((entry) =>
    entry.positions.length === 0 ? [] : ticksOf(entry).map((tick) => ({ entry, tick })),
  );
  const calls = asked.map(({ entry, tick }) => callsOf(entry, tick));
  const answers = await chain.read(calls.flat());
  let next = 0;
  const margins = asked.map(({ entry, tick }, i) => {
    const count = calls[i]?.length ?? 0;
    next += count;
    const own = answers.slice(next - count, next);
    const [word0, word1, used] = (count === 1 ? own[0] : own) as readonly [bigint, bigint, bigint?];
    const words = [unpack(word0), unpack(word1)] as const;
    const [balance, required] = [pairOf((t) => words[t][0]), pairOf((t) => words[t][1])];
    return { entry, margins: { tick, balance, required, ...(used !== undefined && { usedBps: unpack(used) }) } };
  });
  return entries.map((entry) => margins.filter((one) => one.entry === entry).map((one) => one.margins));
}

function ticksOf({ state }: Opened): readonly number[] {
  return [...new Set(state.oracleTicks)];
}

function callsOf({ account, state, positions }: Opened, tick: number): readonly ContractRead[] {
  const { version, trackers, riskEngine } = state.pool;
  const short = pairOf((t) => positions.reduce((sum, { own }) => sum + own.available[t], 0n));
  const long = pairOf((t) => positions.reduce((sum, { own }) => sum + own.owed[t], 0n));
  if (version.generation === 1) {
    const held = positions.map(({ id, balance }) => [id, balance]);
    return ([0, 1] as const).map((t) => ({
      ...{ address: trackers[t], abi: trackerAbi, functionName: 'getAccountMarginDetails' },
      args: [account, tick, held, short[t], long[t]],
    }));
  }
  const [balances, ids] = [positions.map(({ balance }) => balance), positions.map(({ id }) => id)];
  const premia = [short, long].map(([first, second]) => first | (second << 128n));
  const args = [balances, tick, account, ids, ...premia, ...trackers];
  return [{ address: riskEngine as Address, abi: riskEngineAbi, functionName: 'getMargin', args }];
}
