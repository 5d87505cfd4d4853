import type { OptionLeg } from '../engine/legs.ts';
import { at } from '../engine/lookup.ts';
import { exp, log } from '../engine/math.ts';
import { type Smile, volAt } from '../engine/stickyDelta.ts';
import { type LegShock, legValue } from '../engine/valuation.ts';
import { shockedVol } from '../engine/volShock.ts';
import type { Draws } from './draws.ts';
import { type Held, type HeldLegs, placesIn, readHeld } from './held.ts';

export { type Held, MissingFactorError, volFactor } from './held.ts';

/**
 * The loss of a book in each draw, in their order, by full revaluation at the end of the horizon: every leg at the moved prices and volatilities, options nearer to their expiry.
 * An asset moves by its own factor, else by that of what it is pegged to; `USD` does not move. Volatility moves by term as in the engine's scenarios, and the smile goes with the forward (sticky delta).
 * One book, leg by leg: {@link riskOf} is for many. Checked in test/risk/revalue.test.ts: the engine's own scenarios, and the table of draws.
 *
 * @throws {MissingFactorError} for what no factor moves.
 */
export function lossesIn(held: Held, draws: Draws): Float64Array {
  const legs = readHeld(held);
  const todayUsd = valuesToday(legs).reduce((total, value) => total + value, 0);
  const shockIn = shocksOf(held, legs, draws.factors);
  return Float64Array.from(draws.rows, (row) => {
    const shock = shockIn(row);
    let laterUsd = 0;
    for (const leg of legs.later) laterUsd += legValue(leg, shock);
    return todayUsd - laterUsd;
  });
}

/** The loss of each position of a book, by its place in the portfolio, in each draw: they sum to that of the book. @throws {MissingFactorError} */
export function positionLossesIn(held: Held, draws: Draws): Float64Array[] {
  const legs = readHeld(held);
  const today = valuesToday(legs);
  const shockIn = shocksOf(held, legs, draws.factors);
  return draws.rows.map((row) => {
    const shock = shockIn(row);
    const losses = new Float64Array(legs.later.length);
    legs.later.forEach((leg, place) => {
      losses[leg.index] = at(today, place) - legValue(leg, shock);
    });
    return losses;
  });
}

function valuesToday({ today }: HeldLegs): number[] {
  const still = { price: () => 1, vol: (option: OptionLeg) => option.vol };
  return today.map((leg) => legValue(leg, still));
}

/** What a row of draws does to a leg. */
function shocksOf({ volShock }: Held, { later, chainOf, smileOf }: HeldLegs, factors: readonly string[]) {
  const places = placesIn(factors, chainOf);
  const options = later.flatMap((leg) => (leg.kind === 'option' ? [leg] : []));
  const ownVols = new Map(options.map((option) => [option, stickyVol(option, smileOf(option))]));
  return (row: Float64Array): LegShock => {
    const moveOf = (asset: string) => {
      const place = places.price(asset);
      return place === null ? 0 : at(row, place);
    };
    const vol = (option: OptionLeg) => {
      const move = exp(at(row, places.vol(option.underlying))) - 1;
      const own = ownVols.get(option)?.(moveOf(option.underlying)) ?? option.vol;
      return shockedVol({ vol: own, seconds: option.seconds }, move, volShock);
    };
    return { price: (asset) => exp(moveOf(asset)), vol };
  };
}

/** The volatility of an option after a logarithmic move of its forward; as quoted where there is no forward. */
function stickyVol({ strikeUsd, forwardUsd, vol }: OptionLeg, smile: Smile): (move: number) => number {
  if (!(forwardUsd > 0)) return () => vol;
  const k = log(strikeUsd / forwardUsd);
  return (move) => volAt(smile, k - move);
}
