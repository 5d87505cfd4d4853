import { MarginError } from '../errors.ts';
import type { OptionType } from '../portfolio/position.ts';
import { type FloatMarket, InputRangeError } from './inputs.ts';
import { lookup } from './lookup.ts';
import { exp } from './math.ts';

/** A year has 365 days. */
export const SECONDS_PER_YEAR = 31_536_000;

/** Longer terms are refused: with rates of at most 10 a year, no growth factor can then overflow. */
const MAX_YEARS = 50;

/** One expiry of the market, its forward worked out. */
export interface Forward {
  readonly forwardUsd: number;
  readonly rate: number;
  readonly confidence: { readonly forward: number; readonly rate: number; readonly vol: number };
}

/** The expiries and strikes of a market, by what they quote. */
export interface Forwards {
  readonly expiry: (underlying: string, expiry: number) => Forward | undefined;
  /** The volatility quoted for the type, else the one quoted for call and put alike. */
  readonly vol: (option: {
    underlying: string;
    expiry: number;
    strike: number;
    type: OptionType;
  }) => number | undefined;
}

/**
 * Indexes a market's expiries and volatilities.
 *
 * @throws {AmbiguousForwardError} where not exactly one of `forwardUsd` and `carry` is given, or `carry` without the spot price.
 * @throws {DuplicateQuoteError} where two quotes of the same thing differ.
 */
export function quoteForwards(market: FloatMarket): Forwards {
  const expiries = new Map<string, Forward>();
  market.expiries.forEach((quote, index) => {
    const place = `market.expiries[${index}]`;
    const { rate, confidence } = quote;
    const forwardUsd = forwardOf(quote, { market, place });
    insert(expiries, keyOf(quote.underlying, quote.expiry), { place, value: { forwardUsd, rate, confidence } });
  });
  const vols = new Map<string, number>();
  market.vols.forEach((quote, index) => {
    const key = keyOf(quote.underlying, quote.expiry, quote.strike, quote.type ?? null);
    insert(vols, key, { place: `market.vols[${index}]`, value: quote.vol });
  });
  return {
    expiry: (underlying, expiry) => expiries.get(keyOf(underlying, expiry)),
    vol: ({ underlying, expiry, strike, type }) =>
      vols.get(keyOf(underlying, expiry, strike, type)) ?? vols.get(keyOf(underlying, expiry, strike, null)),
  };
}

// forward = spot · exp(carry · years), years ≥ 0: a past expiry has nothing left to carry.
function forwardOf(quote: FloatMarket['expiries'][number], at: { market: FloatMarket; place: string }): number {
  const { forwardUsd, carry, underlying, expiry } = quote;
  const years = Math.max(0, expiry - at.market.asOf) / SECONDS_PER_YEAR;
  if (years > MAX_YEARS) throw new InputRangeError(`${at.place}.expiry`, expiry, `within ${MAX_YEARS} years of asOf`);
  if (forwardUsd !== undefined && carry === undefined) return forwardUsd;
  const spotUsd = lookup(at.market.assets, underlying)?.usd;
  if (forwardUsd !== undefined || carry === undefined || spotUsd === undefined)
    throw new AmbiguousForwardError(at.place);
  return spotUsd * exp(carry * years);
}

function keyOf(...parts: readonly (string | number | null)[]): string {
  return JSON.stringify(parts);
}

function insert<V>(map: Map<string, V>, key: string, { place, value }: { place: string; value: V }): void {
  const known = map.get(key);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) throw new DuplicateQuoteError(place, key);
  map.set(key, value);
}

/** An expiry that has not exactly one way to its forward. */
export class AmbiguousForwardError extends MarginError {
  readonly code = 'AmbiguousForwardError';
  readonly place: string;

  constructor(place: string) {
    super(`${place} needs exactly one of forwardUsd and carry, and carry needs the spot price of its underlying.`);
    this.place = place;
  }
}

/** Two quotes for the same expiry or strike that do not agree. */
export class DuplicateQuoteError extends MarginError {
  readonly code = 'DuplicateQuoteError';
  readonly place: string;

  constructor(place: string, key: string) {
    super(`${place} quotes ${key} a second time, differently. Keep one of the two.`);
    this.place = place;
  }
}
