import type { History } from '../backtest/bookHistory.ts';
import { type StandardBook, standardBooks } from '../backtest/books.ts';
import type { BacktestOptions, Method } from '../backtest/run.ts';
import { MarginError } from '../errors.ts';
import { joinPrices, type Overlap } from '../history/join.ts';
import { DAY_SECONDS, type PriceSeries, readPrices } from '../history/prices.ts';
import { parseModels } from './compareModels.ts';
import { readBook } from './forEachBook.ts';

/** As the command line gives them. */
export interface BacktestCommandOptions {
  readonly prices: readonly string[];
  readonly vols?: string;
  readonly from?: string;
  readonly to?: string;
  readonly models: string;
  readonly methods: string;
  readonly window: string;
  readonly draws: string;
  readonly books?: string;
  /** Where the page goes. */
  readonly html?: string;
  /** Real accounts in the place of standard books; the three below are of theirs. */
  readonly accounts?: string;
  readonly at?: string;
  readonly days: string;
  readonly alert: string;
  readonly json?: boolean;
}

const METHODS: readonly Method[] = ['historical', 'filtered', 'garch', 'gaussian', 'student'];

/** Reads the files. An asset may be in several: what two have is said in `overlaps`. @throws {PriceHistoryError} naming the line, {@link PricesDisagreeError} */
export async function readHistory({
  prices,
  vols,
}: Pick<BacktestCommandOptions, 'prices' | 'vols'>): Promise<{ history: History; overlaps: readonly Overlap[] }> {
  const files: PriceSeries[][] = [];
  for (const file of prices) files.push(readPrices(await readBook(file)));
  const { series, overlaps } = joinPrices(files);
  const indices = vols === undefined ? [] : readPrices(await readBook(vols));
  const share = (of: PriceSeries) => ({ ...of, prices: of.prices.map((percent) => percent / 100) });
  return { history: { prices: series, vols: indices.map(share) }, overlaps };
}

/** What the texts of the command line mean. @throws {BacktestError} */
export function readOptions({ from, to, models, methods, window, draws }: BacktestCommandOptions): BacktestOptions {
  const named = methods.split(',').map((name) => METHODS.find((method) => method === name.trim()));
  const known = named.filter((method) => method !== undefined);
  if (known.length !== named.length)
    throw new BacktestError(`--methods ${methods} is not a list of ${METHODS.join(', ')}`);
  return {
    from: from === undefined ? 0 : dayOf(from),
    to: to === undefined ? Number.MAX_SAFE_INTEGER : dayOf(to),
    models: parseModels(models),
    methods: known,
    window: countOf('--window', window),
    draws: countOf('--draws', draws),
  };
}

/** Some of the standard books, all where none are named. @throws {BacktestError} */
export function booksNamed(list: string | undefined): StandardBook[] {
  const books = standardBooks();
  if (list === undefined) return books;
  return list.split(',').map((name) => {
    const book = books.find((one) => one.name === name.trim());
    if (book === undefined)
      throw new BacktestError(`there is no standard book ${name}, only ${books.map((one) => one.name).join(', ')}`);
    return book;
  });
}

/** Unix seconds of a day. @throws {BacktestError} */
export function dayOf(text: string): number {
  const seconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isFinite(seconds) && seconds % DAY_SECONDS === 0) return seconds;
  throw new BacktestError(`"${text}" is not a day like 2024-01-31`);
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 100 && count <= 100_000) return count;
  throw new BacktestError(`${option} ${text} is not a whole number from 100 to 100000`);
}

/** A backtest that cannot be run as asked. */
export class BacktestError extends MarginError {
  readonly code = 'BacktestError';

  constructor(problem: string) {
    super(`The backtest cannot be run: ${problem}. docs/history.md describes it.`);
  }
}
