import { at } from '../lookup.ts';

/** One memory under two views. */
export interface Views {
  readonly words: Uint32Array;
  readonly floats: Float64Array;
}

/** Reads a word of a job: a count, or a pointer in bytes. */
export type Read = (field: number) => number;

/** The words of the job at a place. */
export function reader({ words }: Views, job: number): Read {
  return (field) => at(words, (job >> 2) + field);
}
