import { breakDown } from '../../backtest/breakdown.ts';
import { comparePresets, frontierOf } from '../../backtest/frontier.ts';
import { summarise } from '../../backtest/summarise.ts';
import {
  type BacktestCommandOptions,
  BacktestError,
  booksNamed,
  readHistory,
  readOptions,
} from '../backtestOptions.ts';
import { runBooks } from '../backtestThreads.ts';
import { createOutput } from '../output.ts';
import { renderBacktest } from '../renderBacktest.ts';

/** `crossmargin backtest`: margin, VaR and ES of standard books on every day of a history, what was lost the next day, and the statistics of both. */
export async function backtest(command: BacktestCommandOptions): Promise<void> {
  const output = createOutput(command);
  const options = readOptions(command);
  const books = booksNamed(command.books);
  const { history, overlaps } = await readHistory(command);
  const answers = await runBooks(books, { history, options }, (name) => output.note(name));
  const leftOut = answers.flatMap((answer) => ('error' in answer ? [answer] : []));
  const records = answers.flatMap((answer) => ('error' in answer ? [] : [answer]));
  const [first] = leftOut;
  if (records.length === 0)
    throw new BacktestError(`no book has a day; ${first?.name}: ${first?.error.code}: ${first?.error.message}`);
  const results = records.flatMap(summarise);
  if (!output.json) return output.print(renderBacktest(results, leftOut));
  output.printJson({
    ...described(command),
    books: results,
    leftOut,
    overlaps,
    ...breakDown(records),
    frontier: frontierOf(records),
    presets: comparePresets(records),
  });
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
