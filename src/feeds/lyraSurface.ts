import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import type { ExpiryQuote, Market, VolQuote } from '../portfolio/market.ts';
import type { Decimal } from '../units/decimal.ts';
import { greekCacheAbi, optionMarketAbi } from '../venues/abi/lyra.ts';
import type { LyraConfig } from '../venues/lyraConfig.ts';
import { CERTAIN } from './source.ts';

const THIRTY_DAYS_SECONDS = 30 * 86_400;

/** The expiries and volatilities of Lyra's boards, in canonical order. */
export type Surface = Pick<Market, 'expiries' | 'vols'>;

interface Board {
  readonly expiry: bigint;
  readonly iv: bigint;
}

interface Strike {
  readonly strikePrice: bigint;
  readonly skew: bigint;
}

/**
 * The surface at which Lyra trades: volatility = board.iv · strike.skew, exact; forward = spot · exp(rateAndCarry · years).
 * Every live board is in it, an expired one too until it is settled: positions on it are still options.
 *
 * @throws {AmbiguousVolError} when two strikes of one expiry and price have different volatilities.
 */
export async function readSurface(chain: PinnedChain, config: LyraConfig): Promise<Surface> {
  const market = { address: config.optionMarket, abi: optionMarketAbi };
  const [ids, parameters] = (await chain.read([
    { ...market, functionName: 'getLiveBoards' },
    { address: config.greekCache, abi: greekCacheAbi, functionName: 'getGreekCacheParams' },
  ])) as [readonly bigint[], { readonly rateAndCarry: bigint }];
  const boards = (await chain.read(
    ids.map((id) => ({ ...market, functionName: 'getBoardAndStrikeDetails', args: [id] })),
  )) as readonly (readonly [Board, readonly Strike[], ...unknown[]])[];
  const { underlying } = config;
  const rate = { raw: parameters.rateAndCarry, decimals: 18 };
  const expiries = [...new Set(boards.map(([{ expiry }]) => Number(expiry)))].sort((a, b) => a - b);
  const vols = boards.flatMap(([board, strikes]) => strikes.map((strike) => volQuote(underlying, { board, strike })));
  return { expiries: expiries.map((expiry) => expiryQuote(underlying, { expiry, rate })), vols: canonical(vols) };
}

/**
 * The volatility of the strike nearest to spot, on the expiry nearest to 30 days from now. Of two as near, the earlier and
 * the lower. Absent where no expiry lies ahead.
 */
export function nearestVol(
  vols: readonly VolQuote[],
  { asOf, spot }: { readonly asOf: number; readonly spot: Decimal },
): Decimal | undefined {
  const ahead = vols.filter((quote) => quote.expiry > asOf);
  const expiry = nearest(ahead, (quote) => BigInt(quote.expiry - asOf - THIRTY_DAYS_SECONDS))?.expiry;
  const board = ahead.filter((quote) => quote.expiry === expiry);
  const away = ({ strike }: VolQuote) =>
    strike.raw * 10n ** BigInt(spot.decimals) - spot.raw * 10n ** BigInt(strike.decimals);
  return nearest(board, away)?.vol;
}

/** The first of those whose distance is the smallest in size. */
function nearest(quotes: readonly VolQuote[], distance: (quote: VolQuote) => bigint): VolQuote | undefined {
  const size = (x: bigint) => (x < 0n ? -x : x);
  return quotes.reduce<VolQuote | undefined>(
    (best, quote) => (best === undefined || size(distance(quote)) < size(distance(best)) ? quote : best),
    undefined,
  );
}

function expiryQuote(
  underlying: string,
  { expiry, rate }: { readonly expiry: number; readonly rate: Decimal },
): ExpiryQuote {
  return { underlying, expiry, carry: rate, rate, confidence: { forward: CERTAIN, rate: CERTAIN, vol: CERTAIN } };
}

function volQuote(underlying: string, { board, strike }: { readonly board: Board; readonly strike: Strike }): VolQuote {
  return {
    underlying,
    expiry: Number(board.expiry),
    strike: { raw: strike.strikePrice, decimals: 18 },
    vol: { raw: board.iv * strike.skew, decimals: 36 },
  };
}

/** By expiry, then strike, each once. */
function canonical(vols: readonly VolQuote[]): readonly VolQuote[] {
  const sorted = [...vols].sort((a, b) => a.expiry - b.expiry || (a.strike.raw < b.strike.raw ? -1 : 1));
  return sorted.filter((quote, i) => {
    const last = sorted[i - 1];
    if (last?.expiry !== quote.expiry || last.strike.raw !== quote.strike.raw) return true;
    if (last.vol.raw !== quote.vol.raw) throw new AmbiguousVolError(quote);
    return false;
  });
}

/** One expiry and strike at two volatilities: neither is known to be right. */
export class AmbiguousVolError extends MarginError {
  readonly code = 'AmbiguousVolError';
  readonly underlying: string;
  readonly expiry: number;
  /** USD, 1e18. */
  readonly strike: bigint;

  constructor({ underlying, expiry, strike }: VolQuote) {
    super(
      `Lyra quotes the ${underlying} strike ${strike.raw} (1e18) of expiry ${expiry} twice, at two volatilities. Remove one of the two boards from the deployment's market.`,
    );
    this.underlying = underlying;
    this.expiry = expiry;
    this.strike = strike.raw;
  }
}
