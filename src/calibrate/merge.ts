import { at } from '../engine/lookup.ts';

/** Points that stand together. */
export interface Cluster {
  /** Indices of the points, ascending. */
  readonly members: readonly number[];
  readonly mean: readonly number[];
}

/**
 * Puts points together until `most` clusters are left, at each step the two whose union raises the sum of squares about the means least: m·n/(m + n) · |difference of the means|². The first of equals.
 * Means stay, so a book that is linear loses nothing but at the edge of its tail. Source: J. H. Ward, "Hierarchical grouping to optimize an objective function" (1963).
 * In the order of their first members.
 */
export function mergeNearest(points: readonly (readonly number[])[], most: number): Cluster[] {
  const clusters: Cluster[] = points.map((mean, index) => ({ members: [index], mean }));
  while (clusters.length > most) {
    const [first, second] = nearest(clusters);
    clusters[first] = union(at(clusters, first), at(clusters, second));
    clusters.splice(second, 1);
  }
  return clusters;
}

function nearest(clusters: readonly Cluster[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let pair: [number, number] = [0, 1];
  for (let first = 0; first < clusters.length; first += 1) {
    for (let second = first + 1; second < clusters.length; second += 1) {
      const cost = costOf(at(clusters, first), at(clusters, second));
      if (cost < least) [least, pair] = [cost, [first, second]];
    }
  }
  return pair;
}

function costOf(a: Cluster, b: Cluster): number {
  let square = 0;
  for (let index = 0; index < a.mean.length; index += 1) {
    const difference = at(a.mean, index) - at(b.mean, index);
    square += difference * difference;
  }
  return (square * a.members.length * b.members.length) / (a.members.length + b.members.length);
}

function union(a: Cluster, b: Cluster): Cluster {
  const members = [...a.members, ...b.members].sort((one, other) => one - other);
  const mean = a.mean.map((x, index) => (x * a.members.length + at(b.mean, index) * b.members.length) / members.length);
  return { members, mean };
}
