import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import { venueMarkKey } from '../portfolio/perpMark.ts';
import type { Decimal } from '../units/decimal.ts';
import type { GmxV2Config } from '../venues/gmxV2.ts';
import { readGmxMarkets } from '../venues/gmxV2Markets.ts';
import { gmxTokens, readGmxPrices, requirePrice, USD_DECIMALS } from '../venues/gmxV2Tokens.ts';
import type { TokenBook } from '../venues/tokens.ts';
import { CERTAIN } from './source.ts';

/**
 * The price at which each perpetual of GMX v2 is valued: its index token's, which has no mark of its own. The entries are the venue's own, for instance
 * `gmxV2:ETH`, beside the marks of others.
 *
 * @throws {GmxPriceError} for a feed without a price. {@link GmxMarksDifferError} for two index tokens of one asset at two prices.
 */
export async function readGmxMarks(
  chain: PinnedChain,
  { config, book }: { readonly config: GmxV2Config; readonly book: TokenBook },
): Promise<Market['perps']> {
  const tokens = gmxTokens(config, book);
  const markets = await readGmxMarkets(chain, config);
  const prices = await readGmxPrices(chain, config);
  const marks = new Map<string, Decimal>();
  for (const { indexToken } of markets) {
    const token = tokens.get(indexToken.toLowerCase());
    if (token === undefined) continue;
    const raw = requirePrice(prices, indexToken) * 10n ** BigInt(token.decimals);
    const other = marks.get(token.asset);
    if (other !== undefined && other.raw !== raw) throw new GmxMarksDifferError(token.asset, [other.raw, raw]);
    marks.set(token.asset, { raw, decimals: USD_DECIMALS });
  }
  return Object.fromEntries(
    [...marks].map(([asset, usd]) => [venueMarkKey('gmxV2', asset), { usd, confidence: CERTAIN }]),
  );
}

/** Two index tokens that are one asset of the deployment and have different prices. */
export class GmxMarksDifferError extends MarginError {
  readonly code = 'GmxMarksDifferError';
  readonly asset: string;

  constructor(asset: string, [a, b]: readonly [bigint, bigint]) {
    super(
      `Two index tokens of gmxV2 are ${asset} and are priced at ${a} and ${b} (USD, 1e30). Give them one feed, or one of them an asset of its own.`,
    );
    this.asset = asset;
  }
}
