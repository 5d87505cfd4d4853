import { type Address, parseUnits } from 'viem';
import type { LocalChain } from '../chain.ts';
import { lyraArtifact, ownArtifact } from './artifacts.ts';
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
  const adapter = await deploy(chain, ownArtifact('test/LatestAnswer'), { args: [aggregator.address] });
  return { aggregator, latestAnswer: adapter.address };
}

/** The next round of a feed. */
export function nextRound({ aggregator }: Feed, { answerRaw, updatedAt }: FeedRound): Call {
  return aggregator.call('setLatestAnswer', [answerRaw, updatedAt]);
}
