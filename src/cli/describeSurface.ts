import { type FitErrors, fitErrors } from '../engine/surface/fitErrors.ts';
import type { Exclusion } from '../engine/surface/slices.ts';
import type { FittedSlice, Surface } from '../engine/surface/surface.ts';

/** One expiry of a surface, for people and programs. */
export interface DescribedSlice
  extends Pick<FittedSlice, 'expiry' | 'years' | 'forwardUsd' | 'svi' | 'quoted' | 'reach' | 'checks'> {
  /** The forward by put–call parity; null where no strike has all four sides. */
  readonly parity: NonNullable<FittedSlice['parity']> | null;
  readonly strikes: number;
  readonly errors: FitErrors;
}

/** A surface with how good it is. */
export interface DescribedSurface
  extends Pick<Surface, 'underlying' | 'asOf' | 'spotUsd' | 'tooFew' | 'butterflyBetween'> {
  readonly slices: readonly DescribedSlice[];
  /** How many quotes were left out, by reason. */
  readonly excluded: Readonly<Partial<Record<Exclusion, number>>>;
}

/** Parameters, fit errors and checks of a surface. */
export function describeSurface({
  underlying,
  asOf,
  spotUsd,
  slices,
  tooFew,
  excluded,
  butterflyBetween,
}: Surface): DescribedSurface {
  const counts: Partial<Record<Exclusion, number>> = {};
  for (const { reason } of excluded) counts[reason] = (counts[reason] ?? 0) + 1;
  return { underlying, asOf, spotUsd, slices: slices.map(describeSlice), tooFew, butterflyBetween, excluded: counts };
}

function describeSlice(slice: FittedSlice): DescribedSlice {
  const { expiry, years, forwardUsd, parity = null, svi, quoted, reach, checks, quotes } = slice;
  return {
    expiry,
    years,
    forwardUsd,
    parity,
    svi,
    quoted,
    reach,
    checks,
    strikes: quotes.length,
    errors: fitErrors(slice),
  };
}
