import { formatMarket } from '../../book/formatBook.ts';
import type { Market } from '../../portfolio/market.ts';
import { compareText } from '../../portfolio/order.ts';

/** One number of the market that is not what it was; null where it is not quoted. */
export interface QuoteChange {
  /** For instance `assets.ETH.usd` or `vols.ETH.1742592000.2500.vol`. */
  readonly place: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Every quote that differs, by its place, sorted. */
export function quoteChanges(before: Market, after: Market): QuoteChange[] {
  const [old, now] = [quotesOf(before), quotesOf(after)];
  const places = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
  return places.flatMap((place) => {
    const change = { place, before: old.get(place) ?? null, after: now.get(place) ?? null };
    return change.before === change.after ? [] : [change];
  });
}

function quotesOf(market: Market): Map<string, string> {
  const { assets, perps = {}, expiries = [], vols = [] } = formatMarket(market);
  const quotes = new Map<string, string>([['asOf', String(market.asOf)]]);
  for (const [asset, quote] of Object.entries(assets)) flatten(quotes, `assets.${asset}`, quote);
  for (const [underlying, quote] of Object.entries(perps)) flatten(quotes, `perps.${underlying}`, quote);
  for (const { underlying, expiry, ...quote } of expiries) flatten(quotes, `expiries.${underlying}.${expiry}`, quote);
  for (const { underlying, expiry, strike, type, vol } of vols) {
    const which = type === undefined ? '' : `.${type}`;
    quotes.set(`vols.${underlying}.${expiry}.${strike}${which}.vol`, String(vol));
  }
  return quotes;
}

function flatten(quotes: Map<string, string>, place: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) quotes.set(place, String(value));
  else for (const [key, part] of Object.entries(value)) flatten(quotes, `${place}.${key}`, part);
}
