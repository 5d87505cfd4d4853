import { at } from '../engine/lookup.ts';
import { type Changes, follows } from '../history/changes.ts';
import { createRandom } from '../statistics/random.ts';
import type { Draws, Standardised } from './draws.ts';
import { nextVariance } from './ewma.ts';
import { simulatedDraws } from './simulate.ts';

/** Moves over several steps; a factor may be held for fewer of them than another. */
export interface PathOptions {
  /** How many steps each factor is held, in the order of the factors. */
  readonly steps: readonly number[];
  /** Past changes that moves are made of: the last so many. */
  readonly window: number;
}

/** Paths that are simulated. */
export interface SimulatedPaths extends PathOptions {
  readonly count: number;
  readonly seed: number;
  /** Of a Student's t copula; absent: Gaussian. */
  readonly degrees?: number;
}

/** Every run of the window as it was, one beginning after each period: they overlap. A run that a gap interrupts is none. */
export function historicalPaths(changes: Changes, { steps, window }: PathOptions, stepSeconds: number): Draws {
  const { factors, columns, times } = changes;
  const longest = Math.max(...steps);
  const rows: Float64Array[] = [];
  for (let first = Math.max(0, times.length - window); first + longest <= times.length; first += 1) {
    const inner = Array.from({ length: longest - 1 }, (_, step) => first + 1 + step);
    if (!inner.every((period) => follows(changes, period, stepSeconds))) continue;
    rows.push(Float64Array.from(columns, (column, factor) => sumOf(column.subarray(first, first + at(steps, factor)))));
  }
  return { factors, rows };
}

/**
 * Filtered historical simulation over several steps: each step draws one whole standardised period of the window, at the volatility that the steps before it have made (EWMA or GARCH).
 * Source: Barone-Adesi, Giannopoulos and Vosper (1999). Checked in test/risk/paths.test.ts: one step is one of {@link filteredDraws}; the variance over h steps is what the recursion expects.
 */
export function filteredPaths(standard: Standardised, { steps, window, count, seed }: SimulatedPaths): Draws {
  const random = createRandom(seed);
  const columns = standard.columns.map((column) => column.subarray(-window));
  const length = columns[0]?.length ?? 0;
  return pathsOf(standard, { steps, count }, () => {
    const period = Math.floor(random.uniform() * length);
    return columns.map((column) => at(column, period));
  });
}

/** The same, each step drawn from a copula over the factors' own standardised margins. */
export function copulaPaths(standard: Standardised, options: SimulatedPaths): Draws {
  const { steps, count } = options;
  const unit = { ...standard, next: standard.next.map(() => 1) };
  const { rows } = simulatedDraws(unit, { ...options, count: count * Math.max(...steps) });
  let drawn = 0;
  return pathsOf(standard, { steps, count }, () => {
    drawn += 1;
    return at(rows, drawn - 1);
  });
}

/** Steps one after another: what each does to the price, it does to the volatility of the next. */
function pathsOf(
  { factors, next, filters }: Standardised,
  { steps, count }: { readonly steps: readonly number[]; readonly count: number },
  draw: () => ArrayLike<number>,
): Draws {
  const longest = Math.max(...steps);
  const start = next.map((volatility) => volatility * volatility);
  const rows = Array.from({ length: count }, () => {
    const moves = new Float64Array(factors.length);
    const variances = Float64Array.from(start);
    for (let step = 0; step < longest; step += 1) {
      const z = draw();
      filters.forEach((filter, factor) => {
        const variance = at(variances, factor);
        const change = at(z, factor) * Math.sqrt(variance);
        if (step < at(steps, factor)) moves[factor] = at(moves, factor) + change;
        variances[factor] = nextVariance(filter, variance, change);
      });
    }
    return moves;
  });
  return { factors, rows };
}

function sumOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
