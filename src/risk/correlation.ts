import { at } from '../engine/lookup.ts';
import type { Matrix } from './matrix.ts';

/**
 * Correlations of standardised changes, weighted by λ^age. Source: RiskMetrics Technical Document (1996), §5.2.
 * Checked: equal weights at λ = 1 give the plain correlation without mean; drawn correlations are found again.
 */
export function ewmaCorrelation(columns: readonly Float64Array[], decay: number): number[][] {
  const products = columns.map((a) => columns.map((b) => weightedProduct(a, b, decay)));
  return products.map((row, i) =>
    row.map((product, j) =>
      i === j ? 1 : product / Math.sqrt(at(row, i) === 0 ? 1 : at(row, i) * at(at(products, j), j)),
    ),
  );
}

function weightedProduct(a: Float64Array, b: Float64Array, decay: number): number {
  let [total, weight] = [0, 1];
  for (let index = a.length - 1; index >= 0; index -= 1) {
    total += weight * at(a, index) * at(b, index);
    weight *= decay;
  }
  return total;
}

/**
 * A share of the way to the matrix whose correlations are all the mean one: the constant-correlation target.
 * Source: Ledoit and Wolf, "Honey, I shrunk the sample covariance matrix" (2004); the share is the caller's.
 */
export function shrink(matrix: Matrix, share: number): number[][] {
  let [total, pairs] = [0, 0];
  matrix.forEach((row, i) => {
    for (let j = 0; j < i; j += 1) {
      total += at(row, j);
      pairs += 1;
    }
  });
  const mean = pairs === 0 ? 0 : total / pairs;
  return matrix.map((row, i) => row.map((value, j) => (i === j ? 1 : (1 - share) * value + share * mean)));
}
