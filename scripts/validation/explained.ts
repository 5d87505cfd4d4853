import type { BookResult } from '../../src/backtest/summarise.ts';
import { ScriptError } from '../scriptError.ts';

/** Why a book's ES is rejected at 5 %, by somebody who looked. A rejected one that is not here stops the script. */
const SHORTFALLS: Readonly<Record<string, string>> = {
  'short:ETH':
    'by the ranks alone (Z3). Four rises of ether were 1.7 to 2.6 times the ES of the day before: 2021-01-03, 2023-11-09, 2024-05-20 and 2025-05-08, each out of a calm market: nothing in the volatility before announced them.',
  'stable-loop':
    'a peg is still for months and then breaks: on 2023-03-10 and 2023-03-11 the loss was 6 and 22 times the ES of the day before. A forecast from the last 500 days does not have that; the margin does (family peg), and was never exceeded.',
};

/** The same for VaR at 99 %, rejected by Kupiec's test at 5 %. None is. */
const VARS: Readonly<Record<string, string>> = {};

/** A sentence for each rejected one. @throws {ScriptError} for one that nobody has explained. */
export function explain(rejected: readonly BookResult[], measure: 'var' | 'es'): string[] {
  const known = measure === 'es' ? SHORTFALLS : VARS;
  return rejected.map(({ name, model }) => {
    const why = known[name];
    if (why !== undefined) return `- \`${name}\` (${model}): ${why}`;
    throw new ScriptError(
      `The ${measure} of ${name} by ${model} is rejected and not explained. Find out why, and say it in scripts/validation/explained.ts.`,
    );
  });
}
