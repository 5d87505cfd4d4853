import { writeFile } from 'node:fs/promises';
import type { BookRecord } from '../../backtest/record.ts';
import { type BacktestReport, reportOf } from '../../backtest/report.ts';
import { MarginError } from '../../errors.ts';
import { backtestPage } from '../../page/backtestPage.ts';
import { backtestAccounts } from '../backtestAccounts.ts';
import {
  type BacktestCommandOptions,
  BacktestError,
  booksNamed,
  readHistory,
  readOptions,
} from '../backtestOptions.ts';
import { runBooks } from '../backtestThreads.ts';
import type { LeftOut } from '../backtestWorker.ts';
import { createOutput } from '../output.ts';
import { renderAccounts } from '../renderAccounts.ts';
import { renderBacktest } from '../renderBacktest.ts';

/** `crossmargin backtest`: margin, VaR and ES of standard books on every day of a history, what was lost the next day, and the statistics of both; with `--accounts` real accounts instead. */
export async function backtest(command: BacktestCommandOptions): Promise<void> {
  const output = createOutput(command);
  const { accounts } = command;
  if (accounts !== undefined) {
    const result = await backtestAccounts({ ...command, accounts });
    return output.json ? output.printJson(result) : output.print(renderAccounts(result));
  }
  const options = readOptions(command);
  const books = booksNamed(command.books);
  const { history, overlaps } = await readHistory(command);
  const answers = await runBooks(books, { history, options }, (name) => output.note(name));
  const leftOut = answers.flatMap((answer) => ('error' in answer ? [answer] : []));
  const records = answers.flatMap((answer) => ('error' in answer ? [] : [answer]));
  const [first] = leftOut;
  if (records.length === 0)
    throw new BacktestError(
      `no book has a day; ${first?.name}: ${first?.error.code}: ${first?.error.message.replace(/\.$/, '')}`,
    );
  const report = reportOf(records);
  if (command.html !== undefined) await writePage(command.html, { command, records, report, leftOut });
  if (!output.json) return output.print(renderBacktest(report.books, leftOut));
  const { books: rows, ...rest } = report;
  output.printJson({ ...described(command), books: rows, leftOut, overlaps, ...rest });
}

interface Page {
  readonly command: BacktestCommandOptions;
  readonly records: readonly BookRecord[];
  readonly report: BacktestReport;
  readonly leftOut: readonly LeftOut[];
}

async function writePage(file: string, { command, records, report, leftOut }: Page): Promise<void> {
  const { window, methods, vols } = command;
  const page = backtestPage({
    records,
    report,
    settings: [
      `window of ${window} days`,
      methods,
      vols === undefined ? 'stand-in volatility' : 'volatility of an index',
    ],
    leftOut: leftOut.map(({ name, error }) => `${name}: ${error.code}: ${error.message}`),
  });
  try {
    await writeFile(file, page);
  } catch (cause) {
    throw new PageFileError(file, cause);
  }
}

function described({ prices, vols, from, to, models, methods, window, draws }: BacktestCommandOptions) {
  return {
    prices,
    vols: vols ?? null,
    from: from ?? null,
    to: to ?? null,
    models,
    methods,
    window: Number(window),
    draws: Number(draws),
  };
}

/** A page that cannot be written. */
export class PageFileError extends MarginError {
  readonly code = 'PageFileError';

  constructor(file: string, cause: unknown) {
    super(`The page ${file} cannot be written. Name a file in a folder that exists and may be written to.`, { cause });
  }
}
