import { pegChain } from '../engine/factors.ts';
import { readInputs } from '../engine/inputs.ts';
import type { Leg, OptionLeg } from '../engine/legs.ts';
import { at, lookup } from '../engine/lookup.ts';
import { exp } from '../engine/math.ts';
import type { CrossParameters } from '../engine/models/model.ts';
import { readLegs } from '../engine/readLegs.ts';
import { legValue } from '../engine/valuation.ts';
import { shockedVol } from '../engine/volShock.ts';
import { MarginError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Draws } from './draws.ts';

/** The factor that is the volatility of an asset's options, relative at 30 days. */
export function volFactor(asset: string): string {
  return `vol:${asset}`;
}

/** A book, and over what time it is held as it is. */
export interface Held {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly horizonSeconds: number;
  readonly volShock: CrossParameters['volShock'];
}

/**
 * The loss of a book in each draw, in their order, by full revaluation at the end of the horizon: every leg at the moved prices and volatilities, options nearer to their expiry.
 * An asset moves by its own factor, else by that of what it is pegged to; `USD` does not move. Volatility moves by term as in the engine's scenarios, strike by strike
 * (on a flat surface that is the same as by delta). Checked in test/risk/revalue.test.ts: the engine's own scenarios, and a table of one underlying.
 *
 * @throws {MissingFactorError} for what no factor moves.
 */
export function lossesIn({ portfolio, market, horizonSeconds, volShock }: Held, draws: Draws): Float64Array {
  const today = legsOf(portfolio, market);
  const later = legsOf(portfolio, { ...market, asOf: market.asOf + horizonSeconds });
  const still = { price: () => 1, vol: (option: OptionLeg) => option.vol };
  let todayUsd = 0;
  for (const leg of today.legs) todayUsd += legValue(leg, still);
  const placeOf = placesOf(draws.factors, today.chainOf);
  return Float64Array.from(draws.rows, (row) => {
    const price = (asset: string) => {
      const place = placeOf(asset);
      return place === null ? 1 : exp(at(row, place));
    };
    const vol = (option: OptionLeg) => {
      const move = exp(at(row, volPlace(draws.factors, option.underlying))) - 1;
      return shockedVol(option, move, volShock);
    };
    let laterUsd = 0;
    for (const leg of later.legs) laterUsd += legValue(leg, { price, vol });
    return todayUsd - laterUsd;
  });
}

function legsOf(
  portfolio: Portfolio,
  market: Market,
): { legs: readonly Leg[]; chainOf: (asset: string) => readonly string[] } {
  const inputs = readInputs({ portfolio, market });
  return { legs: readLegs(inputs), chainOf: (asset) => pegChain(inputs.market, asset) };
}

/** The place of the first of an asset's peg chain that is a factor; null for what only follows USD. */
function placesOf(factors: readonly string[], chainOf: (asset: string) => readonly string[]) {
  const known: Record<string, number | null> = {};
  return (asset: string): number | null => {
    const found = lookup(known, asset);
    if (found !== undefined) return found;
    const chain = chainOf(asset);
    const name = chain.find((one) => factors.includes(one));
    if (name === undefined && chain.at(-1) !== 'USD') throw new MissingFactorError(asset);
    const place = name === undefined ? null : factors.indexOf(name);
    known[asset] = place;
    return place;
  };
}

function volPlace(factors: readonly string[], underlying: string): number {
  const place = factors.indexOf(volFactor(underlying));
  if (place < 0) throw new MissingFactorError(volFactor(underlying));
  return place;
}

/** Something held that no factor of the draws moves: it is not still, it is unknown. */
export class MissingFactorError extends MarginError {
  readonly code = 'MissingFactorError';

  constructor(name: string) {
    super(`The draws have no factor that moves ${name}. Add its history, or peg it to an asset that has one.`);
  }
}
