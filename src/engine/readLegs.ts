import { MarginError } from '../errors.ts';
import { markOf } from '../portfolio/perpMark.ts';
import type { FloatMarket, FloatPosition, Inputs } from './inputs.ts';
import type { Leg, OptionLeg, PerpLeg, Quoted } from './legs.ts';
import { lookup } from './lookup.ts';
import { type Forwards, quoteForwards } from './quotes.ts';
import { rangeTerms } from './range.ts';

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
  const { index, silo, venue, custody, amount } = position;
  const home = { index, silo, venue, custody, amount };
  switch (position.kind) {
    case 'token': {
      const { asset } = position;
      const { usd, confidence } = requireAsset(position, asset, quotes.market);
      return { ...home, kind: 'token', asset, priceUsd: usd, confidence };
    }
    case 'perp':
      return { ...home, ...readPerp(position, quotes) };
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

function readPerp(
  position: FloatPosition & { readonly kind: 'perp' },
  { market, forwards }: { market: FloatMarket; forwards: Forwards },
): Quoted<PerpLeg> {
  const { underlying, expiry, settlement = 'linear', unrealisedUsd, fundingUsd } = position;
  const spot = requireAsset(position, underlying, market);
  const accruedUsd = unrealisedUsd + fundingUsd;
  const common = { kind: 'perp', underlying, spotUsd: spot.usd, settlement, accruedUsd } as const;
  if (expiry === undefined) {
    const quote = markOf(market.perps, position);
    if (quote === undefined) throw new MissingPriceError(position, `market.perps.${underlying}`);
    return { ...common, priceUsd: quote.usd, seconds: null, confidence: Math.min(spot.confidence, quote.confidence) };
  }
  const quote = forwards.expiry(underlying, expiry);
  if (quote === undefined) throw new MissingExpiryError(position, `market.expiries (${underlying}, ${expiry})`);
  const confidence = Math.min(spot.confidence, quote.confidence.forward);
  return { ...common, priceUsd: quote.forwardUsd, seconds: Math.max(0, expiry - market.asOf), confidence };
}

function readOption(
  position: FloatPosition & { readonly kind: 'option' },
  { market, forwards }: { market: FloatMarket; forwards: Forwards },
): Quoted<OptionLeg> {
  const { underlying, type, expiry, strike, settlement = 'linear' } = position;
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
  const terms = { underlying, type, expiry, strikeUsd: strike, settlement, spotUsd: spot.usd };
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
