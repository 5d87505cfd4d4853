import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { lyraArtifact, ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { type RoundQuery, readRoundHistory, TooManyRoundsError } from '../../src/feeds/roundHistory.ts';

const PHASE = 1n << 64n;
/** The time of the first round; each next one is a minute later. */
const START = 1_700_000_000;
const MINUTE = 60;

let chain: LocalChain;
let proxy: Contract;
let first: Contract;
let second: Contract;

beforeAll(async () => {
  chain = await startPastChain();
  proxy = await deploy(chain, ownArtifact('test/TestFeedProxy'));
  // Phase 1: rounds 1 to 5 in 6 decimals; 2 never was, 4 answers zero. Phase 2 has an aggregator without a round.
  first = await aggregator(6);
  await proxy.write('setAggregator', [first.address]);
  for (const [round, answer] of [
    [1, 101],
    [3, 103],
    [4, 0],
    [5, 105],
  ] as const)
    await answerIn(first, { round, answer });
  await proxy.write('setAggregator', [(await aggregator(8)).address]);
  // Phase 3: rounds 1 to 3 in 8 decimals; 2 is negative.
  second = await aggregator(8);
  await proxy.write('setAggregator', [second.address]);
  for (const [round, answer] of [
    [1, 11_100],
    [2, -1],
    [3, 11_300],
  ] as const) {
    await answerIn(second, { round, answer, minute: 10 + round });
  }
});

afterAll(() => chain.stop());

async function aggregator(decimals: number): Promise<Contract> {
  const contract = await deploy(chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
  await contract.write('setDecimals', [decimals]);
  return contract;
}

interface Answer {
  readonly round: number;
  readonly answer: number;
  readonly minute?: number;
}

async function answerIn(contract: Contract, { round, answer, minute = round }: Answer): Promise<void> {
  await contract.write('setLatestAnswerWithRound', [answer, START + minute * MINUTE, round]);
}

async function pinned(): Promise<PinnedChain> {
  return pin(await connect({ url: chain.url, chainId: 31337 }));
}

async function history(query: Partial<RoundQuery> = {}) {
  const all = { aggregator: proxy.address, from: START, to: START + 100 * MINUTE };
  return readRoundHistory(await pinned(), { ...all, ...query });
}

const at = (minute: number) => START + minute * MINUTE;
const inPhase1 = (round: bigint, raw: bigint) => ({
  ...{ roundId: PHASE + round, usd: { raw, decimals: 6 }, updatedAt: at(Number(round)) },
});
const inPhase3 = (round: bigint, raw: bigint) => ({
  ...{ roundId: 3n * PHASE + round, usd: { raw, decimals: 8 }, updatedAt: at(10 + Number(round)) },
});

test("default: every round of every phase, each in its own aggregator's decimals; what is none is a gap and never a zero", async () => {
  expect(await history()).toEqual({
    rounds: [inPhase1(1n, 101n), inPhase1(3n, 103n), inPhase1(5n, 105n), inPhase3(1n, 11_100n), inPhase3(3n, 11_300n)],
    gaps: [
      { roundId: PHASE + 2n, reason: 'reverts' },
      { roundId: PHASE + 4n, reason: 'notPositive' },
      { roundId: 2n * PHASE, reason: 'noPhase' },
      { roundId: 3n * PHASE + 2n, reason: 'notPositive' },
    ],
    reachesFrom: false,
  });
});

test("behavior: the rounds are what the proxy's own getRoundData says", async () => {
  const { rounds } = await history();
  for (const { roundId, usd, updatedAt } of rounds) {
    const [id, answer, , time] = await proxy.read<readonly bigint[]>('getRoundData', [roundId]);
    expect([id, answer, time]).toEqual([roundId, usd.raw, BigInt(updatedAt)]);
  }
});

test('behavior: both times are included, and the gaps are those between and beside what is', async () => {
  expect(await history({ from: at(3), to: at(11) })).toEqual({
    rounds: [inPhase1(3n, 103n), inPhase1(5n, 105n), inPhase3(1n, 11_100n)],
    gaps: [
      { roundId: PHASE + 2n, reason: 'reverts' },
      { roundId: PHASE + 4n, reason: 'notPositive' },
      { roundId: 2n * PHASE, reason: 'noPhase' },
      { roundId: 3n * PHASE + 2n, reason: 'notPositive' },
    ],
    reachesFrom: true,
  });
  const { rounds, gaps } = await history({ from: at(12), to: at(13) });
  expect(rounds).toEqual([inPhase3(3n, 11_300n)]);
  expect(gaps).toEqual([{ roundId: 3n * PHASE + 2n, reason: 'notPositive' }]);
});

test('behavior: a time without a round has none, and it is known whether the feed reaches back to it', async () => {
  expect(await history({ from: at(6), to: at(8) })).toMatchObject({ rounds: [], reachesFrom: true });
  expect(await history({ from: START - 100, to: START - 50 })).toEqual({ rounds: [], gaps: [], reachesFrom: false });
});

test('behavior: an aggregator without a proxy has one phase, numbered 0', async () => {
  const { rounds, gaps } = await history({ aggregator: second.address });
  expect(rounds.map(({ roundId }) => roundId)).toEqual([1n, 3n]);
  expect(gaps).toEqual([{ roundId: 2n, reason: 'notPositive' }]);
});

test('behavior: a long history comes in parts, and is as it was at the pinned block', async () => {
  const long = await aggregator(8);
  const count = 330;
  for (let round = 1; round <= count; round++) await answerIn(long, { round, answer: 1_000 + round });
  const before = await pinned();
  await answerIn(long, { round: count + 1, answer: 1 });
  const query = { aggregator: long.address as Address, from: START, to: at(1_000) };
  const { rounds, gaps } = await readRoundHistory(before, query);
  expect(rounds.map(({ usd }) => Number(usd.raw))).toEqual(Array.from({ length: count }, (_, i) => 1_001 + i));
  expect(gaps).toEqual([]);
  const late = await readRoundHistory(before, { ...query, from: at(329), maxRounds: 160 });
  expect(late.rounds.map(({ roundId }) => roundId)).toEqual([329n, 330n]);
});

test('error: TooManyRoundsError rather than a part of the history', async () => {
  const error = await history({ maxRounds: 4 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TooManyRoundsError);
  expect(error).toMatchObject({ aggregator: proxy.address, maxRounds: 4 });
});

test('error: CallFailedError where there is no feed', async () => {
  await expect(history({ aggregator: chain.account(3).address })).rejects.toMatchObject({ code: 'CallFailedError' });
});
