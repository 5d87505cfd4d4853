import type { BreakdownRow } from '../../src/backtest/breakdown.ts';
import type { PresetComparison } from '../../src/backtest/frontier.ts';
import type { BacktestReport } from '../../src/backtest/report.ts';
import type { BookResult } from '../../src/backtest/summarise.ts';
import { explain } from './explained.ts';
import { table } from './table.ts';

/** VaR at 99 %, and which books it is rejected for. */
export function renderVars(at99: readonly BookResult[]): string {
  const rejected = at99.filter(({ kupiec }) => kupiec.p < 0.05);
  const clustered = at99.filter(({ independence }) => independence.p < 0.05);
  const uneven = at99.filter(({ waits }) => waits !== null && waits.p < 0.05);
  const titles = [
    'book',
    'by',
    'days',
    'hits',
    'Kupiec p',
    'independence p',
    'conditional p',
    'waits p',
    'zone',
    '÷ siloed',
  ];
  return `Hits expected: 1 % of the days. Kupiec's test rejects ${rejected.length} of ${at99.length} at 5 %; ${at99.filter(({ zone }) => zone === 'red').length} are red. By Christoffersen's test a hit is more likely after a hit in ${clustered.length}, and taken together with their number (conditional) in ${at99.filter(({ conditional }) => conditional.p < 0.05).length}. **Waits between hits are too uneven in ${uneven.length}**: there are as many hits as there should be, and they come in clusters, with long times of none; many of the books lose on the same days, so these are not as many findings. The test itself rejects right forecasts somewhat more often than 5 %: the statistic of a single wait has a mean of 1.15 where χ² has 1.

${[...explain(rejected, 'var'), table(titles, at99.map(varRow))].join('\n')}`;
}

function varRow({
  name,
  model,
  observations,
  hits,
  kupiec,
  independence,
  conditional,
  waits,
  zone,
  capitalToSiloed,
}: BookResult) {
  const tests = [kupiec, independence, conditional, waits].map((one) => one?.p.toFixed(3) ?? '–');
  return [name, model, observations, hits, ...tests, zone, show(capitalToSiloed)];
}

/** ES at 97.5 %, and why it is rejected where it is. */
export function renderShortfalls(shortfalls: readonly BookResult[]): string {
  const rejected = shortfalls.filter(isRejected);
  return `Acerbi and Székely's scores, and the probability of one at most so large. One of the three is under 5 % for ${rejected.length} of ${shortfalls.length}${rejected.length === 0 ? '.' : ':'}

${explain(rejected, 'es').join('\n')}

${table(['book', 'by', 'Z1', 'p', 'Z2', 'p', 'Z3', 'p', '÷ siloed'], shortfalls.map(shortfallRow))}`;
}

function shortfallRow({ name, model, shortfall, capitalToSiloed }: BookResult) {
  if (shortfall === undefined) return [name, model];
  const { z1, p1, z2, p2, z3, p3 } = shortfall;
  const scores = [z1, p1, z2, p2, z3, p3].map((value) => value?.toFixed(3) ?? '–');
  return [name, model, ...scores, show(capitalToSiloed)];
}

function isRejected({ shortfall }: BookResult): boolean {
  return [shortfall?.p1, shortfall?.p2, shortfall?.p3].some((p) => p !== null && p !== undefined && p < 0.05);
}

/** Every preset's margin of every book. */
export function renderMargins(books: BacktestReport['books']): string {
  const models = [...new Set(books.filter(({ measure }) => measure === 'margin').map(({ model }) => model))];
  const names = [...new Set(books.map(({ name }) => name))];
  return table(
    ['book', 'days', ...models],
    names.map((name) => marginRow(name, { models, books })),
  );
}

function marginRow(name: string, { models, books }: { models: readonly string[]; books: BacktestReport['books'] }) {
  const own = models.map((model) => books.find((book) => book.name === name && book.model === model));
  const days = own.find((book) => book !== undefined && 'hits' in book);
  const cells = own.map((book) => {
    if (book === undefined) return '–';
    if ('refused' in book) return book.refused;
    return `${book.hits}, ${show(book.capitalToSiloed)}${book.zone === 'green' ? '' : ` **${book.zone}**`}`;
  });
  return [name, days !== undefined && 'hits' in days ? days.observations : '–', ...cells];
}

/** Presets at the coverage of crossmargin-1. */
export function renderPresets(presets: readonly PresetComparison[]): string {
  const rows = presets.map(({ model, books, observations, hits, capitalToSiloed, asksNothing, ...at }) => [
    model,
    books,
    observations,
    `${hits}, ${show(capitalToSiloed)}`,
    `${at.baseline.hits}, ${show(at.baseline.capitalToSiloed)}`,
    `× ${show(at.sameCoverage?.scale ?? null)}: ${show(at.sameCoverage?.capitalToSiloed ?? null)}`,
    show(at.capitalToBaseline),
    `× ${show(at.atLevel?.scale ?? null)}: ${show(at.atLevel?.capitalToSiloed ?? null)}`,
    asksNothing.join(', ') || '–',
  ]);
  const titles = [
    'preset',
    'books',
    'days',
    'hits, ÷ siloed',
    'crossmargin-1 there',
    'at its coverage',
    '÷ crossmargin-1',
    'at 99 %',
    'asks nothing of',
  ];
  return table(titles, rows);
}

/** Books pooled: VaR at 99 % and the presets, a row for each kind of day. */
export function renderBreakdown(title: string, rows: readonly (BreakdownRow & { readonly key: string })[]): string {
  const shown = rows.filter(({ measure, level }) => measure === 'margin' || (measure === 'var' && level === 0.99));
  const nameOf = ({ measure, model }: BreakdownRow) => (measure === 'var' ? `VaR ${model}` : model);
  const columns = [...new Set(shown.map(nameOf))];
  const keys = [...new Set(shown.map(({ key }) => key))];
  const cell = (key: string, column: string) => {
    const row = shown.find((one) => one.key === key && nameOf(one) === column);
    return row === undefined ? '–' : `${row.hits} of ${row.observations}, ${show(row.capitalToSiloed)}`;
  };
  return table(
    [title, ...columns],
    keys.map((key) => [key, ...columns.map((column) => cell(key, column))]),
  );
}

function show(ratio: number | null): string {
  return ratio?.toFixed(2) ?? '–';
}
