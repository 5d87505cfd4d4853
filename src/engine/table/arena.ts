import { MarginError } from '../../errors.ts';
import type { Kernel, KernelSpace } from '../kernel/kernel.ts';

/** A kernel with room in its memory, given out from the bottom up. Places are bytes, multiples of 16. */
export interface Arena extends Omit<KernelSpace, 'freeFrom' | 'grow'> {
  readonly take: (bytes: number) => number;
  /** Copies words of 32 bits into a place of their own. */
  readonly putWords: (words: ArrayLike<number>) => number;
  /**
   * Copies floats into a place of their own: the kernel's door.
   *
   * @throws {NotANumberError} for a NaN or an infinity.
   */
  readonly putFloats: (name: string, floats: ArrayLike<number>) => number;
  /** A view that lives until more room is taken. */
  readonly words: (place: number, length: number) => Uint32Array;
  readonly floats: (place: number, length: number) => Float64Array;
  /** Everything from this place on may be given out again: what stood there is gone. */
  readonly release: (place: number) => void;
  /** How often something has been released. */
  readonly releases: () => number;
}

/** Room for a kernel. */
export function openArena(kernel: Kernel): Arena {
  const space = kernel.open();
  let free = space.freeFrom;
  let releases = 0;
  const take = (bytes: number): number => {
    const place = free;
    free += Math.floor((bytes + 15) / 16) * 16;
    space.grow(free);
    return place;
  };
  const words = (place: number, length: number) => new Uint32Array(space.buffer(), place, length);
  const floats = (place: number, length: number) => new Float64Array(space.buffer(), place, length);
  return {
    ...space,
    take,
    words,
    floats,
    putWords: (source) => {
      const place = take(4 * source.length);
      words(place, source.length).set(source);
      return place;
    },
    putFloats: (name, source) => {
      requireFinite(name, source);
      const place = take(8 * source.length);
      floats(place, source.length).set(source);
      return place;
    },
    release: (place) => {
      free = place;
      releases += 1;
    },
    releases: () => releases,
  };
}

/** x − x is 0 for every number that is one. */
function requireFinite(name: string, floats: ArrayLike<number>): void {
  for (let index = 0; index < floats.length; index += 1) {
    const value = floats[index] as number;
    if (value - value !== 0) throw new NotANumberError(name, index, value);
  }
}

/** A NaN or an infinity where a table of margins needs a number. */
export class NotANumberError extends MarginError {
  readonly code = 'NotANumberError';
  readonly value: number;

  constructor(name: string, index: number, value: number) {
    super(`${name}[${index}] is ${value}, which is no finite number. Correct the source of this number.`);
    this.value = value;
  }
}
