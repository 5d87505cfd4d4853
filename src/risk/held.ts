import { pegChain } from '../engine/factors.ts';
import { readInputs } from '../engine/inputs.ts';
import type { Leg, OptionLeg } from '../engine/legs.ts';
import { at, lookup } from '../engine/lookup.ts';
import type { CrossParameters } from '../engine/models/model.ts';
import { readLegs } from '../engine/readLegs.ts';
import { type Smile, smilesOf } from '../engine/stickyDelta.ts';
import { MarginError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';

/** The factor that is the volatility of an asset's options, relative at 30 days. */
export function volFactor(asset: string): string {
  return `vol:${asset}`;
}

/** Under which market, and over what time, something is held as it is. */
export interface Holding {
  readonly market: Market;
  /** How much nearer to expiry options and futures are at the end: of all, or by underlying, where draws have a horizon for each (docs/history.md). */
  readonly horizonSeconds: number | ((underlying: string) => number);
  readonly volShock: CrossParameters['volShock'];
}

/** A book, and over what time it is held as it is. */
export interface Held extends Holding {
  readonly portfolio: Portfolio;
}

/** The legs of a book in the engine's order, now and at the end of the horizon, all prices still. */
export interface HeldLegs {
  readonly today: readonly Leg[];
  readonly later: readonly Leg[];
  readonly chainOf: (asset: string) => readonly string[];
  /** Of an option of `later`. */
  readonly smileOf: (option: OptionLeg) => Smile;
}

/** @throws {MarginError} as the engine does, for what has no quote. */
export function readHeld({ portfolio, market, horizonSeconds }: Held): HeldLegs {
  const inputs = readInputs({ portfolio, market });
  const today = readLegs(inputs);
  const legsAfter = new Map<number, readonly Leg[]>();
  const after = (seconds: number): readonly Leg[] => {
    const known =
      legsAfter.get(seconds) ?? readLegs({ ...inputs, market: { ...inputs.market, asOf: market.asOf + seconds } });
    legsAfter.set(seconds, known);
    return known;
  };
  const secondsOf = (leg: Leg) =>
    typeof horizonSeconds === 'number' ? horizonSeconds : 'underlying' in leg ? horizonSeconds(leg.underlying) : 0;
  return {
    today,
    later: today.map((leg, place) => at(after(secondsOf(leg)), place)),
    chainOf: (asset) => pegChain(inputs.market, asset),
    smileOf: smilesOf(inputs.market),
  };
}

/** Where in a row of draws the moves of a price and of a volatility stand. */
export interface Places {
  /** Of the first of an asset's peg chain that is a factor; null for what only follows USD. */
  readonly price: (asset: string) => number | null;
  readonly vol: (underlying: string) => number;
}

/** The places of factors. What they return throws {@link MissingFactorError} for what no factor moves. */
export function placesIn(factors: readonly string[], chainOf: HeldLegs['chainOf']): Places {
  const known: Record<string, number | null> = {};
  const price = (asset: string): number | null => {
    const found = lookup(known, asset);
    if (found !== undefined) return found;
    const chain = chainOf(asset);
    const name = chain.find((one) => factors.includes(one));
    if (name === undefined && chain.at(-1) !== 'USD') throw new MissingFactorError(asset);
    const place = name === undefined ? null : factors.indexOf(name);
    known[asset] = place;
    return place;
  };
  const vol = (underlying: string): number => {
    const place = factors.indexOf(volFactor(underlying));
    if (place < 0) throw new MissingFactorError(volFactor(underlying));
    return place;
  };
  return { price, vol };
}

/** Something held that no factor of the draws moves: it is not still, it is unknown. */
export class MissingFactorError extends MarginError {
  readonly code = 'MissingFactorError';

  constructor(name: string) {
    super(`The draws have no factor that moves ${name}. Add its history, or peg it to an asset that has one.`);
  }
}
