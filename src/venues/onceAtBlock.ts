import type { PinnedChain } from '../chain/pinnedChain.ts';

/** The same reading, asked of the node once for each pinned chain however often it is needed; again if it failed. */
export function onceAtBlock<T>(read: (chain: PinnedChain) => Promise<T>): (chain: PinnedChain) => Promise<T> {
  const readings = new WeakMap<PinnedChain, Promise<T>>();
  return (chain) => {
    const known = readings.get(chain);
    if (known !== undefined) return known;
    const reading = read(chain);
    readings.set(chain, reading);
    reading.catch(() => readings.delete(chain));
    return reading;
  };
}
