/** The record's own entry of a key: `constructor` and the like are no entries. */
export function lookup<V>(record: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** An element whose index is known to be in range. */
export function at<T>(items: ArrayLike<T>, index: number): T {
  return items[index] as T;
}

/** Left to right, always in the order given: the same bits on every machine. */
export function sum(items: readonly number[]): number {
  let total = 0;
  for (const item of items) total += item;
  return total;
}
