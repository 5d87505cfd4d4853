import type { AssetConfig } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';
import { agree } from '../feeds/agree.ts';
import type { AssetQuote, Market, PerpQuote } from '../portfolio/market.ts';
import { compareText } from '../portfolio/order.ts';
import { assetOfMark, venueMarkKey } from '../portfolio/perpMark.ts';
import { formatDecimal } from '../units/decimal.ts';

/** The market of one chain. */
export interface SiteMarket {
  readonly chainId: number;
  readonly market: Market;
  readonly assets: Readonly<Record<string, AssetConfig>>;
}

/**
 * One market from those of several chains, as of the oldest. An asset has the price of the first chain that prices it; what the others say
 * of it must lie within the widest `maxDeviationBps` that a deployment allows it. Of perpetuals and expiries one chain alone may speak; a
 * venue's own marks carry the chain id where its name does (`gmxV2@43114:ETH`).
 *
 * @throws {SourcesDisagreeError} when two chains price an asset too far apart.
 * @throws {MarketConflictError} for anything else that two chains say differently.
 */
export function combineMarkets(sites: readonly [SiteMarket, ...SiteMarket[]]): Market {
  const [first, ...others] = sites;
  if (others.length === 0) return first.market;
  const ids = [...new Set(sites.flatMap(({ market }) => Object.keys(market.assets)))].sort(compareText);
  const perps = [
    ...Object.entries(first.market.perps),
    ...others.flatMap(({ chainId, market }) => qualifyMarks(market, chainId)),
  ];
  const expiries = sites.flatMap(({ market }) => market.expiries);
  requireUnique(
    'perpetual',
    perps.map(([underlying]) => underlying),
  );
  requireUnique(
    'expiry',
    expiries.map(({ underlying, expiry }) => `${underlying} ${expiry}`),
  );
  return {
    asOf: Math.min(...sites.map(({ market }) => market.asOf)),
    assets: Object.fromEntries(ids.map((asset) => [asset, combineAsset(asset, sites)])),
    perps: Object.fromEntries(perps),
    expiries,
    vols: sites.flatMap(({ market }) => market.vols),
  };
}

function qualifyMarks({ perps, assets }: Market, chainId: number): readonly (readonly [string, PerpQuote])[] {
  return Object.entries(perps).map(([key, quote]) => {
    const asset = assetOfMark(key, assets);
    if (asset === key) return [key, quote];
    const venue = key.slice(0, -asset.length - 1);
    return [venueMarkKey(`${venue}@${chainId}`, asset), quote];
  });
}

function combineAsset(asset: string, sites: readonly SiteMarket[]): AssetQuote {
  const quotes = sites.flatMap(({ market }) => market.assets[asset] ?? []);
  const [first] = quotes as [AssetQuote, ...AssetQuote[]];
  const pegs = quotes.map((quote) => quote.peg);
  requireSame(`peg of ${asset}`, pegs);
  const measured = quotes.filter((quote) => quote.vol !== undefined);
  if (measured.length > 1) throw new MarketConflictError(`the volatility of ${asset}`, measured.map(volText));
  const bounds = sites.map(({ assets }) => assets[asset]?.maxDeviationBps ?? 0);
  const spots = quotes.map((quote) => ({ asset, usd: quote.usd, confidence: quote.confidence, asOf: null }));
  const { usd, confidence } = agree(spots, Math.max(...bounds));
  return { ...first, ...measured[0], usd, confidence };
}

function volText({ vol }: AssetQuote): string {
  return vol === undefined ? 'none' : formatDecimal(vol);
}

function requireSame(what: string, values: readonly (string | undefined)[]): void {
  const different = [...new Set(values)];
  if (different.length > 1)
    throw new MarketConflictError(
      `the ${what}`,
      different.map((value) => value ?? 'none'),
    );
}

function requireUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new MarketConflictError(`the ${what} of ${twice}`, ['one chain', 'another chain']);
}

/** Two chains of one portfolio that speak of the same thing, where only one may. */
export class MarketConflictError extends MarginError {
  readonly code = 'MarketConflictError';

  constructor(what: string, said: readonly string[]) {
    super(
      `Chains of one portfolio say different things of ${what}: ${said.join(', ')}. Give the asset another id in the deployment of one of them, or make them agree.`,
    );
  }
}
