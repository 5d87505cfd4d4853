import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { StandardBook } from '../backtest/books.ts';
import type { BookRecord } from '../backtest/record.ts';
import { type BacktestRun, type LeftOut, recordOf } from './backtestWorker.ts';

/** Threads that are worth their memory. */
const MOST_THREADS = 8;
/** Beside this file, as source or as built. */
const WORKER = new URL(`backtestWorker${import.meta.url.slice(-3)}`, import.meta.url);

/** Runs books side by side, each on one thread by itself: the answers, and their order, are those of one thread. */
export async function runBooks(
  books: readonly StandardBook[],
  run: BacktestRun,
  note: (name: string) => void,
): Promise<(BookRecord | LeftOut)[]> {
  const threads = Math.min(MOST_THREADS, availableParallelism(), books.length);
  if (threads < 2) {
    return books.map((book) => {
      note(book.name);
      return recordOf(book, run);
    });
  }
  const answers = new Map<string, BookRecord | LeftOut>();
  const waiting = [...books];
  const workers = Array.from({ length: threads }, () => new Worker(WORKER, { workerData: run }));
  try {
    await Promise.all(workers.map((worker) => work(worker, { waiting, answers, note })));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return books.flatMap(({ name }) => answers.get(name) ?? []);
}

interface Work {
  readonly waiting: StandardBook[];
  readonly answers: Map<string, BookRecord | LeftOut>;
  readonly note: (name: string) => void;
}

async function work(worker: Worker, { waiting, answers, note }: Work): Promise<void> {
  for (let book = waiting.shift(); book !== undefined; book = waiting.shift()) {
    note(book.name);
    const answer = once(worker, 'message');
    worker.postMessage(book.name);
    const [record] = await answer;
    answers.set(book.name, record);
  }
}
