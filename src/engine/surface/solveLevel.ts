import { at } from '../lookup.ts';

/** Total variance at a log-moneyness, and what missing it by 1 weighs. */
export interface WeightedPoint {
  readonly k: number;
  readonly w: number;
  readonly weight: number;
}

/** SVI for given m and σ: w = a + right·(z + y)/2 + left·(z − y)/2, y = (k − m)/σ, z = √(y² + 1). */
export interface Level {
  readonly a: number;
  readonly right: number;
  readonly left: number;
}

/** What is solved: near the points, not under the floors, no wing falling. */
export interface LevelTask {
  readonly points: readonly WeightedPoint[];
  readonly floors: readonly WeightedPoint[];
  readonly m: number;
  readonly sigma: number;
}

/** A floor that is missed joins the points until the next pass; so many passes settle it. */
const PASSES = 5;
/** Both wings, one of them, none. */
const CHOICES = [[0, 1, 2], [0, 1], [0, 2], [0]] as const;

type Row = readonly [number, number, number];

interface Equations {
  readonly rows: readonly Row[];
  readonly targets: readonly number[];
}

/** Weighted least squares with wings of at least zero; the floors by an active set. Checked in test/engine/surface/fit.test.ts. */
export function solveLevel({ points, floors, m, sigma }: LevelTask): Level {
  const own = equationsOf(points, { m, sigma });
  const bounds = equationsOf(floors, { m, sigma });
  let solution = solveNonnegative(own);
  for (let pass = 0; pass < PASSES; pass += 1) {
    const missed = bounds.rows.flatMap((row, index) => (dot(row, solution) < at(bounds.targets, index) ? [index] : []));
    if (missed.length === 0) break;
    solution = solveNonnegative({
      rows: [...own.rows, ...missed.map((index) => at(bounds.rows, index))],
      targets: [...own.targets, ...missed.map((index) => at(bounds.targets, index))],
    });
  }
  const [a, right, left] = solution;
  return { a, right, left };
}

function equationsOf(points: readonly WeightedPoint[], { m, sigma }: { m: number; sigma: number }): Equations {
  return {
    rows: points.map(({ k, weight }): Row => {
      const y = (k - m) / sigma;
      const z = Math.sqrt(y * y + 1);
      return [weight, (weight * (z + y)) / 2, (weight * (z - y)) / 2];
    }),
    targets: points.map(({ w, weight }) => weight * w),
  };
}

/** The best of the solutions in which some wings are flat and no other falls. The level alone always is one. */
function solveNonnegative({ rows, targets }: Equations): Row {
  const equations = normalEquations({ rows, targets });
  let best: { readonly solution: Row; readonly gain: number } | undefined;
  for (const chosen of CHOICES) {
    const solution = solveChosen(chosen, equations);
    if (solution === undefined || solution[1] < 0 || solution[2] < 0) continue;
    const gain = dot(solution, equations.vector);
    if (best === undefined || gain > best.gain) best = { solution, gain };
  }
  return best?.solution ?? [0, 0, 0];
}

interface NormalEquations {
  readonly matrix: readonly (readonly number[])[];
  readonly vector: Row;
}

function normalEquations({ rows, targets }: Equations): NormalEquations {
  const matrix = [0, 1, 2].map(() => [0, 0, 0]);
  const vector: [number, number, number] = [0, 0, 0];
  rows.forEach((row, index) => {
    for (let i = 0; i < 3; i += 1) {
      vector[i] = at(vector, i) + at(row, i) * at(targets, index);
      const own = at(matrix, i);
      for (let j = 0; j < 3; j += 1) own[j] = at(own, j) + at(row, i) * at(row, j);
    }
  });
  return { matrix, vector };
}

/** Gaussian elimination of the chosen unknowns, the others 0; nothing where the equations are dependent. */
function solveChosen(chosen: readonly number[], { matrix, vector }: NormalEquations): Row | undefined {
  const size = chosen.length;
  const rows = chosen.map((i) => [...chosen.map((j) => at(at(matrix, i), j)), at(vector, i)]);
  for (let pivot = 0; pivot < size; pivot += 1) {
    const own = at(rows, pivot);
    if (!(at(own, pivot) > at(at(matrix, at(chosen, pivot)), at(chosen, pivot)) * 1e-13)) return undefined;
    for (const row of rows.slice(pivot + 1)) {
      const factor = at(row, pivot) / at(own, pivot);
      for (let column = pivot; column <= size; column += 1) row[column] = at(row, column) - factor * at(own, column);
    }
  }
  const solution: [number, number, number] = [0, 0, 0];
  for (let pivot = size - 1; pivot >= 0; pivot -= 1) {
    const row = at(rows, pivot);
    let rest = at(row, size);
    for (let other = pivot + 1; other < size; other += 1) rest -= at(row, other) * at(solution, at(chosen, other));
    solution[at(chosen, pivot)] = rest / at(row, pivot);
  }
  return solution;
}

function dot(a: Row, b: Row): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
