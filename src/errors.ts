/** Every error of the project. Callers match on the class or on `code`, never on the text. */
export abstract class MarginError extends Error {
  /** The class name, stable across versions and listed in docs/errors.md. */
  abstract readonly code: string;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A source did not answer, or answered something that passes with time: the same call may succeed later. */
export abstract class SourceError extends MarginError {}

/** An account that is left out of a report, and the final error for which it is. */
export interface Refusal {
  readonly account: `0x${string}`;
  readonly error: MarginError;
}
