import { ewmaCorrelation, shrink } from './correlation.ts';
import { copulaDraws, type Draws, empiricalQuantile, type Standardised } from './draws.ts';
import { fitDegrees } from './fitCopula.ts';
import { cholesky, type Matrix, NotPositiveDefiniteError, nearestCorrelation } from './matrix.ts';

/** Of correlation: slower than of volatility. */
const CORRELATION_DECAY = 0.99;
/** Toward the mean correlation. */
const SHRINKAGE = 0.05;

/** A Monte Carlo simulation of the next period. */
export interface Simulation {
  /** Standardised changes that correlation, margins and degrees are taken from: the last so many. */
  readonly window: number;
  readonly count: number;
  readonly seed: number;
  /** Of Student's t; absent: Gaussian. */
  readonly degrees?: number;
}

/** Draws by a copula over the factors' own margins, as they were in the window, at the volatility of the next period. */
export function simulatedDraws(standard: Standardised, { window, count, seed, degrees }: Simulation): Draws {
  const copula = {
    correlation: correlationOf(standard, window),
    quantile: empiricalQuantile(standard, window),
    ...(degrees === undefined ? {} : { degrees }),
  };
  return copulaDraws(standard.factors, copula, { seed, count });
}

/** The likeliest degrees of freedom of the last standardised changes; one factor alone has no copula, and 30. */
export function likeliestDegrees(standard: Standardised, window: number): number {
  const columns = standard.columns.map((column) => column.slice(-window));
  return columns.length < 2 ? 30 : fitDegrees(columns, correlationOf(standard, window));
}

/** By EWMA, shrunk; where no variables can have it, the nearest that some can. */
export function correlationOf({ columns }: Standardised, window: number): Matrix {
  const of = columns.map((column) => column.subarray(-window));
  const shrunk = shrink(ewmaCorrelation(of, CORRELATION_DECAY), SHRINKAGE);
  try {
    cholesky(shrunk);
    return shrunk;
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return nearestCorrelation(shrunk);
    throw error;
  }
}
