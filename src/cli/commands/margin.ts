import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MarginError } from '../../errors.ts';
import type { MarginJson } from '../../report/marginJson.ts';
import { bookMargin, compareModels, type ModelsJson, modelErrors, parseModels } from '../compareModels.ts';
import { createOutput, type Output } from '../output.ts';
import { renderMargin } from '../renderMargin.ts';
import { renderModels } from '../renderModels.ts';

export interface MarginOptions {
  readonly json?: boolean;
  readonly scenarios?: boolean;
  /** Presets, separated by commas. */
  readonly model?: string;
}

/** One book's text with a name for error messages. */
interface BookText {
  readonly name: string;
  readonly text: string;
}

/**
 * `crossmargin margin <book…|->`: the margin of each book, in order; with `--model`, under each of some presets beside each other.
 * A book that cannot be computed gives its error in its place, and so does a preset that cannot value it. The command ends with the first
 * error's exit code.
 */
export async function margin(files: readonly string[], options: MarginOptions): Promise<void> {
  const output = createOutput(options);
  const models = options.model === undefined ? undefined : parseModels(options.model);
  const errors: unknown[] = [];
  for await (const book of readBooks(files, process.stdin)) {
    try {
      const json = parseJson(book.text, book.name);
      if (models === undefined) printMargin(book.name, { margin: bookMargin(json, options), output });
      else printModels(book.name, { comparison: compareModels(json, models, options), output });
    } catch (error) {
      if (!(error instanceof MarginError)) throw error;
      errors.push(error);
      if (!(error instanceof ModelsFailedError)) printError(book.name, { error, output });
    }
  }
  if (errors.length > 0) throw new BooksFailedError(errors.length, errors[0]);
}

function printMargin(name: string, { margin: result, output }: { margin: MarginJson; output: Output }): void {
  output.json ? output.printJson(result) : output.print(`${renderMargin(name, result)}\n`);
}

function printModels(name: string, { comparison, output }: { comparison: ModelsJson; output: Output }): void {
  output.json ? output.printJson(comparison) : output.print(`${renderModels(name, comparison)}\n`);
  const [first] = modelErrors(comparison);
  if (first !== undefined) throw new ModelsFailedError(name, first.name);
}

function printError(name: string, { error, output }: { error: MarginError; output: Output }): void {
  if (output.json) output.printJson({ error: { code: error.code, message: `${name}: ${error.message}` } });
  else output.print(`${name}: ${error.code}: ${error.message}\n`);
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

/** A preset that cannot value a book; its error stands in its place. */
export class ModelsFailedError extends MarginError {
  readonly code = 'ModelsFailedError';

  constructor(name: string, model: string) {
    super(`The book ${name} has no margin under ${model}. Leave out the model, or see its error.`);
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
