import { at } from '../engine/lookup.ts';
import { median } from '../engine/surface/median.ts';
import type { Changes } from './changes.ts';

/**
 * Why a change stands out. `market`: most of the other assets moved the same way by more than three of their own. `reversed`: the next change takes back four fifths
 * of it, as after a bad print. `own`: neither, the asset itself.
 */
export type OutlierReason = 'market' | 'reversed' | 'own';

/** A change far outside what the asset did before. */
export interface Outlier {
  readonly factor: string;
  readonly time: number;
  /** Logarithmic. */
  readonly change: number;
  /** In typical changes of the window before. */
  readonly size: number;
  readonly reason: OutlierReason;
}

const WINDOW = 90;
const LIMIT = 8;
const MOVED = 3;
const TAKEN_BACK = 0.8;
/** The median absolute deviation of a normal variable is its standard deviation ÷ 1.4826. */
const NORMAL_MAD = 1.4826;

/**
 * Changes of more than eight typical ones (1.4826 · median absolute change) of the 90 periods before. They are flagged and explained, and stay in the history: crashes are what it is for.
 * Nothing is flagged in the first 90 periods, nor against a window in which half the changes are 0.
 */
export function outliersOf(changes: Changes): Outlier[] {
  const sizes = changes.columns.map(sizesOf);
  return changes.factors.flatMap((factor, column) =>
    changes.times.flatMap((time, index) => {
      const size = at(at(sizes, column), index);
      if (!(Math.abs(size) > LIMIT)) return [];
      const change = at(at(changes.columns, column), index);
      return [{ factor, time, change, size, reason: reasonOf(changes, { sizes, column, index }) }];
    }),
  );
}

function sizesOf(column: Float64Array): Float64Array {
  return column.map((change, index) => {
    if (index < WINDOW) return 0;
    const typical = NORMAL_MAD * median([...column.subarray(index - WINDOW, index)].map(Math.abs));
    return typical > 0 ? change / typical : 0;
  });
}

interface Place {
  readonly sizes: readonly Float64Array[];
  readonly column: number;
  readonly index: number;
}

function reasonOf({ columns }: Changes, { sizes, column, index }: Place): OutlierReason {
  const own = at(at(columns, column), index);
  const others = sizes.filter((_, other) => other !== column);
  const along = others.filter((size) => at(size, index) * Math.sign(own) > MOVED);
  if (others.length > 0 && 2 * along.length >= others.length) return 'market';
  const next = columns[column]?.[index + 1] ?? 0;
  return -next * Math.sign(own) >= TAKEN_BACK * Math.abs(own) ? 'reversed' : 'own';
}
