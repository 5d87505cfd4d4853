import { at, sum } from '../engine/lookup.ts';
import { log } from '../engine/math.ts';
import { logGamma } from '../statistics/gamma.ts';
import { studentTLogDensity, studentTQuantile } from '../statistics/studentT.ts';
import { cholesky, type Matrix } from './matrix.ts';

const DEGREES = [3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30];
const LOG_PI = 1.1447298858494002;

/**
 * The degrees of freedom under which a t copula of this correlation makes the ranks of the columns likeliest, among 3 … 30.
 * Source: McNeil, Frey and Embrechts (2015), §7.5.2 (maximum pseudo-likelihood). Checked: it finds the degrees that ranks were drawn with.
 */
export function fitDegrees(columns: readonly Float64Array[], correlation: Matrix): number {
  const ranks = columns.map(ranksOf);
  const lower = cholesky(correlation);
  const scored = DEGREES.map((degrees) => ({ degrees, score: logLikelihood(ranks, { lower, degrees }) }));
  return scored.reduce((best, other) => (other.score > best.score ? other : best)).degrees;
}

/** rank ÷ (n + 1). */
function ranksOf(column: Float64Array): Float64Array {
  const order = Array.from(column.keys()).sort((a, b) => at(column, a) - at(column, b));
  const ranks = new Float64Array(column.length);
  order.forEach((index, rank) => {
    ranks[index] = (rank + 1) / (column.length + 1);
  });
  return ranks;
}

interface TCopula {
  readonly lower: Matrix;
  readonly degrees: number;
}

/** Σ of the joint density's logarithm less those of the margins. */
function logLikelihood(ranks: readonly Float64Array[], { lower, degrees }: TCopula): number {
  const size = ranks.length;
  const count = ranks[0]?.length ?? 0;
  const quantiles = Float64Array.from({ length: count }, (_, rank) =>
    studentTQuantile((rank + 1) / (count + 1), degrees),
  );
  const logRoot = sum(lower.map((row, index) => log(at(row, index))));
  const constant =
    logGamma((degrees + size) / 2) - logGamma(degrees / 2) - (size / 2) * (log(degrees) + LOG_PI) - logRoot;
  let total = 0;
  for (let row = 0; row < count; row += 1) {
    const x = ranks.map((column) => at(quantiles, Math.round(at(column, row) * (count + 1)) - 1));
    const margins = sum(x.map((value) => studentTLogDensity(value, degrees)));
    total += constant - ((degrees + size) / 2) * log(1 + squareNorm(lower, x) / degrees) - margins;
  }
  return total;
}

/** xᵀ·(L·Lᵀ)⁻¹·x. */
function squareNorm(lower: Matrix, x: readonly number[]): number {
  const solved: number[] = [];
  lower.forEach((row, i) => {
    let rest = at(x, i);
    for (let k = 0; k < i; k += 1) rest -= at(row, k) * at(solved, k);
    solved.push(rest / at(row, i));
  });
  return sum(solved.map((value) => value * value));
}
