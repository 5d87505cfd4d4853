import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AssetQuote, Market } from '../portfolio/market.ts';
import { tokenBook } from '../venues/tokens.ts';
import { readDeriveMarks } from './deriveMarks.ts';
import { readDeriveSurface } from './deriveSurface.ts';
import { readGmxMarks } from './gmxV2Marks.ts';
import { nearestVol, readSurface, type Surface } from './lyraSurface.ts';
import { readMarks } from './perpV2Marks.ts';
import { requireSequencerUp } from './sequencer.ts';
import { readSpots } from './spots.ts';

/**
 * Prices and volatilities at the pinned block: spot from the deployment's sources, implied volatility from Lyra's own
 * surface and from Derive's feeds, perpetuals at the mark of their own venue: where two have one of the same asset, at that of perpV2. On a rollup nothing of it is read unless the sequencer is up.
 *
 * @throws {FeedNoPriceError} {@link NegativePriceError} {@link StalePriceError} {@link SourcesDisagreeError} {@link NoMarkPriceError} naming the asset. No price is ever left out.
 */
export async function readMarket(chain: PinnedChain, deployment: Deployment): Promise<Market> {
  const { assets, venues, sequencer } = deployment;
  if (sequencer !== undefined) await requireSequencerUp(chain, sequencer);
  const asOf = chain.block.timestamp;
  const { fromBlock } = deployment;
  const [spots, lyra, derive, deriveMarks, marks, gmxMarks] = await Promise.all([
    readSpots(chain, deployment),
    venues.lyra === undefined ? NONE : readSurface(chain, venues.lyra),
    venues.deriveV2 === undefined ? NONE : readDeriveSurface(chain, { fromBlock, ...venues.deriveV2 }),
    venues.deriveV2 === undefined ? {} : readDeriveMarks(chain, venues.deriveV2),
    venues.perpV2 === undefined ? {} : readMarks(chain, venues.perpV2),
    venues.gmxV2 === undefined ? {} : readGmxMarks(chain, { config: venues.gmxV2, book: tokenBook(assets) }),
  ]);
  const vols = [...lyra.vols, ...derive.vols];
  const quotes = spots.map(({ asset, usd, confidence }): readonly [string, AssetQuote] => {
    const peg = assets[asset]?.peg;
    const own = vols.filter(({ underlying }) => underlying === asset);
    const vol = nearestVol(own, { asOf, spot: usd });
    return [asset, { usd, confidence, ...(peg !== undefined && { peg }), ...(vol !== undefined && { vol }) }];
  });
  const expiries = [...lyra.expiries, ...derive.expiries];
  return { asOf, assets: Object.fromEntries(quotes), perps: { ...marks, ...deriveMarks, ...gmxMarks }, expiries, vols };
}

const NONE: Surface = { expiries: [], vols: [] };
