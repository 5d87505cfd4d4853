import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { SourceOf } from '../chain/sourceConfig.ts';
import { PriceCycleError } from '../feeds/resolve.ts';
import { type Round, readRoundHistory } from '../feeds/roundHistory.ts';
import { type Decimal, multiplyDecimals } from '../units/decimal.ts';

/** Prices of one asset out of the rounds of its feed. */
export interface FeedHistory {
  readonly asset: string;
  /** The beginning of a period in Unix seconds, and the price at its end; periods without a price are not here. */
  readonly prices: readonly { readonly time: number; readonly usd: Decimal }[];
  /** The beginnings of periods at whose end there was no round, or none that is fresh enough. */
  readonly missing: readonly number[];
}

/** What the feeds of a deployment say of the past. */
export interface PriceHistory {
  readonly series: readonly FeedHistory[];
  /** Assets that no feed with rounds prices. */
  readonly without: readonly string[];
}

/** Which periods. */
export interface PeriodQuery {
  readonly stepSeconds: number;
  readonly count: number;
}

/**
 * The price at the end of each whole period before the pinned block: the newest round until then, if it is not older than its source may be; times the price then of what it is in. Never a round of
 * after, never one that had gone stale: such a period has no price.
 *
 * @throws {TooManyRoundsError} {@link PriceCycleError}
 */
export async function readPriceHistory(
  { chain, deployment }: { readonly chain: PinnedChain; readonly deployment: Deployment },
  { stepSeconds, count }: PeriodQuery,
): Promise<PriceHistory> {
  const end = Math.floor(chain.block.timestamp / stepSeconds) * stepSeconds;
  const ends = Array.from({ length: count }, (_, index) => end - (count - 1 - index) * stepSeconds);
  const feeds = new Map<string, Feed>();
  const without: string[] = [];
  for (const [asset, { sources }] of Object.entries(deployment.assets)) {
    const source = sources.find((one) => one.kind === 'chainlink');
    if (source === undefined) without.push(asset);
    else feeds.set(asset, { source, rounds: await roundsOf(chain, { source, from: ends[0] ?? end, to: end }) });
  }
  const series = [...feeds.keys()].map((asset) => {
    const found = ends.map((time) => ({ time: time - stepSeconds, usd: priceAt(feeds, { asset, time, path: [] }) }));
    return {
      asset,
      prices: found.flatMap(({ time, usd }) => (usd === null ? [] : [{ time, usd }])),
      missing: found.flatMap(({ time, usd }) => (usd === null ? [time] : [])),
    };
  });
  return { series, without };
}

interface Feed {
  readonly source: SourceOf<'chainlink'>;
  readonly rounds: readonly Round[];
}

async function roundsOf(
  chain: PinnedChain,
  { source, from, to }: { readonly source: Feed['source']; readonly from: number; readonly to: number },
): Promise<readonly Round[]> {
  const { aggregator, maxAgeSeconds } = source;
  const { rounds } = await readRoundHistory(chain, { aggregator, from: from - maxAgeSeconds, to });
  return rounds;
}

interface Asked {
  readonly asset: string;
  readonly time: number;
  readonly path: readonly string[];
}

function priceAt(feeds: ReadonlyMap<string, Feed>, { asset, time, path }: Asked): Decimal | null {
  if (path.includes(asset)) throw new PriceCycleError([...path, asset]);
  const feed = feeds.get(asset);
  if (feed === undefined) return null;
  const { source, rounds } = feed;
  // By id, not by time: an aggregator that was replaced may go on beside the new one.
  const round = rounds.findLast(({ updatedAt }) => updatedAt <= time);
  if (round === undefined || time - round.updatedAt > source.maxAgeSeconds) return null;
  if (source.of === undefined) return round.usd;
  const unit = priceAt(feeds, { asset: source.of, time, path: [...path, asset] });
  return unit === null ? null : multiplyDecimals(round.usd, unit);
}
