import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AssetQuote, Market } from '../portfolio/market.ts';
import { nearestVol, readSurface } from './lyraSurface.ts';
import { readMarks } from './perpV2Marks.ts';
import { readSpots } from './spots.ts';

const CERTAIN = { raw: 1n, decimals: 0 };

/**
 * Prices and volatilities at the pinned block: spot from the deployment's feeds, implied volatility from Lyra's own
 * surface, perpetuals at the mark of their own venue.
 *
 * @throws {FeedNoPriceError} {@link NegativePriceError} {@link StalePriceError} {@link NoMarkPriceError} naming the asset. No price is ever left out.
 */
export async function readMarket(chain: PinnedChain, { assets, venues }: Deployment): Promise<Market> {
  const asOf = chain.block.timestamp;
  const [spots, surface, perps] = await Promise.all([
    readSpots(chain, assets),
    venues.lyra === undefined ? { expiries: [], vols: [] } : readSurface(chain, venues.lyra),
    venues.perpV2 === undefined ? {} : readMarks(chain, venues.perpV2),
  ]);
  const quotes = spots.map(({ asset, usd }): readonly [string, AssetQuote] => {
    const peg = assets[asset]?.peg;
    const vol = asset === venues.lyra?.underlying ? nearestVol(surface.vols, { asOf, spot: usd }) : undefined;
    return [asset, { usd, confidence: CERTAIN, ...(peg !== undefined && { peg }), ...(vol !== undefined && { vol }) }];
  });
  return { asOf, assets: Object.fromEntries(quotes), perps, ...surface };
}
