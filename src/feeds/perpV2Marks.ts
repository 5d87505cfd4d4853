import type { PinnedChain } from '../chain/pinnedChain.ts';
import { SourceError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import type { PerpV2Config } from '../venues/perpV2.ts';
import { readPerpMarkets, readPerpParts } from '../venues/perpV2Parts.ts';
import { CERTAIN } from './source.ts';

/**
 * The mark price at which the venue itself values each perpetual: the median of its 15-second average, its long average, and the index plus
 * the mean premium. Source: AccountBalance.getMarkPrice.
 *
 * @throws {NoMarkPriceError} for a mark of zero.
 */
export async function readMarks(chain: PinnedChain, config: PerpV2Config): Promise<Market['perps']> {
  const parts = await readPerpParts(chain, config);
  const markets = await readPerpMarkets(chain, { source: config, parts });
  return Object.fromEntries(
    markets.map(({ underlying, mark }) => {
      if (mark === 0n) throw new NoMarkPriceError(underlying);
      return [underlying, { usd: { raw: mark, decimals: 18 }, confidence: CERTAIN }];
    }),
  );
}

/** A perpetual whose venue marks it at zero. Zero is not a price. */
export class NoMarkPriceError extends SourceError {
  readonly code = 'NoMarkPriceError';
  readonly underlying: string;

  constructor(underlying: string) {
    super(`The perpV2 market of ${underlying} has a mark price of 0. Wait for its index, or correct the deployment.`);
    this.underlying = underlying;
  }
}
