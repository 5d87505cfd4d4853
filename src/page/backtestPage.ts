import type { BookRecord } from '../backtest/record.ts';
import type { BacktestReport } from '../backtest/report.ts';
import type { BookResult } from '../backtest/summarise.ts';
import { legend } from './chart.ts';
import { showCount, showDay, showRatio } from './format.ts';
import { frontierChart } from './frontierChart.ts';
import { hitsChart } from './hitsChart.ts';
import { lossesChart } from './lossesChart.ts';
import { element, type Markup, styleSheet } from './markup.ts';
import { FORECAST_INK, inkOf, STYLE } from './style.ts';
import { breakdownTable, presetTable, resultTable, shortfallTable } from './tables.ts';

/** What a page of a backtest shows. */
export interface BacktestPage {
  readonly records: readonly BookRecord[];
  readonly report: BacktestReport;
  /** How it was run, for instance the window. */
  readonly settings: readonly string[];
  /** Books that are not in it, and why. */
  readonly leftOut: readonly string[];
}

const BASELINE = 'crossmargin-1';

/** One page of HTML that needs nothing else: plots as inline SVG, no script, light and dark. The same backtest gives the same bytes. */
export function backtestPage(page: BacktestPage): string {
  const { records, report } = page;
  const judged = judgedPreset(report);
  const body = element('main', {}, [
    ...heading(page),
    tiles(report, judged),
    ...overview(records, { report, judged }),
    ...losses(records, judged),
    ...tables(report),
    ...(page.leftOut.length === 0
      ? []
      : [element('h2', {}, 'Left out'), ...page.leftOut.map((why) => element('p', {}, why))]),
  ]);
  const head = element('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, 'Backtest of crossmargin'),
    styleSheet(STYLE),
  ]);
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, element('body', {}, body)).markup}\n`;
}

/** `crossmargin-1`, or else the first preset: the one that losses are drawn against. */
function judgedPreset({ books }: BacktestReport): string {
  const presets = books.filter(({ measure }) => measure === 'margin').map(({ model }) => model);
  return presets.includes(BASELINE) ? BASELINE : (presets[0] ?? BASELINE);
}

function heading({ records, settings }: BacktestPage): Markup[] {
  const times = records.flatMap((record) => [record.times[0] ?? 0, record.times.at(-1) ?? 0]).sort((a, b) => a - b);
  const days = `${showDay(times[0] ?? 0)} to ${showDay(times.at(-1) ?? 0)}`;
  return [
    element('h1', {}, 'Margin against history'),
    element('p', {}, `${days} · ${[`${records.length} books`, ...settings].join(' · ')}`),
  ];
}

function tiles({ books, presets }: BacktestReport, judged: string): Markup {
  const results = books.filter((row): row is BookResult => 'hits' in row);
  const at99 = results.filter(({ measure, level }) => measure === 'var' && level === 0.99);
  const margins = results.filter(({ measure, model }) => measure === 'margin' && model === judged);
  const own = presets.find(({ model }) => model === judged);
  const tile = (value: string, what: string) =>
    element('div', { class: 'tile' }, element('b', {}, value), element('span', {}, what));
  const fits = at99.filter(({ kupiec }) => kupiec.p >= 0.05).length;
  const green = (rows: readonly BookResult[]) =>
    `${rows.filter(({ zone }) => zone === 'green').length} of ${rows.length}`;
  return element('div', { class: 'tiles' }, [
    ...(at99.length === 0
      ? []
      : [
          tile(`${fits} of ${at99.length}`, 'VaR 99 % not rejected at 5 % (Kupiec)'),
          tile(green(at99), 'VaR 99 % in the green zone'),
        ]),
    tile(green(margins), `margins of ${judged} in the green zone`),
    ...(own === undefined
      ? []
      : [
          tile(showCount(own.hits), `days over ${judged}, of ${showCount(own.observations)}`),
          tile(`${showRatio(own.capitalToSiloed)} ×`, `what siloed asks, under ${judged}`),
        ]),
  ]);
}

function overview(
  records: readonly BookRecord[],
  { report, judged }: { report: BacktestReport; judged: string },
): Markup[] {
  const { frontier } = report;
  const hits = card(
    'Hits over time',
    'Strokes: losses beyond VaR at 99 %. Dots: losses beyond the margin. Ground: days of stress, by what was known on them.',
    hitsChart(records, judged),
  );
  const note = `Of the ${frontier.books.length} books that every model answers. Up is safer, left is cheaper; dotted, what multiples of a preset's margins would be, in hindsight. ES is judged as if it were the limit.`;
  const capital = frontier.points.some(({ capitalToSiloed }) => capitalToSiloed !== null)
    ? [card('Capital and coverage', note, frontierChart(frontier))]
    : [];
  return [element('h2', {}, 'Overview'), element('div', { class: 'pair' }, [...capital, hits])];
}

function losses(records: readonly BookRecord[], judged: string): Markup[] {
  const inks = [
    { label: `margin of ${judged}`, ink: inkOf(judged) },
    { label: 'siloed', ink: inkOf('siloed') },
    { label: 'VaR 99 %', ink: FORECAST_INK },
    { label: 'loss of the day after', ink: '--ink: var(--loss)' },
    { label: 'loss beyond the margin', ink: '--ink: var(--hit)' },
    { label: 'stress', ink: '--ink: var(--stress)' },
  ];
  return [
    element('h2', {}, 'Losses against margin'),
    element('p', {}, 'USD, of books of 100,000. Days without a loss have no bar.'),
    legend(inks),
    element(
      'div',
      { class: 'many' },
      records.map((record) => card(record.name, '', lossesChart(record, judged))),
    ),
  ];
}

function tables({ books, byYear, byAsset, byRegime, presets }: BacktestReport): Markup[] {
  const margins = books.filter(({ measure }) => measure === 'margin');
  const vars = books.filter(({ measure }) => measure === 'var');
  const folded = (title: string, content: Markup, open: Record<string, string> = {}) =>
    element('details', open, element('summary', {}, title), content);
  return [
    element('h2', {}, 'Presets at the same coverage'),
    element(
      'p',
      {},
      'All books that a preset asks something of; each multiplied, in hindsight, until it is exceeded as often as crossmargin-1 on the same books. A dash: no multiple does that.',
    ),
    presetTable(presets),
    element('h2', {}, 'Results'),
    folded('VaR', resultTable(vars), { open: '' }),
    folded('Expected shortfall at 97.5 %, by Acerbi and Székely', shortfallTable(books)),
    folded('Margin', resultTable(margins)),
    element('h2', {}, 'By regime, year and asset'),
    element('p', {}, 'Books pooled: their days are not independent of each other, so these are counts and no tests.'),
    folded(
      'By regime',
      breakdownTable(
        'regime',
        byRegime.map((row) => ({ ...row, key: row.regime })),
      ),
      { open: '' },
    ),
    folded(
      'By year',
      breakdownTable(
        'year',
        byYear.map((row) => ({ ...row, key: `${row.year}` })),
      ),
    ),
    folded(
      'By asset',
      breakdownTable(
        'asset',
        byAsset.map((row) => ({ ...row, key: row.asset })),
      ),
    ),
  ];
}

function card(title: string, note: string, content: Markup): Markup {
  return element(
    'figure',
    { class: 'card' },
    element('h3', {}, title),
    note === '' ? [] : element('p', {}, note),
    content,
  );
}
