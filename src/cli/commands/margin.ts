import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseBook } from '../../book/parseBook.ts';
import { computeMargin } from '../../engine/margin.ts';
import { MarginError } from '../../errors.ts';
import { type MarginJson, marginJson } from '../../report/marginJson.ts';
import { hashModel } from '../../report/snapshot.ts';
import { createOutput } from '../output.ts';
import { renderMargin } from '../renderMargin.ts';

export interface MarginOptions {
  readonly json?: boolean;
  readonly scenarios?: boolean;
}

/** One book's text with a name for error messages. */
interface BookText {
  readonly name: string;
  readonly text: string;
}

/**
 * `crossmargin margin <book…|->`: the margin of each book, in order.
 * A book that cannot be computed gives its error in its place, and the command ends with the first error's exit code.
 */
export async function margin(files: readonly string[], options: MarginOptions): Promise<void> {
  const output = createOutput(options);
  const errors: unknown[] = [];
  for await (const book of readBooks(files, process.stdin)) {
    try {
      const result = computeBook(book, options);
      output.json ? output.printJson(result) : output.print(`${renderMargin(book.name, result)}\n`);
    } catch (error) {
      if (!(error instanceof MarginError)) throw error;
      errors.push(error);
      if (output.json) output.printJson({ error: { code: error.code, message: `${book.name}: ${error.message}` } });
      else output.print(`${book.name}: ${error.code}: ${error.message}\n`);
    }
  }
  if (errors.length > 0) throw new BooksFailedError(errors.length, errors[0]);
}

function computeBook({ text, name }: BookText, options: MarginOptions): MarginJson {
  const { portfolio, market, model } = parseBook(parseJson(text, name));
  const result = computeMargin({ portfolio, market, model });
  const json = marginJson(result, hashModel(model));
  return options.scenarios === true ? { ...json, scenarios: result.scenarios } : json;
}

async function* readBooks(files: readonly string[], stdin: Readable): AsyncGenerator<BookText> {
  for (const file of files) {
    if (file !== '-') yield { name: file, text: await readBook(file) };
    else yield* readLines(stdin);
  }
}

async function readBook(file: string): Promise<string> {
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

function parseJson(text: string, name: string): unknown {
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
