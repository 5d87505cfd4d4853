import type { AssetQuote, ExpiryQuote, Market, VolQuote } from '../portfolio/market.ts';
import { BookError } from './bookError.ts';
import { readDecimal } from './readDecimal.ts';
import type { MarketJson } from './schema.ts';

/** The market of a book, every number exact. */
export function readMarket(asOf: number, { assets, perps = {}, expiries = [], vols = [] }: MarketJson): Market {
  return {
    asOf,
    assets: mapRecord(assets, readAsset),
    perps: mapRecord(perps, ({ usd, confidence }) => ({ usd: readDecimal(usd), confidence: readDecimal(confidence) })),
    expiries: expiries.map(readExpiry),
    vols: vols.map(readVol),
  };
}

function readAsset({ usd, confidence, peg, vol }: MarketJson['assets'][string]): AssetQuote {
  return {
    usd: readDecimal(usd),
    confidence: readDecimal(confidence),
    ...(peg === undefined ? {} : { peg }),
    ...(vol === undefined ? {} : { vol: readDecimal(vol) }),
  };
}

function readExpiry(quote: NonNullable<MarketJson['expiries']>[number], index: number): ExpiryQuote {
  const { underlying, expiry, forwardUsd, carry, rate, confidence } = quote;
  if ((forwardUsd === undefined) === (carry === undefined)) {
    throw new BookError(`market.expiries[${index}]`, 'needs exactly one of forwardUsd and carry');
  }
  return {
    underlying,
    expiry,
    ...(forwardUsd === undefined ? {} : { forwardUsd: readDecimal(forwardUsd) }),
    ...(carry === undefined ? {} : { carry: readDecimal(carry) }),
    rate: readDecimal(rate),
    confidence: {
      forward: readDecimal(confidence.forward),
      rate: readDecimal(confidence.rate),
      vol: readDecimal(confidence.vol),
    },
  };
}

function readVol({ underlying, expiry, strike, vol, type }: NonNullable<MarketJson['vols']>[number]): VolQuote {
  const quote = { underlying, expiry, strike: readDecimal(strike), vol: readDecimal(vol) };
  return type === undefined ? quote : { ...quote, type };
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
