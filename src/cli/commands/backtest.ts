import type { History } from '../../backtest/bookHistory.ts';
import { type StandardBook, standardBooks } from '../../backtest/books.ts';
import { type BacktestOptions, type Method, runBook } from '../../backtest/run.ts';
import { type BookResult, type RefusedResult, summarise } from '../../backtest/summarise.ts';
import { MarginError } from '../../errors.ts';
import { DAY_SECONDS, type PriceSeries, readPrices } from '../../history/prices.ts';
import { parseModels } from '../compareModels.ts';
import { readBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderTable } from '../table.ts';

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
  readonly json?: boolean;
}

/** A book whose assets the files do not have, or not for long enough. */
interface LeftOut {
  readonly name: string;
  readonly error: { readonly code: string; readonly message: string };
}

const METHODS: readonly Method[] = ['historical', 'filtered', 'garch', 'gaussian', 'student'];

/** `crossmargin backtest`: margin, VaR and ES of standard books on every day of a history, what was lost the next day, and the statistics of both. */
export async function backtest(options: BacktestCommandOptions): Promise<void> {
  const output = createOutput(options);
  const run = readOptions(options);
  const history = await readHistory(options);
  const results: (BookResult | RefusedResult)[] = [];
  const leftOut: LeftOut[] = [];
  for (const book of booksNamed(options.books)) {
    output.note(book.name);
    try {
      results.push(...runOne(book, { history, run }));
    } catch (error) {
      if (!(error instanceof MarginError)) throw error;
      leftOut.push({ name: book.name, error: { code: error.code, message: error.message } });
    }
  }
  if (results.length === 0) throw new BacktestError(`no book has a day: ${leftOut[0]?.error.message ?? ''}`);
  if (output.json) output.printJson({ ...described(options), books: results, leftOut });
  else output.print(render(results, leftOut));
}

function runOne(book: StandardBook, { history, run }: { history: History; run: BacktestOptions }) {
  const { name } = book;
  const days = runBook(book, history, run);
  if (days.some(({ lossUsd }) => lossUsd !== null)) return summarise(name, days, run);
  throw new BacktestError(`no day of ${name} has ${run.window} changes before it and a day after it`);
}

async function readHistory({ prices, vols }: BacktestCommandOptions): Promise<History> {
  const read: PriceSeries[] = [];
  for (const file of prices) read.push(...readPrices(await readBook(file)));
  const names = read.map(({ asset }) => asset);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new BacktestError(`two files have prices of ${twice}`);
  const indices = vols === undefined ? [] : readPrices(await readBook(vols));
  const share = (series: PriceSeries) => ({ ...series, prices: series.prices.map((percent) => percent / 100) });
  return { prices: read, vols: indices.map(share) };
}

function readOptions({ from, to, models, methods, window, draws }: BacktestCommandOptions): BacktestOptions {
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

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 100 && count <= 100_000) return count;
  throw new BacktestError(`${option} ${text} is not a whole number from 100 to 100000`);
}

function dayOf(text: string): number {
  const seconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isFinite(seconds) && seconds % DAY_SECONDS === 0) return seconds;
  throw new BacktestError(`"${text}" is not a day like 2024-01-31`);
}

function booksNamed(list: string | undefined): StandardBook[] {
  const books = standardBooks();
  if (list === undefined) return books;
  return list.split(',').map((name) => {
    const book = books.find((one) => one.name === name.trim());
    if (book === undefined)
      throw new BacktestError(`there is no standard book ${name}, only ${books.map((one) => one.name).join(', ')}`);
    return book;
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

function render(results: readonly (BookResult | RefusedResult)[], leftOut: readonly LeftOut[]): string {
  const columns = ['book', 'measure', 'by', 'level', 'days', 'hits', 'Kupiec p', 'independence p', 'zone', '÷ siloed'];
  const rows = results.map((result) => {
    if ('refused' in result) return [result.name, result.measure, result.model, '', '', '', '', '', result.refused, ''];
    const { name, measure, model, level, observations, hits, kupiec, independence, zone, capitalToSiloed } = result;
    const numbers = [kupiec.p.toFixed(4), independence.p.toFixed(4), zone, capitalToSiloed?.toFixed(2) ?? '–'];
    return [name, measure, model, `${level}`, `${observations}`, `${hits}`, ...numbers];
  });
  const table = renderTable(
    columns.map((title) => ({ title })),
    rows,
  );
  return [table, ...leftOut.map(({ name, error }) => `${name}: ${error.code}: ${error.message}`)].join('\n');
}

/** A backtest that cannot be run as asked. */
export class BacktestError extends MarginError {
  readonly code = 'BacktestError';

  constructor(problem: string) {
    super(`The backtest cannot be run: ${problem}. docs/history.md describes it.`);
  }
}
