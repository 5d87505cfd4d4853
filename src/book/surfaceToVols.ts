import type { Surface } from '../engine/surface/surface.ts';
import { surfaceVol } from '../engine/surface/surfaceVol.ts';
import type { ExpiryQuote, VolQuote } from '../portfolio/market.ts';
import { type Decimal, normaliseDecimal, parseDecimal, toFloat } from '../units/decimal.ts';

/** An option to quote. */
export interface SurfaceOption {
  /** Unix seconds. */
  readonly expiry: number;
  readonly strike: Decimal;
}

/** The part of a market that a surface quotes. */
export interface SurfaceMarket {
  readonly expiries: readonly ExpiryQuote[];
  readonly vols: readonly VolQuote[];
}

/**
 * What a market says of some options, taken from a surface: a forward for each expiry and a volatility for each strike, once each, in canonical order. The floats
 * become decimals by their shortest digits, so that the market's book has the same numbers.
 *
 * `rate` and `confidence` are the caller's: a chain in units of the underlying says nothing of a rate.
 * @throws {StrikeOutsideSurfaceError} {@link ExpiryOutsideSurfaceError}: no option is left without its volatility.
 */
export function surfaceToVols(
  surface: Surface,
  options: readonly SurfaceOption[],
  { rate, confidence }: Pick<ExpiryQuote, 'rate' | 'confidence'>,
): SurfaceMarket {
  const { underlying } = surface;
  const sorted = [...options].sort((a, b) => a.expiry - b.expiry || toFloat(a.strike) - toFloat(b.strike));
  const expiries = new Map<number, ExpiryQuote>();
  const vols = new Map<string, VolQuote>();
  for (const { expiry, strike } of sorted) {
    const strikeUsd = toFloat(strike);
    const { forwardUsd, vol } = surfaceVol(surface, { expiry, strikeUsd });
    expiries.set(expiry, { underlying, expiry, forwardUsd: decimal(forwardUsd), rate, confidence });
    vols.set(`${expiry}/${strikeUsd}`, { underlying, expiry, strike, vol: decimal(vol) });
  }
  return { expiries: [...expiries.values()], vols: [...vols.values()] };
}

function decimal(value: number): Decimal {
  return normaliseDecimal(parseDecimal(value));
}
