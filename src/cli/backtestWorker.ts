import { parentPort, workerData } from 'node:worker_threads';
import type { History } from '../backtest/bookHistory.ts';
import { type StandardBook, standardBooks } from '../backtest/books.ts';
import { type BookRecord, recordBook } from '../backtest/record.ts';
import { type BacktestOptions, runBook } from '../backtest/run.ts';
import { MarginError } from '../errors.ts';

/** What all books of a backtest are run with. Plain data: it goes to every thread. */
export interface BacktestRun {
  readonly history: History;
  readonly options: BacktestOptions;
}

/** A book whose assets the files do not have, or not for long enough. */
export interface LeftOut {
  readonly name: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Runs one book; what is final about it stands in its place. */
export function recordOf(book: StandardBook, { history, options }: BacktestRun): BookRecord | LeftOut {
  try {
    return recordBook(book, runBook(book, history, options), options);
  } catch (error) {
    if (!(error instanceof MarginError)) throw error;
    return { name: book.name, error: { code: error.code, message: error.message } };
  }
}

/** As a thread: a name comes in, what became of the book goes out. */
parentPort?.on('message', (name: string) => {
  const book = standardBooks().find((one) => one.name === name);
  if (book !== undefined) parentPort?.postMessage(recordOf(book, workerData as BacktestRun));
});
