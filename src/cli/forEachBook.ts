import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { MarginError } from '../errors.ts';
import type { Output } from './output.ts';
import { readLines } from './readLines.ts';

/** One book's text with a name for error messages; why there is none. */
interface BookText {
  readonly name: string;
  readonly text: string | MarginError;
}

/** Larger files and lines are refused: their text alone would take as much memory. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Does something with each book, in order: of files, or with `-` of each line of standard input. What it throws stands in the book's place; what it returns
 * was printed already. One book is in memory at a time, and of the errors the first.
 *
 * @throws {BooksFailedError} at the end, where there was an error.
 */
export async function forEachBook(
  files: readonly string[],
  output: Output,
  act: (json: unknown, name: string) => MarginError | undefined,
): Promise<void> {
  let failed = 0;
  let first: MarginError | undefined;
  for await (const book of readBooks(files, process.stdin)) {
    const error = actOn(book, { output, act });
    if (error === undefined) continue;
    failed += 1;
    first ??= error;
  }
  if (failed > 0) throw new BooksFailedError(failed, first);
}

interface Acting {
  readonly output: Output;
  readonly act: (json: unknown, name: string) => MarginError | undefined;
}

function actOn({ name, text }: BookText, { output, act }: Acting): MarginError | undefined {
  try {
    if (typeof text !== 'string') throw text;
    return act(parseJson(text, name), name);
  } catch (error) {
    if (!(error instanceof MarginError)) throw error;
    if (output.json) output.printJson({ error: { code: error.code, message: `${name}: ${error.message}` } });
    else output.print(`${name}: ${error.code}: ${error.message}\n`);
    return error;
  }
}

async function* readBooks(files: readonly string[], stdin: Readable): AsyncGenerator<BookText> {
  for (const file of files) {
    if (file === '-') yield* readStdin(stdin);
    else yield { name: file, text: await readBook(file).catch(asBookError) };
  }
}

/** What is wrong with one file stands in its place: the others are still read. */
function asBookError(error: unknown): MarginError {
  if (error instanceof MarginError) return error;
  throw error;
}

async function* readStdin(stdin: Readable): AsyncGenerator<BookText> {
  let line = 0;
  for await (const text of readLines(stdin, MAX_BYTES)) {
    line += 1;
    const name = `line ${line}`;
    if (text === undefined) yield { name, text: tooLarge(name) };
    else if (text.trim() !== '') yield { name, text };
  }
}

/** The text of a file that a command is given. @throws {BookFileError} */
export async function readBook(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw tooLarge(file);
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof BookFileError) throw cause;
    throw new BookFileError(file, { problem: 'it cannot be read', cause });
  }
}

function tooLarge(name: string): BookFileError {
  return new BookFileError(name, { problem: `it is larger than ${MAX_BYTES / 1024 / 1024} MB`, cause: undefined });
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
