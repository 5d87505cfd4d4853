import { type Address, concatHex, parseUnits } from 'viem';
import type { LocalChain } from '../chain.ts';
import { lyraArtifact } from './artifacts.ts';
import { type Call, type Contract, deploy } from './contract.ts';

/** Chainlink's USD feeds: 8 decimals. */
export const FEED_DECIMALS = 8;

/** A price that moves in place, and what Aave reads it through. */
export interface Feed {
  /** AggregatorV3Interface: round id, answer, updatedAt. */
  readonly aggregator: Contract;
  /** `latestAnswer()` of the same aggregator, which AaveOracle asks for. Holds nothing of its own. */
  readonly latestAnswer: Address;
}

/** A round of the feed. */
export interface FeedRound {
  /** 8 decimals. */
  readonly answerRaw: bigint;
  /** Unix seconds. */
  readonly updatedAt: bigint;
}

/** USD with 8 decimals, as a feed answers. */
export function toFeedAnswer(usd: number | string): bigint {
  return parseUnits(String(usd), FEED_DECIMALS);
}

/** Deploys a Chainlink-style aggregator (the Lyra package's) with its first round. */
export async function deployFeed(chain: LocalChain, round: FeedRound): Promise<Feed> {
  const aggregator = await deploy(chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
  await aggregator.write('setDecimals', [FEED_DECIMALS]);
  await aggregator.write('setLatestAnswer', [round.answerRaw, round.updatedAt]);
  const adapter = await deploy(chain, latestAnswerOf(aggregator.address));
  return { aggregator, latestAnswer: adapter.address };
}

/** The next round of a feed. */
export function nextRound({ aggregator }: Feed, { answerRaw, updatedAt }: FeedRound): Call {
  return aggregator.call('setLatestAnswer', [answerRaw, updatedAt]);
}

/**
 * AaveOracle asks `latestAnswer()`, which the only settable aggregator of the packages lacks. This contract answers any call
 * with the answer of the aggregator's `latestRoundData()`: one price, two interfaces. 49 bytes, by hand, no compiler at hand.
 */
function latestAnswerOf(aggregator: Address) {
  const runtime = concatHex([
    '0x63feaf968c5f52', // mstore(0, selector of latestRoundData())
    '0x60a05f6004601c73', // staticcall: 160 bytes to 0, 4 bytes from 28, to …
    aggregator,
    '0x5afa602b57', // … with all gas; success → 0x2b
    '0x5f5ffd', // revert(0, 0)
    '0x5b60206020f3', // 0x2b: return(32, 32), the second word: answer
  ]);
  const bytecode = concatHex(['0x60318060095f395ff3', runtime]);
  return { contractName: 'LatestAnswer', abi: [], bytecode, linkReferences: {} };
}
