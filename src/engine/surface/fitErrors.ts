import { normalCdf } from '../math.ts';
import { optionValue } from '../value.ts';
import { median } from './median.ts';
import type { FittedQuote } from './slices.ts';
import type { FittedSlice } from './surface.ts';
import { totalVariance } from './svi.ts';

/** How far a fit is from the marks, in volatility points (0.01 of annual volatility); null where there is no strike. */
export interface BandError {
  /** Of |delta|: from, to. */
  readonly from: number;
  readonly to: number;
  readonly strikes: number;
  readonly medianPoints: number | null;
  readonly maxPoints: number | null;
}

/** How good the fit of an expiry is. */
export interface FitErrors {
  /** |delta| 0.1–0.9: the smile that matters. */
  readonly core: BandError;
  /** Of |delta| of the out-of-the-money side, from the wings to the money. */
  readonly bands: readonly BandError[];
  /** Liquid strikes: both sides quoted, |delta| of at least 0.02, a spread of at most a quarter of the middle. */
  readonly liquid: number;
  /** Of the liquid: how many the fit prices within half the quoted spread of the mark. */
  readonly nearMark: number;
  /** Of the liquid: how many the fit prices between bid and ask. */
  readonly betweenQuotes: number;
  /** Of the liquid: how many the venue's own mark is between bid and ask. A fit to marks can do little better. */
  readonly marksBetweenQuotes: number;
}

const BANDS = [
  [0, 0.1],
  [0.1, 0.25],
  [0.25, 0.5],
] as const;
const CORE = 0.1;
const LIQUID_DELTA = 0.02;
/** Of the middle. */
const LIQUID_SPREAD = 0.25;

/** Compares a fit with the marks that it was fitted to and with the quotes it was not. |delta| is Black-76's on the fit. */
export function fitErrors(slice: FittedSlice): FitErrors {
  const fitted = slice.quotes.map((quote) => compare(quote, slice));
  const band = (from: number, to: number) =>
    bandOf(
      fitted.filter(({ delta }) => delta >= from && delta < to),
      { from, to },
    );
  const liquid = fitted.filter(({ quote, delta }) => delta >= LIQUID_DELTA && isTight(quote));
  return {
    core: { ...band(CORE, 1 - CORE) },
    bands: BANDS.map(([from, to], index) => (index === BANDS.length - 1 ? { ...band(from, 1), to } : band(from, to))),
    liquid: liquid.length,
    nearMark: liquid.filter(isNearMark).length,
    betweenQuotes: liquid.filter(({ quote, price }) => isBetween(quote, price)).length,
    marksBetweenQuotes: liquid.filter(({ quote, markPrice }) => isBetween(quote, markPrice)).length,
  };
}

interface Fitted {
  readonly quote: FittedQuote;
  readonly delta: number;
  readonly points: number;
  readonly price: number;
  readonly markPrice: number;
}

function compare(quote: FittedQuote, { svi, years }: FittedSlice): Fitted {
  const deviation = Math.sqrt(totalVariance(svi, quote.k));
  const vol = deviation / Math.sqrt(years);
  const d1 = deviation / 2 - quote.k / deviation;
  return {
    quote,
    delta: normalCdf(quote.type === 'call' ? d1 : -d1),
    points: 100 * Math.abs(vol - quote.vol),
    price: priceOf(quote, { vol, years }),
    markPrice: priceOf(quote, { vol: quote.vol, years }),
  };
}

function bandOf(fitted: readonly { readonly points: number }[], { from, to }: { from: number; to: number }): BandError {
  const points = fitted.map((one) => one.points);
  if (points.length === 0) return { from, to, strikes: 0, medianPoints: null, maxPoints: null };
  return { from, to, strikes: points.length, medianPoints: median(points), maxPoints: Math.max(...points) };
}

function isTight({ bid, ask }: FittedQuote): boolean {
  return bid !== undefined && ask !== undefined && bid > 0 && ask - bid <= (LIQUID_SPREAD * (ask + bid)) / 2;
}

function isNearMark({ quote: { bid = 0, ask = 0 }, price, markPrice }: Fitted): boolean {
  return Math.abs(price - markPrice) <= (ask - bid) / 2;
}

function isBetween({ bid = 0, ask = 0 }: FittedQuote, price: number): boolean {
  return price >= bid && price <= ask;
}

/** Black-76 in units of the underlying: discounted by 1/F. */
function priceOf(quote: FittedQuote, { vol, years }: { vol: number; years: number }): number {
  const { type, strikeUsd, quoteForwardUsd: forwardUsd } = quote;
  return optionValue({ type, strikeUsd, forwardUsd, vol, years, discount: 1 / forwardUsd });
}
