import { at, sum } from '../engine/lookup.ts';
import { cholesky } from '../risk/matrix.ts';

/**
 * The coefficients x that make Σ (row · x − target)² least, by the normal equations.
 *
 * @throws {NotPositiveDefiniteError} where the rows do not determine them.
 */
export function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0;
  const indices = Array.from({ length: size }, (_, index) => index);
  const products = indices.map((i) => indices.map((j) => sum(rows.map((row) => at(row, i) * at(row, j)))));
  const right = indices.map((i) => sum(rows.map((row, index) => at(row, i) * at(targets, index))));
  const lower = cholesky(products);
  const forward = solveLower(lower, right);
  const upper = indices.map((i) => indices.map((j) => at(at(lower, size - 1 - j), size - 1 - i)));
  return solveLower(upper, forward.toReversed()).toReversed();
}

/** y with L·y = b. */
export function solveLower(lower: readonly (readonly number[])[], b: readonly number[]): number[] {
  const y: number[] = [];
  lower.forEach((row, i) => {
    let rest = at(b, i);
    for (let k = 0; k < i; k += 1) rest -= at(row, k) * at(y, k);
    y.push(rest / at(row, i));
  });
  return y;
}
