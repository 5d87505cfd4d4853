import { MarginError } from '../errors.ts';
import type { Custody, OptionType } from '../portfolio/position.ts';
import type { FloatMarket, FloatPosition, Inputs } from './inputs.ts';
import { lookup } from './lookup.ts';
import { type Forwards, quoteForwards } from './quotes.ts';
import { type RangeTerms, rangeTerms } from './range.ts';

interface LegHome {
  /** Index into the portfolio's positions as they were given. */
  readonly index: number;
  readonly silo: string;
  readonly custody: Custody;
  /** How sure the sources of its price are, 0…1: the least sure of all that value it. */
  readonly confidence: number;
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
  /** The price of the underlying. */
  readonly spotUsd: number;
  readonly forwardUsd: number;
  /** Annual, of the strike. */
  readonly vol: number;
  /** Annual, continuous. */
  readonly rate: number;
  /** To expiry; 0 at and past it. */
  readonly seconds: number;
}

export interface PerpLeg extends LegHome {
  readonly kind: 'perp';
  readonly underlying: string;
  readonly amount: number;
  readonly priceUsd: number;
  /** Unrealised profit and funding. */
  readonly accruedUsd: number;
}

/** Concentrated liquidity, in units of whole tokens. */
export interface RangeLeg extends LegHome, RangeTerms {
  readonly kind: 'range';
  readonly token0: string;
  readonly token1: string;
  readonly price0Usd: number;
  readonly price1Usd: number;
}

/** A position with the quotes that value it. */
export type Leg = TokenLeg | OptionLeg | PerpLeg | RangeLeg;

/** The assets whose prices a leg depends on. */
export function assetsOf(leg: Leg): readonly string[] {
  switch (leg.kind) {
    case 'token':
      return [leg.asset];
    case 'range':
      return [leg.token0, leg.token1];
    default:
      return [leg.underlying];
  }
}

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
      const { usd, confidence } = requireAsset(position, asset, quotes.market);
      return { ...home, kind: 'token', asset, priceUsd: usd, confidence };
    }
    case 'perp': {
      const { underlying, unrealisedUsd, fundingUsd } = position;
      const spot = requireAsset(position, underlying, quotes.market);
      const quote = lookup(quotes.market.perps, underlying);
      if (quote === undefined) throw new MissingPriceError(position, `market.perps.${underlying}`);
      const confidence = Math.min(spot.confidence, quote.confidence);
      const accruedUsd = unrealisedUsd + fundingUsd;
      return { ...home, kind: 'perp', underlying, priceUsd: quote.usd, accruedUsd, confidence };
    }
    case 'option':
      return { ...home, ...readOption(position, quotes) };
    case 'range': {
      const { token0, token1 } = position;
      const first = requireAsset(position, token0, quotes.market);
      const second = requireAsset(position, token1, quotes.market);
      const confidence = Math.min(first.confidence, second.confidence);
      const prices = { price0Usd: first.usd, price1Usd: second.usd };
      return { ...home, kind: 'range', token0, token1, ...prices, ...rangeTerms(position), confidence };
    }
  }
}

function readOption(
  position: FloatPosition & { readonly kind: 'option' },
  { market, forwards }: { market: FloatMarket; forwards: Forwards },
): Omit<OptionLeg, 'index' | 'silo' | 'custody' | 'amount'> {
  const { underlying, type, expiry, strike } = position;
  const spot = requireAsset(position, underlying, market);
  const quote = forwards.expiry(underlying, expiry);
  if (quote === undefined) throw new MissingExpiryError(position, `market.expiries (${underlying}, ${expiry})`);
  const vol = forwards.vol({ underlying, expiry, strike, type });
  if (vol === undefined) {
    throw new MissingVolatilityError(position, `market.vols (${underlying}, ${expiry}, ${strike}, ${type})`);
  }
  const { forwardUsd, rate } = quote;
  const seconds = Math.max(0, expiry - market.asOf);
  const { forward, rate: discount, vol: smile } = quote.confidence;
  const confidence = Math.min(spot.confidence, forward, discount, smile);
  const terms = { underlying, type, expiry, strikeUsd: strike, spotUsd: spot.usd };
  return { kind: 'option', ...terms, forwardUsd, vol, rate, seconds, confidence };
}

function requireAsset(position: FloatPosition, asset: string, { assets }: FloatMarket): FloatMarket['assets'][string] {
  const quote = lookup(assets, asset);
  if (quote === undefined) throw new MissingPriceError(position, `market.assets.${asset}`);
  return quote;
}

function describe(position: FloatPosition): string {
  return `positions[${position.index}] (${position.kind} ${nameOf(position)})`;
}

function nameOf(position: FloatPosition): string {
  if (position.kind === 'token') return position.asset;
  return position.kind === 'range' ? `${position.token0}/${position.token1}` : position.underlying;
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

/** An option whose expiry has no forward and rate. */
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
