import { at } from '../engine/lookup.ts';
import { MarginError } from '../errors.ts';

/** A square matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

const SWEEPS = 100;
const STEPS = 200;

/** A lower triangle L with L·Lᵀ the matrix. @throws {NotPositiveDefiniteError} */
export function cholesky(matrix: Matrix): number[][] {
  const lower = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) {
      let rest = at(row, j);
      for (let k = 0; k < j; k += 1) rest -= at(at(lower, i), k) * at(at(lower, j), k);
      if (i === j && !(rest > 0)) throw new NotPositiveDefiniteError(i, rest);
      at(lower, i)[j] = i === j ? Math.sqrt(rest) : rest / at(at(lower, j), j);
    }
  });
  return lower;
}

/** Eigenvalues, and eigenvectors as columns, of a symmetric matrix, by Jacobi's rotations. */
export function eigen(matrix: Matrix): { readonly values: readonly number[]; readonly vectors: Matrix } {
  const a = matrix.map((row) => [...row]);
  const vectors = matrix.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let moved = false;
    for (let p = 0; p < a.length; p += 1) {
      for (let q = p + 1; q < a.length; q += 1) moved = rotate(a, vectors, { p, q }) || moved;
    }
    if (!moved) break;
  }
  return { values: a.map((row, i) => at(row, i)), vectors };
}

function rotate(a: number[][], vectors: number[][], { p, q }: { readonly p: number; readonly q: number }): boolean {
  const off = at(at(a, p), q);
  if (Math.abs(off) < 1e-15 * Math.sqrt(Math.abs(at(at(a, p), p) * at(at(a, q), q))) || off === 0) return false;
  const theta = (at(at(a, q), q) - at(at(a, p), p)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (row: number[]) => {
    const [x, y] = [at(row, p), at(row, q)];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  };
  const [before, after] = [[...at(a, p)], [...at(a, q)]];
  a[p] = before.map((x, k) => c * x - s * at(after, k));
  a[q] = before.map((x, k) => s * x + c * at(after, k));
  a.forEach(turn);
  vectors.forEach(turn);
  return true;
}

/**
 * The correlation matrix nearest to a symmetric one (Frobenius) whose eigenvalues are at least `least`: alternating projections with Dykstra's correction.
 * Source: Higham, "Computing the nearest correlation matrix" (2002), algorithm 3.3. Checked against its example in test/risk/matrix.test.ts.
 */
export function nearestCorrelation(matrix: Matrix, least = 1e-8): number[][] {
  let y = matrix.map((row) => [...row]);
  let correction = matrix.map((row) => row.map(() => 0));
  for (let step = 0; step < STEPS; step += 1) {
    const r = y.map((row, i) => row.map((value, j) => value - at(at(correction, i), j)));
    const x = liftEigenvalues(r, least);
    correction = x.map((row, i) => row.map((value, j) => value - at(at(r, i), j)));
    y = x.map((row, i) => row.map((value, j) => (i === j ? 1 : value)));
  }
  return y.map((row, i) => row.map((value, j) => (i === j ? 1 : value * (1 - least))));
}

function liftEigenvalues(matrix: Matrix, least: number): number[][] {
  const { values, vectors } = eigen(matrix);
  return matrix.map((row, i) =>
    row.map((_, j) => {
      let total = 0;
      values.forEach((value, k) => {
        total += Math.max(value, least) * at(at(vectors, i), k) * at(at(vectors, j), k);
      });
      return total;
    }),
  );
}

/** A matrix that no variables can have as theirs. */
export class NotPositiveDefiniteError extends MarginError {
  readonly code = 'NotPositiveDefiniteError';

  constructor(row: number, pivot: number) {
    super(
      `The matrix is not positive definite: pivot ${row} is ${pivot}. Take the nearest that is (nearestCorrelation).`,
    );
  }
}
