import type { Address } from 'viem';
import type { AssetConfig, FeedConfig } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { SourceError } from '../errors.ts';
import type { Decimal } from '../units/decimal.ts';
import { aggregatorV3Abi } from '../venues/abi/chainlink.ts';

/** The price of one unit of an asset, in USD. */
export interface Spot {
  readonly asset: string;
  readonly usd: Decimal;
}

/** The spot price of every asset, by asset id. Source: AggregatorV3Interface.latestRoundData. */
export async function readSpots(
  chain: PinnedChain,
  assets: Readonly<Record<string, AssetConfig>>,
): Promise<readonly Spot[]> {
  const feeds = Object.entries(assets)
    .map(([asset, { feed }]) => ({ asset, feed }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
  const results = await readRounds(chain, feeds);
  return feeds.map(({ asset, feed }, i) => {
    const decimals = Number(results[2 * i]);
    const [, answer, , updatedAt] = results[2 * i + 1] as readonly [bigint, bigint, bigint, bigint, bigint];
    const usd = { raw: answer, decimals };
    requireFresh({ asset, feed, usd, updatedAt: Number(updatedAt) }, chain.block.timestamp);
    return { asset, usd };
  });
}

interface AssetFeed {
  readonly asset: string;
  readonly feed: FeedConfig;
}

async function readRounds(chain: PinnedChain, feeds: readonly AssetFeed[]): Promise<readonly unknown[]> {
  const calls = feeds.flatMap(({ feed: { aggregator: address } }) => [
    { address, abi: aggregatorV3Abi, functionName: 'decimals' },
    { address, abi: aggregatorV3Abi, functionName: 'latestRoundData' },
  ]);
  return chain.read(calls).catch((cause: unknown) => {
    const silent =
      cause instanceof CallFailedError ? feeds.find(({ feed }) => feed.aggregator === cause.address) : undefined;
    if (silent === undefined) throw cause;
    throw new FeedNoPriceError({ asset: silent.asset, aggregator: silent.feed.aggregator, cause });
  });
}

interface Round extends AssetFeed {
  readonly usd: Decimal;
  /** Unix seconds; 0 where the feed has no complete round. */
  readonly updatedAt: number;
}

function requireFresh({ asset, feed, usd, updatedAt }: Round, asOf: number): void {
  const { aggregator, maxAgeSeconds } = feed;
  if (usd.raw < 0n) throw new NegativePriceError({ asset, aggregator, answer: usd.raw });
  if (usd.raw === 0n || updatedAt === 0) throw new FeedNoPriceError({ asset, aggregator });
  const ageSeconds = asOf - updatedAt;
  if (ageSeconds < 0 || ageSeconds > maxAgeSeconds)
    throw new StalePriceError({ asset, aggregator, ageSeconds, maxAgeSeconds });
}

/** A feed that reverts, answers zero or has no complete round. Zero is not a price. */
export class FeedNoPriceError extends SourceError {
  readonly code = 'FeedNoPriceError';
  readonly asset: string;
  readonly aggregator: Address;

  constructor(fields: { readonly asset: string; readonly aggregator: Address; readonly cause?: unknown }) {
    super(
      `The feed of ${fields.asset} at ${fields.aggregator} has no price: it reverts, answers zero or has no complete round. Wait for the feed, or correct assets.${fields.asset}.feed of the deployment.`,
      { cause: fields.cause },
    );
    this.asset = fields.asset;
    this.aggregator = fields.aggregator;
  }
}

/** A feed that answers less than zero. */
export class NegativePriceError extends SourceError {
  readonly code = 'NegativePriceError';
  readonly asset: string;
  readonly aggregator: Address;
  /** As the feed answers: smallest units of USD. */
  readonly answer: bigint;

  constructor(fields: { readonly asset: string; readonly aggregator: Address; readonly answer: bigint }) {
    super(
      `The feed of ${fields.asset} at ${fields.aggregator} answers ${fields.answer}, a price must be above 0. Wait for the feed, or correct assets.${fields.asset}.feed of the deployment.`,
    );
    this.asset = fields.asset;
    this.aggregator = fields.aggregator;
    this.answer = fields.answer;
  }
}

/** A price that is older than the deployment allows, or from after the block (a negative age). */
export class StalePriceError extends SourceError {
  readonly code = 'StalePriceError';
  readonly asset: string;
  readonly aggregator: Address;
  readonly ageSeconds: number;
  readonly maxAgeSeconds: number;

  constructor(fields: {
    readonly asset: string;
    readonly aggregator: Address;
    readonly ageSeconds: number;
    readonly maxAgeSeconds: number;
  }) {
    const { asset, aggregator, ageSeconds, maxAgeSeconds } = fields;
    super(
      `The price of ${asset} at ${aggregator} is ${ageSeconds} s old at the pinned block, allowed are 0 to ${maxAgeSeconds} s. Wait for the feed or raise assets.${asset}.feed.maxAgeSeconds.`,
    );
    this.asset = asset;
    this.aggregator = aggregator;
    this.ageSeconds = ageSeconds;
    this.maxAgeSeconds = maxAgeSeconds;
  }
}
