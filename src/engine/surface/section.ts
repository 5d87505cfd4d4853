import { MarginError } from '../../errors.ts';
import { at } from '../lookup.ts';
import { exp, log } from '../math.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import type { FittedSlice, Range, Surface } from './surface.ts';
import { type Curve, curveOf } from './svi.ts';

/** A surface answers from this share of the time to its nearest expiry … */
export const NEAREST_SHARE = 0.5;
/** … to this share of the time to its farthest. */
export const FARTHEST_SHARE = 1.1;

/** A surface at one expiry, quoted or between two. */
export interface Section {
  readonly years: number;
  readonly forwardUsd: number;
  /** The log-moneyness that it answers. */
  readonly reach: Range;
  /** Total variance there. */
  readonly curve: (k: number) => Curve;
}

/** What a section is read from. */
export type Term = Pick<Surface, 'asOf' | 'spotUsd' | 'slices'>;

/**
 * A surface at an expiry: between two fitted ones total variance is linear in time at the same log-moneyness, so that it never falls, and the logarithm of the
 * forward is linear too; answered is what both answer. Before the first and after the last the volatility of each log-moneyness stays, and so does the carry.
 * Source: Gatheral, The Volatility Surface (2006), on total variance in time. Checked in test/engine/surface/section.test.ts.
 *
 * @throws {ExpiryOutsideSurfaceError} nearer than half the time to the first expiry, or farther than 1.1 times that to the last.
 */
export function sectionAt({ asOf, spotUsd, slices }: Term, expiry: number): Section {
  const years = (expiry - asOf) / SECONDS_PER_YEAR;
  const [first, last] = [at(slices, 0), at(slices, slices.length - 1)];
  if (!(years >= NEAREST_SHARE * first.years && years <= FARTHEST_SHARE * last.years)) {
    throw new ExpiryOutsideSurfaceError(expiry, { first: first.expiry, last: last.expiry });
  }
  const after = slices.find((slice) => slice.years >= years) ?? last;
  const before = slices.findLast((slice) => slice.years <= years) ?? first;
  return before === after ? scaled(before, { years, spotUsd }) : between({ before, after }, years);
}

/** w = w₁ · τ/τ₁; F = S · (F₁/S)^(τ/τ₁). */
function scaled({ svi, reach, forwardUsd, years: own }: FittedSlice, to: { years: number; spotUsd: number }): Section {
  const share = to.years / own;
  const curve = (k: number) => weighted(curveOf(svi, k), share);
  if (share === 1) return { years: own, forwardUsd, reach, curve };
  return { years: to.years, forwardUsd: to.spotUsd * exp(share * log(forwardUsd / to.spotUsd)), reach, curve };
}

function between({ before, after }: { before: FittedSlice; after: FittedSlice }, years: number): Section {
  const share = (years - before.years) / (after.years - before.years);
  return {
    years,
    forwardUsd: before.forwardUsd * exp(share * log(after.forwardUsd / before.forwardUsd)),
    reach: {
      low: Math.max(before.reach.low, after.reach.low),
      high: Math.min(before.reach.high, after.reach.high),
    },
    curve: (k) => added(weighted(curveOf(before.svi, k), 1 - share), weighted(curveOf(after.svi, k), share)),
  };
}

function weighted({ w, slope, bend }: Curve, by: number): Curve {
  return { w: w * by, slope: slope * by, bend: bend * by };
}

function added(a: Curve, b: Curve): Curve {
  return { w: a.w + b.w, slope: a.slope + b.slope, bend: a.bend + b.bend };
}

/** An expiry that nothing near enough is quoted for. */
export class ExpiryOutsideSurfaceError extends MarginError {
  readonly code = 'ExpiryOutsideSurfaceError';

  constructor(expiry: number, { first, last }: { readonly first: number; readonly last: number }) {
    super(
      `Expiry ${expiry} is outside the surface: its first expiry is ${first}, its last ${last}, and it answers from ${NEAREST_SHARE} times the time to the first to ${FARTHEST_SHARE} times that to the last. Quote the expiry.`,
    );
  }
}
