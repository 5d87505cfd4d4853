import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AssetQuote, Market } from '../portfolio/market.ts';
import { tokenBook } from '../venues/tokens.ts';
import { readGmxMarks } from './gmxV2Marks.ts';
import { nearestVol, readSurface } from './lyraSurface.ts';
import { readMarks } from './perpV2Marks.ts';
import { requireSequencerUp } from './sequencer.ts';
import { readSpots } from './spots.ts';

/**
 * Prices and volatilities at the pinned block: spot from the deployment's sources, implied volatility from Lyra's own
 * surface, perpetuals at the mark of their own venue. On a rollup nothing of it is read unless the sequencer is up.
 *
 * @throws {FeedNoPriceError} {@link NegativePriceError} {@link StalePriceError} {@link SourcesDisagreeError} {@link NoMarkPriceError} naming the asset. No price is ever left out.
 */
export async function readMarket(chain: PinnedChain, deployment: Deployment): Promise<Market> {
  const { assets, venues, sequencer } = deployment;
  if (sequencer !== undefined) await requireSequencerUp(chain, sequencer);
  const asOf = chain.block.timestamp;
  const [spots, surface, perps, gmxPerps] = await Promise.all([
    readSpots(chain, deployment),
    venues.lyra === undefined ? { expiries: [], vols: [] } : readSurface(chain, venues.lyra),
    venues.perpV2 === undefined ? {} : readMarks(chain, venues.perpV2),
    venues.gmxV2 === undefined ? {} : readGmxMarks(chain, { config: venues.gmxV2, book: tokenBook(assets) }),
  ]);
  const quotes = spots.map(({ asset, usd, confidence }): readonly [string, AssetQuote] => {
    const peg = assets[asset]?.peg;
    const vol = asset === venues.lyra?.underlying ? nearestVol(surface.vols, { asOf, spot: usd }) : undefined;
    return [asset, { usd, confidence, ...(peg !== undefined && { peg }), ...(vol !== undefined && { vol }) }];
  });
  return { asOf, assets: Object.fromEntries(quotes), perps: { ...perps, ...gmxPerps }, ...surface };
}
