import type { Surface } from '../engine/surface/surface.ts';
import { MarginError } from '../errors.ts';
import type { VolQuote } from '../portfolio/market.ts';
import { formatDecimal, parseDecimal } from '../units/decimal.ts';
import type { Book } from './parseBook.ts';
import { surfaceToVols } from './surfaceToVols.ts';

/**
 * A book with the volatilities and forwards of a surface's underlying that it does not have itself: what its own market quotes stays. The rate is 0 and the
 * confidence 1, as a chain in units of the underlying states neither.
 *
 * @throws {SurfaceTimeError} where the chain is of another time than the book.
 * @throws {StrikeOutsideSurfaceError} {@link ExpiryOutsideSurfaceError}
 */
export function quoteBook(book: Book, surface: Surface): Book {
  const { underlying, asOf } = surface;
  if (asOf !== book.asOf) throw new SurfaceTimeError(asOf, book.asOf);
  const { expiries, vols } = book.market;
  const knownVols = new Set(vols.flatMap(({ type, ...quote }) => (type === undefined ? [keyOf(quote)] : [])));
  const knownExpiries = new Set(
    expiries.filter((quote) => quote.underlying === underlying).map(({ expiry }) => expiry),
  );
  const options = book.portfolio.positions.flatMap((position) =>
    position.kind === 'option' && position.underlying === underlying && !knownVols.has(keyOf(position))
      ? [position]
      : [],
  );
  const one = parseDecimal(1);
  const confidence = { forward: one, rate: one, vol: one };
  const quoted = surfaceToVols(surface, options, { rate: parseDecimal(0), confidence });
  return {
    ...book,
    market: {
      ...book.market,
      expiries: [...expiries, ...quoted.expiries.filter(({ expiry }) => !knownExpiries.has(expiry))],
      vols: [...vols, ...quoted.vols],
    },
  };
}

function keyOf({ underlying, expiry, strike }: Pick<VolQuote, 'underlying' | 'expiry' | 'strike'>): string {
  return `${underlying} ${expiry} ${formatDecimal(strike)}`;
}

/** A chain of another time than the book that it is to quote. */
export class SurfaceTimeError extends MarginError {
  readonly code = 'SurfaceTimeError';

  constructor(chainAsOf: number, bookAsOf: number) {
    super(`The chain is of ${chainAsOf}, the book of ${bookAsOf}. Take both at one time, or set the book's asOf.`);
  }
}
