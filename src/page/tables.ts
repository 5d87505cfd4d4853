import type { BreakdownRow } from '../backtest/breakdown.ts';
import type { PresetComparison } from '../backtest/frontier.ts';
import type { BookResult, RefusedResult } from '../backtest/summarise.ts';
import { showCount, showP, showRatio, showShare } from './format.ts';
import { type Content, element, type Markup } from './markup.ts';

/** A table that scrolls by itself where it is wider than the page. The first so many columns are text. */
export function table(titles: readonly string[], rows: readonly (readonly Content[])[], texts = 1): Markup {
  const cell = (name: string) => (content: Content, column: number) =>
    element(name, column < texts ? { class: 'text' } : {}, content);
  return element(
    'div',
    { class: 'scroll', tabindex: 0 },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, titles.map(cell('th')))),
      element(
        'tbody',
        {},
        rows.map((row) => element('tr', {}, row.map(cell('td')))),
      ),
    ),
  );
}

/** VaR and margins of each book. */
export function resultTable(results: readonly (BookResult | RefusedResult)[]): Markup {
  const titles = [
    'book',
    'by',
    'level',
    'days',
    'hits',
    'Kupiec p',
    'independence p',
    'conditional p',
    'waits p',
    'zone',
  ];
  return table([...titles, '÷ siloed', 'same coverage ÷ siloed'], results.map(resultRow), 2);
}

function resultRow(result: BookResult | RefusedResult): Content[] {
  if ('refused' in result) return [result.name, result.model, '', '', '', '', '', '', '', result.refused, '', ''];
  const { name, model, level, observations, hits, zone, kupiec, independence, conditional, waits } = result;
  const tests = [kupiec, independence, conditional, waits].map((one) => showP(one?.p));
  const scaled = result.measure === 'margin' ? showRatio(result.sameCoverage?.capitalToSiloed) : '';
  const colour = element('span', { class: zone }, zone);
  return [
    name,
    model,
    `${level}`,
    showCount(observations),
    hits,
    ...tests,
    colour,
    showRatio(result.capitalToSiloed),
    scaled,
  ];
}

/** ES of each book. */
export function shortfallTable(results: readonly (BookResult | RefusedResult)[]): Markup {
  const rows = results.flatMap((result) => {
    if ('refused' in result || result.shortfall === undefined) return [];
    const { z1, p1, z2, p2, z3, p3 } = result.shortfall;
    return [[result.name, result.model, ...[z1, p1, z2, p2, z3, p3].map(showP), showRatio(result.capitalToSiloed)]];
  });
  return table(['book', 'by', 'Z1', 'p', 'Z2', 'p', 'Z3', 'p', '÷ siloed'], rows, 2);
}

/** Books pooled by something. */
export function breakdownTable(title: string, rows: readonly (BreakdownRow & { readonly key: string })[]): Markup {
  const shown = rows.filter(({ measure, level }) => measure === 'margin' || (measure === 'var' && level === 0.99));
  return table(
    [title, 'by', 'books', 'days', 'hits', 'covered', '÷ siloed'],
    shown.map(({ key, model, measure, books, observations, hits, coverage, capitalToSiloed }) => [
      key,
      measure === 'var' ? `VaR 99 % ${model}` : model,
      books,
      showCount(observations),
      showCount(hits),
      showShare(coverage),
      showRatio(capitalToSiloed),
    ]),
    2,
  );
}

/** Presets at the coverage of `crossmargin-1`. */
export function presetTable(presets: readonly PresetComparison[]): Markup {
  return table(
    [
      'preset',
      'books',
      'days',
      'hits',
      '÷ siloed',
      'crossmargin-1: hits',
      '÷ siloed',
      'at its coverage',
      '÷ crossmargin-1',
      'at 99 %',
    ],
    presets.map(
      ({ model, books, observations, hits, capitalToSiloed, baseline, sameCoverage, capitalToBaseline, atLevel }) => [
        model,
        books,
        showCount(observations),
        showCount(hits),
        showRatio(capitalToSiloed),
        showCount(baseline.hits),
        showRatio(baseline.capitalToSiloed),
        showRatio(sameCoverage?.capitalToSiloed),
        showRatio(capitalToBaseline),
        showRatio(atLevel?.capitalToSiloed),
      ],
    ),
  );
}
