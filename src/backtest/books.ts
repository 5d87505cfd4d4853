import { normalCdf } from '../engine/math.ts';
import { SECONDS_PER_YEAR } from '../engine/quotes.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Day } from './day.ts';
import { cash, type Leg, MONTH_SECONDS, option, perp, portfolioOf, SIZE_USD, token } from './legs.ts';
import { randomBooks } from './randomBooks.ts';

/** A book that is set up anew every day, the same size in USD. */
export interface StandardBook {
  readonly name: string;
  /** Whose prices it needs. */
  readonly assets: readonly string[];
  /** Whose volatility it needs beside. */
  readonly optionsOn: readonly string[];
  readonly build: (day: Day) => Portfolio;
}

/** The standard books: of each underlying, of pairs, loops, and random ones. */
export function standardBooks(): StandardBook[] {
  const single = ['BTC', 'ETH'].flatMap(booksOf);
  const pairs = [
    lendingBook('btc-against-eth', ['BTC', 'ETH', 0.6]),
    lendingBook('eth-against-btc', ['ETH', 'BTC', 0.6]),
  ];
  const loops = [lendingBook('steth-loop', ['STETH', 'ETH', 0.7]), lendingBook('stable-loop', ['USDC', 'USDT', 0.7])];
  return [...single, ...pairs, ...loops, ...randomBooks(4)];
}

function booksOf(asset: string): StandardBook[] {
  const book = (name: string, legs: (day: Day) => readonly (readonly Leg[])[], options = true): StandardBook => ({
    name: `${name}:${asset}`,
    assets: [asset],
    optionsOn: options ? [asset] : [],
    build: (day) => portfolioOf(legs(day)),
  });
  const perpOf = (share: number) => (day: Day) => [perp(day, asset, share)];
  return [
    book('long', perpOf(1), false),
    book('short', perpOf(-1), false),
    book('cross-venue', (day) => [...perpOf(-0.8)(day), borrowed(day, asset)], false),
    book('short-straddle', (day) => [
      [cash(SIZE_USD), option(day, { asset, type: 'call', strike: 1, share: -1 })],
      [cash(SIZE_USD), option(day, { asset, type: 'put', strike: 1, share: -1 })],
      perp(day, asset, straddleDelta(day, asset)),
    ]),
    book('covered-call', (day) => [
      [token(asset, SIZE_USD / day.usd(asset)), option(day, { asset, type: 'call', strike: 1.1, share: -1 })],
    ]),
    book('put-spread', (day) => [
      [option(day, { asset, type: 'put', strike: 0.85, share: 1 })],
      [cash(SIZE_USD), option(day, { asset, type: 'put', strike: 0.95, share: -1 })],
    ]),
  ];
}

function lendingBook(name: string, [held, owed, share]: readonly [string, string, number]): StandardBook {
  const legs = (day: Day) => [
    [token(held, SIZE_USD / day.usd(held)), token(owed, (-share * SIZE_USD) / day.usd(owed))],
  ];
  return { name, assets: [held, owed], optionsOn: [], build: (day) => portfolioOf(legs(day)) };
}

function borrowed(day: Day, asset: string): readonly Leg[] {
  return [token(asset, SIZE_USD / day.usd(asset)), cash(-0.6 * SIZE_USD)];
}

/** Of the call and the put at the money, forward at spot: 2·Φ(σ√τ/2) − 1. What is sold is hedged by as much. */
function straddleDelta(day: Day, asset: string): number {
  return 2 * normalCdf((day.vol(asset) * Math.sqrt(MONTH_SECONDS / SECONDS_PER_YEAR)) / 2) - 1;
}
