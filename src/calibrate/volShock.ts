import { at } from '../engine/lookup.ts';
import { DAY_SECONDS, type PriceSeries, pricesByTime } from '../history/prices.ts';
import { FewPeriodsError } from './errors.ts';

const LEAST_PERIODS = 500;
/** Of the periods, that went further. */
const SHARE = 0.001;

/** How far an index of volatility goes within the horizon. */
export interface VolMoves {
  readonly up: number;
  readonly down: number;
  readonly periods: number;
}

/**
 * The 99.9 % quantile of the index's relative rises over the horizon and the 0.1 % one of its falls, to the next whole percent: as rare as the grid's range is taken to be.
 *
 * @throws {FewPeriodsError}
 */
export function volMoves(index: PriceSeries, horizonDays: number): VolMoves {
  const known = pricesByTime(index);
  const moves = index.times.flatMap((time, place) => {
    const later = known.get(time + horizonDays * DAY_SECONDS);
    return later === undefined ? [] : [later / at(index.prices, place) - 1];
  });
  if (moves.length < LEAST_PERIODS)
    throw new FewPeriodsError(`volatility of ${index.asset}`, { has: moves.length, needs: LEAST_PERIODS });
  moves.sort((a, b) => a - b);
  const beyond = Math.floor(SHARE * moves.length);
  const whole = (move: number) => Math.max(0, Math.ceil(100 * move - 1e-9) / 100);
  return {
    up: whole(at(moves, moves.length - 1 - beyond)),
    down: Math.min(1, whole(-at(moves, beyond))),
    periods: moves.length,
  };
}
