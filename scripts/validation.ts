import { readFileSync, writeFileSync } from 'node:fs';
import type { BookResult } from '../src/backtest/summarise.ts';
import { ScriptError } from './scriptError.ts';
import { renderLiquidations, renderSnapshots } from './validation/accounts.ts';
import { renderBreakdown, renderMargins, renderPresets, renderShortfalls, renderVars } from './validation/books.ts';
import { FROM, runValidation, SNAPSHOT_DAY, type ValidationRun, WINDOW } from './validation/run.ts';

/**
 * What was tested against history, on what, with which result: `npm run validation` prints it, `-- --write` writes docs/validation.md, `-- --check` compares that with what the code says now.
 * It fails where what has to hold does not: VaR rejected for more than a fifth of the books, anything red, a margin of `crossmargin-1` that is not green, a rejection nobody explained.
 */
export const VALIDATION_FILE = new URL('../docs/validation.md', import.meta.url);

/** The document. @throws {ScriptError} where what has to hold does not. */
export function renderValidation({ backtest, snapshots, liquidations }: ValidationRun): string {
  const { books, presets, byYear, byAsset, byRegime } = backtest;
  const results = books.filter((book): book is BookResult => 'hits' in book);
  const at99 = results.filter(({ measure, level }) => measure === 'var' && level === 0.99);
  const shortfalls = results.filter(({ measure }) => measure === 'es');
  requireAll(at99, results);
  return `# Validation

Written by \`npm run validation -- --write\` from test/data ([history.md](history.md) says what is tested and how), compared with the code by CI (\`-- --check\`): do not edit. The same bytes on Node 22 and 24.

    crossmargin backtest --prices daily_prices.csv --from ${FROM} --window ${WINDOW} --json
    crossmargin backtest --accounts accounts_….csv --at ${SNAPSHOT_DAY} --prices daily_prices.csv --prices daily_prices_wrapped_2023.csv --json
    crossmargin backtest --accounts accounts_liquidations_aave_v2.csv --prices hourly_prices_2020-10_2022-04.csv --json

Options trade at the stand-in volatility, not at a market's: what is said of option books is weaker than what is said of the others.

| what has to hold | result |
| --- | --- |
| VaR 99 % not rejected at 5 %, two-sided, for at least 80 % of the books | ${at99.filter(({ kupiec }) => kupiec.p >= 0.05).length} of ${at99.length} |
| none of them red | ${at99.filter(({ zone }) => zone === 'red').length} red |
| the margin of \`crossmargin-1\` never under-covered: all books green | ${marginsOf(results).filter(({ zone }) => zone === 'green').length} of ${marginsOf(results).length} green |

## VaR at 99 %

${renderVars(at99)}

## ES at 97.5 %

${renderShortfalls(shortfalls)}

## Margin

Days on which more was lost than the maintenance margin, and the margin ÷ \`siloed\`. A colour that is not green is said; **an error's name is a preset's refusal of the book**. A preset that sees no risk in what a book holds (Deribit's in tokens held against each other, SPAN's in stablecoins) asks nothing: 0.00.

${renderMargins(books)}

## Presets at the same coverage

Each preset on all the books that it asks something of, beside \`crossmargin-1\` on the same ones. Its margins, all multiplied by one number until they are exceeded as often as \`crossmargin-1\`'s ("at its coverage"), or as often as 99 % allows. In hindsight, and with so few hits by single days: of most books the twelfth of March 2020 decides. Under 1 in "÷ crossmargin-1" the preset would have been cheaper at the same coverage, of these books in these years. What the history does not have is in no coverage: a surface that moves by strike, what venues' own liquidations cost, a peg that had not broken yet.

${renderPresets(presets)}

## By regime, year and asset

Books pooled, hits of so many days, and what was asked ÷ \`siloed\`. Days of different books are not independent: counts, no tests. A day is of stress where the volatility known that day is above four fifths of its history until then.

${renderBreakdown(
  'regime',
  byRegime.map((row) => ({ ...row, key: row.regime })),
)}

${renderBreakdown(
  'year',
  byYear.map((row) => ({ ...row, key: `${row.year}` })),
)}

${renderBreakdown(
  'assets',
  byAsset.map((row) => ({ ...row, key: row.asset })),
)}

## Real accounts: liquidations

The data say what was taken and repaid, never what an account held: each account is inferred at the line of its venue ([history.md](history.md#real-accounts)). So the last hour is true by construction for what the model asks more of than Aave, and false for what it asks less of; how early is what is measured.

${renderLiquidations(liquidations)}

## Real accounts: held still

Accounts of Aave with staked ether, of ${SNAPSHOT_DAY}, followed for 90 days with the amounts of that day. What they did themselves in that time is not known, and 90 quiet days hold few falls: the false alarms say more than the calls.

${renderSnapshots(snapshots)}
`;
}

function marginsOf(results: readonly BookResult[]): BookResult[] {
  return results.filter(({ measure, model }) => measure === 'margin' && model === 'crossmargin-1');
}

function requireAll(at99: readonly BookResult[], results: readonly BookResult[]): void {
  const rejected = at99.filter(({ kupiec }) => kupiec.p < 0.05);
  const red = at99.filter(({ zone }) => zone === 'red');
  const under = marginsOf(results).filter(({ zone }) => zone !== 'green');
  const names = (of: readonly BookResult[]) => of.map(({ name }) => name).join(', ');
  if (rejected.length > at99.length / 5)
    throw new ScriptError(`VaR at 99 % is rejected for ${names(rejected)}: more than a fifth of the books.`);
  if (red.length > 0) throw new ScriptError(`VaR at 99 % is red for ${names(red)}.`);
  if (under.length > 0) throw new ScriptError(`The margin of crossmargin-1 is not green for ${names(under)}.`);
}

if (import.meta.main ?? process.argv[1]?.endsWith('validation.ts')) {
  const text = renderValidation(await runValidation());
  if (process.argv.includes('--write')) writeFileSync(VALIDATION_FILE, text);
  else if (!process.argv.includes('--check')) process.stdout.write(text);
  if (process.argv.includes('--check') && readFileSync(VALIDATION_FILE, 'utf8') !== text)
    throw new ScriptError(
      'docs/validation.md is not what the code says now. Look at the difference, and if it is meant: npm run validation -- --write.',
    );
}
