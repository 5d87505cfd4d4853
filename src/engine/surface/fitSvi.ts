import { at } from '../lookup.ts';
import { exp, log, normalDensity } from '../math.ts';
import { nelderMead } from './nelderMead.ts';
import { solveLevel, type WeightedPoint } from './solveLevel.ts';
import { butterfly, gridOf, type Svi, totalVariance, wingSlope } from './svi.ts';

/** One volatility to fit. */
export interface SmilePoint {
  /** ln(K/F). */
  readonly k: number;
  readonly vol: number;
}

/** What a slice is fitted to, and what it must stay above. */
export interface SliceTask {
  readonly points: readonly SmilePoint[];
  readonly years: number;
  /** The log-moneyness over which there must be no arbitrage. */
  readonly reach: { readonly low: number; readonly high: number };
  /** Total variance of the expiry before; 0 before the first. */
  readonly floor: (k: number) => number;
  /** Factor on what a shape with an arbitrage costs. */
  readonly strictness: number;
}

/** What every strike counts for beside its vega, so that the wings are held too. */
const WING_WEIGHT = 0.005;
const OWN_POINTS = 61;
const WIDE_POINTS = 61;
/** Where the search starts, in standard deviations: all of these are tried, the best is refined. */
const STARTS_M = [-2, -1, -0.5, 0, 0.5, 1, 2];
const STARTS_SIGMA = [0.15, 0.4, 1, 2, 4];
const ITERATIONS = 90;
/** g is held this far above zero while fitting, and wings this much flatter than 2; missing it by 1 costs a volatility error of √0.1, and more on the next try. */
const BUTTERFLY_MARGIN = 0.01;
const WING_LIMIT = 1.9;
const SHAPE_COST = 0.1;

/**
 * Fits raw SVI to one expiry. For given m and σ the curve is linear in the level and its two wings, which are solved exactly (not negative, and above the expiry
 * before); m and σ are searched for, from fixed starts by a fixed number of steps.
 *
 * Least squares in volatility, each strike weighted by its vega relative to the one at the money plus a share for all.
 * Source: Zeliade Systems, Quasi-explicit calibration of Gatheral's SVI model (2009). Checked: parameters that made the volatilities are found again, and the
 * error on twelve real chains, in test/engine/surface.
 */
export function fitSvi(task: SliceTask): Svi {
  const fitting = prepare(task);
  const { deviation } = fitting;
  const sviOf = (x: number, y: number) => sviAt(fitting, x * deviation, deviation * exp(y));
  const cost = (x: number, y: number) => costOf(fitting, sviOf(x, y));
  const starts = STARTS_M.flatMap((m) => STARTS_SIGMA.map((sigma) => ({ x: m, y: log(sigma) })));
  const costs = starts.map((from) => cost(from.x, from.y));
  const start = at(starts, costs.indexOf(Math.min(...costs)));
  const found = nelderMead({ cost, start, step: { x: 0.4, y: 0.4 }, iterations: ITERATIONS });
  return sviOf(found.x, found.y);
}

interface Fitting extends Pick<SliceTask, 'strictness'> {
  readonly points: readonly WeightedPoint[];
  readonly floors: readonly WeightedPoint[];
  readonly grid: readonly number[];
  /** √w at the money: the unit of m and σ. */
  readonly deviation: number;
  /** Of m and σ. */
  readonly largest: number;
}

function prepare({ points, years, reach, floor, strictness }: SliceTask): Fitting {
  const nearest = points.reduce((a, b) => (Math.abs(b.k) < Math.abs(a.k) ? b : a));
  const deviation = nearest.vol * Math.sqrt(years);
  const ks = points.map(({ k }) => k);
  const own = { low: Math.min(...ks), high: Math.max(...ks) };
  const grid = [...gridOf(own, OWN_POINTS), ...gridOf(reach, WIDE_POINTS)];
  const weighted = points.map(({ k, vol }) => {
    const d1 = deviation / 2 - k / deviation;
    const share = Math.sqrt(normalDensity(d1) / normalDensity(0) + WING_WEIGHT);
    return { k, w: vol * vol * years, weight: share / (2 * vol * years) };
  });
  const weight = 10 / (2 * nearest.vol * years);
  const floors = grid.map((k) => ({ k, w: floor(k), weight }));
  return { points: weighted, floors, grid, deviation, largest: 4 * (own.high - own.low), strictness };
}

function sviAt({ points, floors }: Fitting, m: number, sigma: number): Svi {
  const { a, right, left } = solveLevel({ points, floors, m, sigma });
  const wings = right + left;
  return { a, b: wings / (2 * sigma), rho: wings > 0 ? (right - left) / wings : 0, m, sigma };
}

/** The mean squared error in volatility, plus what crossing the expiry before and a negative density cost. */
function costOf({ points, floors, grid, deviation, largest, strictness }: Fitting, svi: Svi): number {
  const { m, sigma } = svi;
  if (Math.abs(m) > largest || sigma > largest || sigma < 0.05 * deviation) return Number.MAX_VALUE;
  let missed = 0;
  for (const { k, w, weight } of points) {
    const off = weight * (w - totalVariance(svi, k));
    missed += (off * off) / points.length;
  }
  for (const { k, w, weight } of floors) {
    const off = weight * Math.max(0, w - totalVariance(svi, k));
    missed += (off * off) / floors.length;
  }
  let worst = 0;
  for (const k of grid) worst = Math.max(worst, BUTTERFLY_MARGIN - butterfly(svi, k));
  worst += Math.max(0, wingSlope(svi) - WING_LIMIT);
  return Math.min(Number.MAX_VALUE, missed + strictness * SHAPE_COST * worst);
}
