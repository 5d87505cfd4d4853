import type { BookResult, RefusedResult } from '../backtest/summarise.ts';
import type { LeftOut } from './backtestWorker.ts';
import { renderTable } from './table.ts';

const COLUMNS = ['book', 'measure', 'by', 'level', 'days', 'hits', 'Kupiec p', 'independence p', 'zone', '÷ siloed'];

/** The results of a backtest for a person: a line for each book, measure and model. */
export function renderBacktest(results: readonly (BookResult | RefusedResult)[], leftOut: readonly LeftOut[]): string {
  const rows = results.map((result) => {
    if ('refused' in result) return [result.name, result.measure, result.model, '', '', '', '', '', result.refused, ''];
    const { name, measure, model, level, observations, hits, kupiec, independence, zone, capitalToSiloed } = result;
    const numbers = [kupiec.p.toFixed(4), independence.p.toFixed(4), zone, capitalToSiloed?.toFixed(2) ?? '–'];
    return [name, measure, model, `${level}`, `${observations}`, `${hits}`, ...numbers];
  });
  const table = renderTable(
    COLUMNS.map((title) => ({ title })),
    rows,
  );
  return [table, ...leftOut.map(({ name, error }) => `${name}: ${error.code}: ${error.message}`)].join('\n');
}
