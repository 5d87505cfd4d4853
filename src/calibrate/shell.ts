import { at, sum } from '../engine/lookup.ts';
import { MarginError } from '../errors.ts';
import { cholesky } from '../risk/matrix.ts';
import { solveLower } from './leastSquares.ts';

/** Points in coordinates of their own in which all directions are alike: second moments 1, products 0. */
export function whiten(points: readonly (readonly number[])[]): number[][] {
  const size = points[0]?.length ?? 0;
  const moments = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => sum(points.map((point) => at(point, i) * at(point, j))) / points.length),
  );
  const lower = cholesky(moments);
  return points.map((point) => solveLower(lower, point));
}

/**
 * The points that are among the outermost `count` (rounded up) in some direction: what can be among the worst of a book that is linear in the coordinates. Directions are those
 * through the points of a lattice on the surface of a cube, 1,538 in space and 480 in the plane. Ascending indices.
 *
 * @throws {DimensionError}
 */
export function outermost(points: readonly (readonly number[])[], count: number): number[] {
  const kept = new Set<number>();
  const rank = Math.floor(count - 1e-9);
  for (const direction of directionsIn(points[0]?.length ?? 0)) {
    const places = Float64Array.from(points, (point) => {
      let place = 0;
      for (let index = 0; index < point.length; index += 1) place += at(direction, index) * at(point, index);
      return place;
    });
    const edge = at(places.slice().sort(), Math.min(rank, places.length - 1));
    places.forEach((place, index) => {
      if (place <= edge) kept.add(index);
    });
  }
  return [...kept].sort((a, b) => a - b);
}

/** Half the edge of the cube, by dimensions. */
const HALF_EDGES: readonly number[] = [0, 1, 60, 8];

function directionsIn(dimensions: number): number[][] {
  const half = HALF_EDGES[dimensions] ?? 0;
  if (half === 0) throw new DimensionError(dimensions);
  let lattice: number[][] = [[]];
  for (let dimension = 0; dimension < dimensions; dimension += 1) {
    lattice = lattice.flatMap((point) => Array.from({ length: 2 * half + 1 }, (_, step) => [...point, step - half]));
  }
  return lattice.filter((point) => point.some((coordinate) => Math.abs(coordinate) === half));
}

/** More factors than directions are tried in. */
export class DimensionError extends MarginError {
  readonly code = 'DimensionError';

  constructor(dimensions: number) {
    super(
      `Draws can be chosen in up to three dimensions, volatility among them, not in ${dimensions}. Give at most two factors; others follow the one that moves furthest.`,
    );
  }
}
