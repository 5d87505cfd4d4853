import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MarginError } from '../errors.ts';
import type { Output } from './output.ts';

/** One book's text with a name for error messages. */
interface BookText {
  readonly name: string;
  readonly text: string;
}

/**
 * Does something with each book, in order: of files, or with `-` of each line of standard input. What it throws stands in the book's place; what it returns
 * was printed already.
 *
 * @throws {BooksFailedError} at the end, where there was an error.
 */
export async function forEachBook(
  files: readonly string[],
  output: Output,
  act: (json: unknown, name: string) => MarginError | undefined,
): Promise<void> {
  const errors: MarginError[] = [];
  for await (const { name, text } of readBooks(files, process.stdin)) {
    try {
      const error = act(parseJson(text, name), name);
      if (error !== undefined) errors.push(error);
    } catch (error) {
      if (!(error instanceof MarginError)) throw error;
      errors.push(error);
      if (output.json) output.printJson({ error: { code: error.code, message: `${name}: ${error.message}` } });
      else output.print(`${name}: ${error.code}: ${error.message}\n`);
    }
  }
  if (errors.length > 0) throw new BooksFailedError(errors.length, errors[0]);
}

async function* readBooks(files: readonly string[], stdin: Readable): AsyncGenerator<BookText> {
  for (const file of files) {
    if (file !== '-') yield { name: file, text: await readBook(file) };
    else yield* readLines(stdin);
  }
}

/** The text of a file that a command is given. @throws {BookFileError} */
export async function readBook(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BookFileError(file, { problem: 'it cannot be read', cause });
  }
}

async function* readLines(input: Readable): AsyncGenerator<BookText> {
  let line = 0;
  for await (const text of createInterface({ input })) {
    line += 1;
    if (text.trim() !== '') yield { name: `line ${line}`, text };
  }
}

/** The value of a JSON text. @throws {BookFileError} */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BookFileError(name, { problem: 'it is not JSON', cause });
  }
}

/** A book that cannot be read at all. */
export class BookFileError extends MarginError {
  readonly code = 'BookFileError';

  constructor(name: string, { problem, cause }: { readonly problem: string; readonly cause: unknown }) {
    super(`The book ${name} cannot be used: ${problem}. Give a JSON file, or JSON Lines on standard input with -.`, {
      cause,
    });
  }
}

/** Some of the books could not be computed; each one's error stands in its place. */
export class BooksFailedError extends MarginError {
  readonly code = 'BooksFailedError';

  constructor(count: number, first: unknown) {
    super(`${count} ${count === 1 ? 'book' : 'books'} could not be computed. The errors stand in their places.`, {
      cause: first,
    });
  }
}
