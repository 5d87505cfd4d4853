import { MarginError } from '../errors.ts';

/** A place of a book that does not say what it must. */
export class BookError extends MarginError {
  readonly code = 'BookError';
  /** For instance `positions[2].strike`. */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`${place}: ${problem}. Correct the book; docs/book.md describes the format.`);
    this.place = place;
  }
}
