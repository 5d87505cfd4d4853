import { at } from '../engine/lookup.ts';
import { normalCdf } from '../engine/math.ts';
import type { Changes } from '../history/changes.ts';
import { createRandom } from '../statistics/random.ts';
import { studentTCdf } from '../statistics/studentT.ts';
import { ewmaFilter, type VarianceFilter, variancesOf } from './ewma.ts';
import { cholesky, type Matrix } from './matrix.ts';

/** Joint moves that are equally likely: a row of logarithmic changes for each draw, in the order of the factors. */
export interface Draws {
  readonly factors: readonly string[];
  readonly rows: readonly Float64Array[];
}

/** Changes ÷ their volatility of the time, and the volatility of the next one. */
export interface Standardised {
  readonly factors: readonly string[];
  /** A column for each factor. */
  readonly columns: readonly Float64Array[];
  readonly next: readonly number[];
  /** What the volatilities are by, a filter for each factor. */
  readonly filters: readonly VarianceFilter[];
}

/** The last `count` changes as they were: historical simulation. */
export function historicalDraws({ factors, columns }: Changes, count: number): Draws {
  return { factors, rows: rowsOf(columns.map((column) => column.subarray(-count))) };
}

/**
 * Each change in units of what volatility was then. For each factor the decay of an average, or a filter (GARCH).
 *
 * @throws {FlatSeriesError}
 */
export function standardise({ factors, columns }: Changes, decays: readonly (number | VarianceFilter)[]): Standardised {
  const filters = decays.map((decay) => (typeof decay === 'number' ? ewmaFilter(decay) : decay));
  const variances = columns.map((column, index) => variancesOf(column, at(filters, index)));
  return {
    factors,
    columns: columns.map((column, index) =>
      column.map((change, period) => change / Math.sqrt(at(at(variances, index), period))),
    ),
    next: variances.map((of) => Math.sqrt(at(of, of.length - 1))),
    filters,
  };
}

/**
 * The last `count` standardised changes at the volatility of the next: filtered historical simulation, the days kept whole.
 * Source: Barone-Adesi, Giannopoulos and Vosper, "VaR without correlations for portfolios of derivative securities" (1999).
 */
export function filteredDraws({ factors, columns, next }: Standardised, count: number): Draws {
  const scaled = columns.map((column, index) => column.subarray(-count).map((z) => z * at(next, index)));
  return { factors, rows: rowsOf(scaled) };
}

/** How the factors of a simulation move together, and each by itself. */
export interface Copula {
  readonly correlation: Matrix;
  /** Of Student's t; absent: Gaussian. A whole number above 2. */
  readonly degrees?: number;
  /** The change of a factor at a cumulative probability. */
  readonly quantile: (factor: number, p: number) => number;
}

/**
 * Draws from a copula: x = L·z (÷ √(χ²/ν) for Student's t), u the probability of each x, the change its quantile. Deterministic by the seed.
 * Source: McNeil, Frey and Embrechts, "Quantitative Risk Management" (2015), §7.1 and algorithm 7.8.
 *
 * @throws {NotPositiveDefiniteError}
 */
export function copulaDraws(
  factors: readonly string[],
  copula: Copula,
  { seed, count }: { readonly seed: number; readonly count: number },
): Draws {
  const { correlation, degrees, quantile } = copula;
  const lower = cholesky(correlation);
  const random = createRandom(seed);
  const rows = Array.from({ length: count }, () => {
    const z = factors.map(() => random.normal());
    let square = 0;
    for (let index = 0; index < (degrees ?? 0); index += 1) square += random.normal() ** 2;
    const scale = degrees === undefined ? 1 : Math.sqrt(degrees / square);
    return Float64Array.from(lower, (row, factor) => {
      let x = 0;
      row.forEach((part, index) => {
        x += part * at(z, index);
      });
      return quantile(factor, degrees === undefined ? normalCdf(x) : studentTCdf(scale * x, degrees));
    });
  });
  return { factors, rows };
}

/** The quantiles of the last standardised changes, interpolated, at the volatility of the next: the margins of a {@link Copula} that are as they were. */
export function empiricalQuantile({ columns, next }: Standardised, count: number): Copula['quantile'] {
  const sorted = columns.map((column) => column.slice(-count).sort());
  return (factor, p) => {
    const values = at(sorted, factor);
    const place = Math.min(values.length - 1, Math.max(0, p * values.length - 0.5));
    const low = Math.floor(place);
    const high = Math.min(values.length - 1, low + 1);
    return at(next, factor) * (at(values, low) + (place - low) * (at(values, high) - at(values, low)));
  };
}

function rowsOf(columns: readonly Float64Array[]): Float64Array[] {
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, row) =>
    Float64Array.from(columns, (column) => at(column, row)),
  );
}
