import { MarginError } from '../errors.ts';
import type { Custody, OptionType, Settlement } from '../portfolio/position.ts';
import type { FloatMarket, FloatPosition, Inputs } from './inputs.ts';
import { lookup } from './lookup.ts';
import { type Forwards, quoteForwards } from './quotes.ts';

interface LegHome {
  /** Index into the portfolio's positions as they were given. */
  readonly index: number;
  readonly silo: string;
  readonly custody: Custody;
}

export interface TokenLeg extends LegHome {
  readonly kind: 'token';
  readonly asset: string;
  readonly amount: number;
  readonly priceUsd: number;
}

export interface OptionLeg extends LegHome {
  readonly kind: 'option';
  readonly underlying: string;
  readonly type: OptionType;
  readonly expiry: number;
  readonly amount: number;
  readonly strikeUsd: number;
  readonly forwardUsd: number;
  /** Annual, of the strike. */
  readonly vol: number;
  /** Annual, continuous. */
  readonly rate: number;
  /** To expiry; 0 at and past it. */
  readonly seconds: number;
  readonly settlement: Settlement;
  /** The spot price of the underlying. */
  readonly spotUsd: number;
}

export interface PerpLeg extends LegHome {
  readonly kind: 'perp';
  readonly underlying: string;
  readonly amount: number;
  /** Of the perpetual; the forward of a dated future's expiry. */
  readonly priceUsd: number;
  /** Unrealised profit and funding. */
  readonly accruedUsd: number;
  /** To expiry, 0 at and past it; null for a perpetual. */
  readonly seconds: number | null;
  readonly settlement: Settlement;
  /** The spot price of the underlying. */
  readonly spotUsd: number;
}

/** A position with the quotes that value it. */
export type Leg = TokenLeg | OptionLeg | PerpLeg;

/**
 * Joins every position to its quotes, in the order of the inputs.
 *
 * @throws {MissingPriceError} {@link MissingExpiryError} {@link MissingVolatilityError} naming the leg and the place that is empty.
 */
export function readLegs({ positions, market }: Inputs): Leg[] {
  const forwards = quoteForwards(market);
  return positions.map((position) => readLeg(position, { market, forwards }));
}

function readLeg(position: FloatPosition, quotes: { market: FloatMarket; forwards: Forwards }): Leg {
  const { index, silo, custody, amount } = position;
  const home = { index, silo, custody, amount };
  switch (position.kind) {
    case 'token': {
      const { asset } = position;
      const priceUsd = requirePrice(position, lookup(quotes.market.assets, asset)?.usd, `market.assets.${asset}`);
      return { ...home, kind: 'token', asset, priceUsd };
    }
    case 'perp':
      return { ...home, ...readPerp(position, quotes) };
    case 'option':
      return { ...home, ...readOption(position, quotes) };
  }
}

function readPerp(
  position: FloatPosition & { readonly kind: 'perp' },
  { market, forwards }: { market: FloatMarket; forwards: Forwards },
): Omit<PerpLeg, keyof LegHome | 'amount'> {
  const { underlying, expiry, settlement = 'linear', unrealisedUsd, fundingUsd } = position;
  const spotUsd = requirePrice(position, lookup(market.assets, underlying)?.usd, `market.assets.${underlying}`);
  const common = { kind: 'perp', underlying, spotUsd, settlement, accruedUsd: unrealisedUsd + fundingUsd } as const;
  if (expiry === undefined) {
    const quoted = lookup(market.perps, underlying)?.usd;
    return { ...common, priceUsd: requirePrice(position, quoted, `market.perps.${underlying}`), seconds: null };
  }
  const quote = forwards.expiry(underlying, expiry);
  if (quote === undefined) throw new MissingExpiryError(position, `market.expiries (${underlying}, ${expiry})`);
  return { ...common, priceUsd: quote.forwardUsd, seconds: Math.max(0, expiry - market.asOf) };
}

function readOption(
  position: FloatPosition & { readonly kind: 'option' },
  { market, forwards }: { market: FloatMarket; forwards: Forwards },
): Omit<OptionLeg, keyof LegHome | 'amount'> {
  const { underlying, type, expiry, strike, settlement = 'linear' } = position;
  const spotUsd = requirePrice(position, lookup(market.assets, underlying)?.usd, `market.assets.${underlying}`);
  const quote = forwards.expiry(underlying, expiry);
  if (quote === undefined) throw new MissingExpiryError(position, `market.expiries (${underlying}, ${expiry})`);
  const vol = forwards.vol({ underlying, expiry, strike, type });
  if (vol === undefined) {
    throw new MissingVolatilityError(position, `market.vols (${underlying}, ${expiry}, ${strike}, ${type})`);
  }
  const { forwardUsd, rate } = quote;
  const seconds = Math.max(0, expiry - market.asOf);
  const terms = { underlying, type, expiry, strikeUsd: strike, settlement };
  return { kind: 'option', ...terms, spotUsd, forwardUsd, vol, rate, seconds };
}

function requirePrice(position: FloatPosition, usd: number | undefined, place: string): number {
  if (usd === undefined) throw new MissingPriceError(position, place);
  return usd;
}

function describe(position: FloatPosition): string {
  const what = position.kind === 'token' ? position.asset : position.underlying;
  return `positions[${position.index}] (${position.kind} ${what})`;
}

/** A leg whose asset, underlying or perp has no price. It is not worth zero: it is unknown. */
export class MissingPriceError extends MarginError {
  readonly code = 'MissingPriceError';
  readonly index: number;
  readonly place: string;

  constructor(position: FloatPosition, place: string) {
    super(`${describe(position)} has no price: ${place} is missing. Add the quote or leave out the whole book.`);
    this.index = position.index;
    this.place = place;
  }
}

/** An option or a dated future whose expiry has no forward and rate. */
export class MissingExpiryError extends MarginError {
  readonly code = 'MissingExpiryError';
  readonly index: number;
  readonly place: string;

  constructor(position: FloatPosition, place: string) {
    super(`${describe(position)} has no forward: ${place} is missing. Add the expiry to the market.`);
    this.index = position.index;
    this.place = place;
  }
}

/** An option whose strike has no volatility. */
export class MissingVolatilityError extends MarginError {
  readonly code = 'MissingVolatilityError';
  readonly index: number;
  readonly place: string;

  constructor(position: FloatPosition, place: string) {
    super(`${describe(position)} has no volatility: ${place} is missing. Add the strike to the market.`);
    this.index = position.index;
    this.place = place;
  }
}
