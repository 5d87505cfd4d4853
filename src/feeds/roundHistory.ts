import { type Address, zeroAddress } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import type { Decimal } from '../units/decimal.ts';
import { aggregatorProxyAbi, aggregatorV3Abi } from '../venues/abi/chainlink.ts';

const PHASE_BITS = 64n;
const ROUND_MASK = (1n << PHASE_BITS) - 1n;
/** Rounds asked for at once: several multicalls side by side. */
const STRIDE = 160n;
const MAX_ROUNDS = 20_000;

/** Which rounds are wanted. */
export interface RoundQuery {
  readonly aggregator: Address;
  /** Unix seconds, both included. */
  readonly from: number;
  readonly to: number;
  /** How many round ids may be asked for. Default 20,000. */
  readonly maxRounds?: number;
}

/** One answer of a feed. */
export interface Round {
  /** The proxy's: phase · 2^64 + the aggregator's own. */
  readonly roundId: bigint;
  readonly usd: Decimal;
  /** Unix seconds. */
  readonly updatedAt: number;
}

/** A round id without a price. Its time is unknown: it lies between those of its neighbours. */
export interface RoundGap {
  readonly roundId: bigint;
  /** `reverts`; `empty`: no time; `notPositive`: zero or less; `noPhase`: no round of the whole phase is known (round 0 stands for it). */
  readonly reason: 'reverts' | 'empty' | 'notPositive' | 'noPhase';
}

/** What a feed answered between two times, by round id. */
export interface RoundHistory {
  readonly rounds: readonly Round[];
  readonly gaps: readonly RoundGap[];
  /** Whether a round older than `from` was seen. Otherwise the feed's own history begins later. */
  readonly reachesFrom: boolean;
}

/**
 * The rounds of a Chainlink feed between two times, at the pinned block, newest asked first. A proxy's round ids jump where its aggregator was
 * replaced: each earlier phase is walked from that aggregator's own last round, in that aggregator's own decimals. The walk ends at the first
 * round older than `from`; a feed that is no proxy (phase 0) has one phase. Source: AggregatorV3Interface.getRoundData, AggregatorProxy.phaseAggregators.
 *
 * Warning: an aggregator may go on after it was replaced, so times may step back where a phase begins.
 *
 * @throws {TooManyRoundsError} rather than a part of the history.
 */
export async function readRoundHistory(chain: PinnedChain, query: RoundQuery): Promise<RoundHistory> {
  const [latest] = (await chain.read([
    { address: query.aggregator, abi: aggregatorV3Abi, functionName: 'latestRoundData' },
  ])) as [readonly bigint[]];
  const newest = latest[0] as bigint;
  const walk: Walk = { rounds: [], gaps: [], reachesFrom: false, asked: 0 };
  const last = newest >> PHASE_BITS;
  const first = last === 0n ? 0n : 1n;
  for (let phase = last; phase >= first && !walk.reachesFrom; phase -= 1n) {
    await walkPhase(chain, { query, walk, phase, newest });
  }
  const { rounds, gaps, reachesFrom } = walk;
  return { rounds: rounds.reverse(), gaps: gaps.reverse(), reachesFrom };
}

interface Walk {
  readonly rounds: Round[];
  readonly gaps: RoundGap[];
  reachesFrom: boolean;
  asked: number;
}

interface PhaseWalk {
  readonly query: RoundQuery;
  readonly walk: Walk;
  readonly phase: bigint;
  /** The proxy's newest round id. */
  readonly newest: bigint;
}

async function walkPhase(chain: PinnedChain, { query, walk, phase, newest }: PhaseWalk): Promise<void> {
  const { aggregator, maxRounds = MAX_ROUNDS } = query;
  const found = await findPhase(chain, { aggregator, phase, newest });
  if (found === undefined) {
    walk.gaps.push({ roundId: phase << PHASE_BITS, reason: 'noPhase' });
    return;
  }
  for (let high = found.last; high > 0n && !walk.reachesFrom; high -= STRIDE) {
    const low = high > STRIDE ? high - STRIDE + 1n : 1n;
    walk.asked += Number(high - low) + 1;
    if (walk.asked > maxRounds) throw new TooManyRoundsError(query, maxRounds);
    const ids = Array.from({ length: Number(high - low) + 1 }, (_, i) => (phase << PHASE_BITS) + high - BigInt(i));
    const answers = await chain.readEach(ids.map((id) => roundCall(aggregator, id)));
    ids.forEach((roundId, i) => {
      note(walk, { query, round: readRound(roundId, { answer: answers[i], decimals: found.decimals }) });
    });
  }
}

/** A phase's last round and decimals, by its own aggregator; nothing where it has no round at all. */
async function findPhase(
  chain: PinnedChain,
  { aggregator, phase, newest }: { readonly aggregator: Address; readonly phase: bigint; readonly newest: bigint },
): Promise<{ readonly last: bigint; readonly decimals: number } | undefined> {
  const isCurrent = phase === newest >> PHASE_BITS;
  const address = isCurrent ? aggregator : await aggregatorOf(chain, { aggregator, phase });
  if (address === zeroAddress) return undefined;
  const [decimals, latest] = await chain.readEach([
    { address, abi: aggregatorV3Abi, functionName: 'decimals' },
    { address, abi: aggregatorV3Abi, functionName: 'latestRoundData' },
  ]);
  if (decimals instanceof CallFailedError) throw decimals;
  if (latest instanceof CallFailedError) return undefined;
  const last = (latest as readonly bigint[])[0] as bigint;
  return { last: last & ROUND_MASK, decimals: Number(decimals) };
}

async function aggregatorOf(
  chain: PinnedChain,
  { aggregator, phase }: { readonly aggregator: Address; readonly phase: bigint },
): Promise<Address> {
  const call = { abi: aggregatorProxyAbi, functionName: 'phaseAggregators', args: [Number(phase)] };
  const [address] = await chain.read([{ address: aggregator, ...call }]);
  return address as Address;
}

function roundCall(address: Address, roundId: bigint): ContractRead {
  return { address, abi: aggregatorV3Abi, functionName: 'getRoundData', args: [roundId] };
}

function readRound(
  roundId: bigint,
  { answer, decimals }: { readonly answer: unknown; readonly decimals: number },
): Round | RoundGap {
  if (answer instanceof CallFailedError) return { roundId, reason: 'reverts' };
  const [, raw, , updatedAt] = answer as readonly [bigint, bigint, bigint, bigint, bigint];
  if (updatedAt === 0n) return { roundId, reason: 'empty' };
  if (raw <= 0n) return { roundId, reason: 'notPositive' };
  return { roundId, usd: { raw, decimals }, updatedAt: Number(updatedAt) };
}

/** Newest first. Gaps beside rounds that are all too new belong to a later time; past `from` nothing is wanted. */
function note(walk: Walk, { query, round }: { readonly query: RoundQuery; readonly round: Round | RoundGap }): void {
  if (walk.reachesFrom) return;
  if ('reason' in round) walk.gaps.push(round);
  else if (round.updatedAt < query.from) walk.reachesFrom = true;
  else if (round.updatedAt <= query.to) walk.rounds.push(round);
  else if (walk.rounds.length === 0) walk.gaps.length = 0;
}

/** More rounds between two times than may be asked for. */
export class TooManyRoundsError extends MarginError {
  readonly code = 'TooManyRoundsError';
  readonly aggregator: Address;
  readonly maxRounds: number;

  constructor({ aggregator, from, to }: RoundQuery, maxRounds: number) {
    super(
      `The feed at ${aggregator} has more than ${maxRounds} rounds back to ${from} (wanted: ${from} to ${to}). Ask for a later time, or raise maxRounds.`,
    );
    this.aggregator = aggregator;
    this.maxRounds = maxRounds;
  }
}
