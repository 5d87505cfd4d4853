import { MarginError } from '../../errors.ts';
import { at } from '../lookup.ts';
import type { OptionChain } from './chain.ts';
import { fitSvi } from './fitSvi.ts';
import { FARTHEST_SHARE, sectionAt, type Term } from './section.ts';
import { readSlices, type Slice, type Slices } from './slices.ts';
import { butterfly, durrleman, gridOf, type Svi, smallest, totalVariance, wingSlope } from './svi.ts';

/** One expiry of a surface. */
export interface FittedSlice extends Slice {
  readonly svi: Svi;
  /** Log-moneyness of the outermost quotes that were fitted. */
  readonly quoted: Range;
  /** How far out it answers: {@link STRIKE_REACH} standard deviations beyond what is quoted. */
  readonly reach: Range;
  readonly checks: SliceChecks;
}

/** Of the dense check: nothing here is negative on a surface that is handed out. */
export interface SliceChecks {
  /** The smallest g(k). */
  readonly butterfly: number;
  /** The smallest excess of total variance over 1.0001 times that of the expiries before, where they answer too; of the first its smallest variance. */
  readonly calendar: number;
  /** How far the whole slice was lifted to clear the expiry before, in total variance. */
  readonly lifted: number;
}

/** Volatility for every strike and expiry of one underlying within what was quoted. */
export interface Surface extends Omit<Slices, 'slices'> {
  readonly underlying: string;
  readonly asOf: number;
  readonly spotUsd: number;
  /** In the order of time. */
  readonly slices: readonly FittedSlice[];
  /** The smallest g(k) between the expiries and beyond the last. */
  readonly butterflyBetween: number;
}

/** How far beyond the outermost quoted strike a surface answers, in standard deviations at the money. */
export const STRIKE_REACH = 0.5;
/** The steepest wing that has a distribution (Lee, 2004). */
const MAX_WING_SLOPE = 2;
const DENSE_POINTS = 401;
/** A slice is held this much above those before: less than a hundredth of a volatility point. */
const CALENDAR_MARGIN = 1.0001;
/** Around a vertex, in σ. */
const VERTEX_STEPS = gridOf({ low: -6, high: 6 }, 49);
/** How dear an arbitrage is made, try by try. */
const STRICTNESS = [1, 100, 10_000];

/**
 * Fits a surface to a chain: raw SVI for each expiry, from the nearest to the farthest, each above all those before wherever both answer.
 * Every slice is then checked densely over all that it answers.
 *
 * The sources and the choice: docs/decisions/0008-surface.md. Checked on twelve real chains in test/engine/surface/realChains.test.ts.
 *
 * @throws {SurfaceArbitrageError} where the check fails: there is no answer with an arbitrage in it.
 * @throws {NoSmileError} {@link NoForwardError} {@link ForwardDisagreesError}
 */
export function fitSurface(chain: OptionChain): Surface {
  const { slices, excluded, tooFew } = readSlices(chain);
  const fitted: FittedSlice[] = [];
  for (const slice of slices) fitted.push(fitAbove(slice, fitted));
  const { underlying, asOf, spotUsd } = chain;
  const butterflyBetween = requireNoneBetween({ asOf, spotUsd, slices: fitted });
  return { underlying, asOf, spotUsd, slices: fitted, butterflyBetween, excluded, tooFew };
}

/** Of log-moneyness, both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

function rangesOf({ quotes, years }: Slice): Pick<FittedSlice, 'quoted' | 'reach'> {
  const ks = quotes.map(({ k }) => k);
  const quoted = { low: Math.min(...ks), high: Math.max(...ks) };
  const nearest = quotes.reduce((a, b) => (Math.abs(b.k) < Math.abs(a.k) ? b : a));
  const margin = STRIKE_REACH * nearest.vol * Math.sqrt(years);
  return { quoted, reach: { low: quoted.low - margin, high: quoted.high + margin } };
}

/** Tries again with the arbitrage made dearer where the dense check finds one. */
function fitAbove(slice: Slice, before: readonly FittedSlice[]): FittedSlice {
  const ranges = rangesOf(slice);
  const floor = floorOf(before);
  const shared = [ranges.reach, ...before.map(({ reach }) => overlap(reach, ranges.reach))];
  const earlier = before.map(({ svi }) => svi);
  let failed: SliceChecks | undefined;
  for (const strictness of STRICTNESS) {
    const { points, years } = { points: slice.quotes, years: slice.years };
    const fitted = fitSvi({ points, years, reach: ranges.reach, floor, strictness });
    const dense = shared.flatMap((range) => denseGrid(range, [fitted, ...earlier]));
    const { svi, lifted, calendar } = lift(fitted, { dense, floor });
    const checks = { butterfly: smallest(dense, (k) => butterfly(svi, k)), calendar, lifted };
    const isFree = checks.butterfly >= 0 && checks.calendar >= 0 && wingSlope(svi) <= MAX_WING_SLOPE;
    if (isFree) return { ...slice, ...ranges, svi, checks };
    failed = checks;
  }
  throw new SurfaceArbitrageError(slice.expiry, failed);
}

/** The most that any expiry before has at a log-moneyness that it answers, and a little more: for what is between two points of a check. */
function floorOf(before: readonly FittedSlice[]): (k: number) => number {
  return (k) => {
    let most = 0;
    for (const { svi, reach } of before) {
      if (k >= reach.low && k <= reach.high) most = Math.max(most, totalVariance(svi, k));
    }
    return most * CALENDAR_MARGIN;
  };
}

/** Linear interpolation of total variance keeps calendars free, but not every density positive: that is checked. */
function requireNoneBetween(term: Term): number {
  let least = Number.POSITIVE_INFINITY;
  for (const expiry of expiriesBetween(term)) {
    const { reach, curve } = sectionAt(term, expiry);
    const curves = term.slices.map(({ svi }) => svi);
    const own = Math.min(...denseGrid(reach, curves).map((k) => durrleman(k, curve(k))));
    if (own < 0) throw new SurfaceArbitrageError(expiry, { butterfly: own, calendar: 0, lifted: 0 });
    least = Math.min(least, own);
  }
  return least;
}

/** Quarters of the way from each expiry to the next, and the last that is answered. Nearer than the first g is concave in time from 1 or less: it cannot fall. */
function expiriesBetween({ asOf, slices }: Term): number[] {
  const inner = slices.slice(1).flatMap(({ expiry }, index) => {
    const before = at(slices, index).expiry;
    return [0.25, 0.5, 0.75].map((share) => before + share * (expiry - before));
  });
  return [...inner, asOf + Math.floor(FARTHEST_SHARE * (at(slices, slices.length - 1).expiry - asOf))];
}

function overlap(a: Range, b: Range): Range {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

/** Evenly over a range, and closely around each curve's vertex: what it bends by is σ, however short that is beside the range. */
function denseGrid(range: Range, curves: readonly Svi[]): number[] {
  if (!(range.low < range.high)) return [];
  const isInside = (k: number) => k >= range.low && k <= range.high;
  const vertices = curves.flatMap(({ m, sigma }) => VERTEX_STEPS.map((step) => m + step * sigma));
  return [...gridOf(range, DENSE_POINTS), ...vertices.filter(isInside)];
}

/** The slice raised by what is left of a crossing between the points that the fit looked at. */
function lift(svi: Svi, { dense, floor }: { dense: readonly number[]; floor: (k: number) => number }) {
  const above = (curve: Svi) => smallest(dense, (k) => totalVariance(curve, k) - floor(k));
  const lifted = Math.max(0, -1.000001 * above(svi));
  const raised = { ...svi, a: svi.a + lifted };
  return { svi: raised, lifted, calendar: above(raised) };
}

/** A slice that could not be fitted without arbitrage. */
export class SurfaceArbitrageError extends MarginError {
  readonly code = 'SurfaceArbitrageError';

  constructor(expiry: number, checks: SliceChecks | undefined) {
    super(
      `Expiry ${expiry} cannot be fitted without arbitrage: least g(k) ${checks?.butterfly}, least variance above the expiry before ${checks?.calendar}. Check the chain for stale marks.`,
    );
  }
}
