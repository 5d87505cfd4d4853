import { at } from '../lookup.ts';

/** A point of the plane and what it costs. */
interface Vertex {
  readonly x: number;
  readonly y: number;
  readonly cost: number;
}

/** What is minimised, and from where. */
export interface Search {
  readonly cost: (x: number, y: number) => number;
  readonly start: { readonly x: number; readonly y: number };
  /** The first steps along both axes. */
  readonly step: { readonly x: number; readonly y: number };
  readonly iterations: number;
}

/**
 * The downhill simplex in the plane, always the same number of iterations: the same bits on every machine.
 * Source: Nelder and Mead, A simplex method for function minimization (1965), with the coefficients 1, 2, ½, ½. Checked on Rosenbrock's valley in
 * test/engine/surface/fit.test.ts.
 */
export function nelderMead({ cost, start, step, iterations }: Search): { x: number; y: number; cost: number } {
  const vertex = (x: number, y: number): Vertex => ({ x, y, cost: cost(x, y) });
  const moved = [vertex(start.x + step.x, start.y), vertex(start.x, start.y + step.y)];
  let simplex = sortVertices([vertex(start.x, start.y), ...moved]);
  for (let iteration = 0; iteration < iterations; iteration += 1) simplex = sortVertices(next(simplex, vertex));
  return at(simplex, 0);
}

function next(simplex: readonly Vertex[], vertex: (x: number, y: number) => Vertex): Vertex[] {
  const [best, good, worst] = [at(simplex, 0), at(simplex, 1), at(simplex, 2)];
  const centre = { x: (best.x + good.x) / 2, y: (best.y + good.y) / 2 };
  const along = (t: number) => vertex(centre.x + t * (centre.x - worst.x), centre.y + t * (centre.y - worst.y));
  const reflected = along(1);
  if (reflected.cost < best.cost) {
    const expanded = along(2);
    return [best, good, expanded.cost < reflected.cost ? expanded : reflected];
  }
  if (reflected.cost < good.cost) return [best, good, reflected];
  const contracted = reflected.cost < worst.cost ? along(0.5) : along(-0.5);
  if (contracted.cost < Math.min(reflected.cost, worst.cost)) return [best, good, contracted];
  const toBest = ({ x, y }: Vertex) => vertex((best.x + x) / 2, (best.y + y) / 2);
  return [best, toBest(good), toBest(worst)];
}

/** The cheapest first; of equals the one that was there first. */
function sortVertices(vertices: readonly Vertex[]): Vertex[] {
  return [...vertices].sort((a, b) => (a.cost === b.cost ? 0 : a.cost - b.cost));
}
