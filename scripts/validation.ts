import { text } from 'node:stream/consumers';
import type { BookResult, RefusedResult } from '../src/backtest/summarise.ts';

/** What `crossmargin backtest --json` prints. */
interface Backtest {
  readonly from: string | null;
  readonly window: number;
  readonly books: readonly (BookResult | RefusedResult)[];
}

/** Writes docs/validation.md: `crossmargin backtest … --json | node scripts/validation.ts > docs/validation.md`. */
export function renderValidation({ from, window, books }: Backtest): string {
  const results = books.filter((book) => 'hits' in book);
  const at99 = results.filter(({ measure, level }) => measure === 'var' && level === 0.99);
  const shortfalls = results.filter(({ measure }) => measure === 'es');
  const rejected = at99.filter(({ kupiec }) => kupiec.p < 0.05);
  const models = [...new Set(books.filter(({ measure }) => measure === 'margin').map(({ model }) => model))];
  return `# Validation

Written from a backtest ([history.md](history.md) says what is tested and how): do not edit.

    gunzip -c test/data/daily_prices.csv.gz > prices.csv
    crossmargin backtest --prices prices.csv${from === null ? '' : ` --from ${from}`} --window ${window} --json | node scripts/validation.ts > docs/validation.md

Options trade at the stand-in volatility, not at a market's: what is said of option books is weaker than what is said of the others.

## VaR at 99 %

Hits expected: 1 % of the days. Kupiec's test rejects ${rejected.length} of ${at99.length} at 5 %${rejected.length === 0 ? '' : `: ${rejected.map(({ name, model }) => `${name} (${model})`).join(', ')}`}; ${at99.filter(({ zone }) => zone === 'red').length} are red. By Christoffersen's test hits follow hits in ${at99.filter(({ independence }) => independence.p < 0.05).length}.

${table(['book', 'by', 'days', 'hits', 'Kupiec p', 'independence p', 'conditional p', 'zone', '÷ siloed'], at99.map(varRow))}

## ES at 97.5 %

Acerbi and Székely's scores, and the probability of one at most so large. One of the three is under 5 % for ${shortfalls.filter(isRejected).length} of ${shortfalls.length}${
    shortfalls.some(isRejected)
      ? `: ${shortfalls
          .filter(isRejected)
          .map(({ name }) => name)
          .join(', ')}`
      : ''
  }.

${table(['book', 'by', 'Z1', 'p', 'Z2', 'p', 'Z3', 'p'], shortfalls.map(shortfallRow))}

## Margin

Days on which more was lost than the maintenance margin, and the margin ÷ \`siloed\`. A colour that is not green is said; **an error's name is a preset's refusal of the book**. A preset that sees no risk in what a book holds (Deribit's in tokens held against each other, SPAN's in stablecoins) asks nothing: 0.00.

${table(
  ['book', 'days', ...models],
  bookNames(books).map((name) => marginRow(name, models, books)),
)}
`;
}

function varRow({
  name,
  model,
  observations,
  hits,
  kupiec,
  independence,
  conditional,
  zone,
  capitalToSiloed,
}: BookResult) {
  const tests = [kupiec, independence, conditional].map(({ p }) => p.toFixed(3));
  return [name, model, observations, hits, ...tests, zone, capitalToSiloed?.toFixed(2) ?? '–'];
}

function shortfallRow({ name, model, shortfall }: BookResult) {
  if (shortfall === undefined) return [name, model];
  const { z1, p1, z2, p2, z3, p3 } = shortfall;
  return [name, model, ...[z1, p1, z2, p2, z3, p3].map((value) => value?.toFixed(3) ?? '–')];
}

function isRejected({ shortfall }: BookResult): boolean {
  return [shortfall?.p1, shortfall?.p2, shortfall?.p3].some((p) => p !== null && p !== undefined && p < 0.05);
}

function bookNames(books: Backtest['books']): string[] {
  return [...new Set(books.map(({ name }) => name))];
}

function marginRow(name: string, models: readonly string[], books: Backtest['books']) {
  const own = models.map((model) => books.find((book) => book.name === name && book.model === model));
  const days = own.find((book) => book !== undefined && 'hits' in book);
  const cells = own.map((book) => {
    if (book === undefined) return '–';
    if ('refused' in book) return book.refused;
    return `${book.hits}, ${book.capitalToSiloed?.toFixed(2) ?? '–'}${book.zone === 'green' ? '' : ` **${book.zone}**`}`;
  });
  return [name, days !== undefined && 'hits' in days ? days.observations : '–', ...cells];
}

function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) process.stdout.write(renderValidation(JSON.parse(await text(process.stdin))));
