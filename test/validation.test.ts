import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ScriptError } from '../scripts/scriptError.ts';
import { explain } from '../scripts/validation/explained.ts';
import { renderValidation, VALIDATION_FILE } from '../scripts/validation.ts';
import type { SnapshotResult } from '../src/backtest/accounts/snapshot.ts';
import { reportOf } from '../src/backtest/report.ts';
import type { BookResult } from '../src/backtest/summarise.ts';

const DAYS = 300;
const times = Array.from({ length: DAYS }, (_, day) => Date.UTC(2024, 0, 1 + day) / 1000);

/** A book whose losses are beyond what is asked on so many days. */
function document({ varHits, marginHits }: { readonly varHits: number; readonly marginHits: number }): string {
  const losses = times.map((_, day) => (day < Math.max(varHits, marginHits) ? 10 : 1));
  const limits = (hits: number) => times.map((_, day) => (day < hits ? 5 : 20));
  const margin = (model: string) => ({
    model,
    measure: 'margin' as const,
    level: 0.99,
    limitsUsd: limits(marginHits),
    capitalUsd: limits(marginHits),
  });
  const record = {
    name: 'short:ETH',
    assets: ['ETH'],
    times,
    regimes: times.map(() => 'calm' as const),
    lossesUsd: losses,
    tracks: [
      {
        model: 'filtered',
        measure: 'var' as const,
        level: 0.99,
        limitsUsd: limits(varHits),
        capitalUsd: limits(varHits),
      },
      margin('crossmargin-1'),
      margin('siloed'),
    ],
  };
  const snapshot: SnapshotResult = {
    accounts: 0,
    leftOut: {},
    followed: 0,
    underAtStart: 0,
    fell: { accounts: 0, calledBefore: 0, calledThatDay: 0, notCalled: 0, medianLeadDays: null },
    stood: { accounts: 0, called: 0, calledAtStart: 0 },
    loops: null,
    others: null,
  };
  return renderValidation({
    backtest: reportOf([record]),
    snapshots: { 'Aave V2': snapshot, 'Aave V3': snapshot },
    liquidations: { events: 0, users: 0, leftOut: {}, tested: 0, alert: 1.1, leads: [], byPair: [] },
  });
}

test('default: the document says what holds, of the same sections as the one that is committed', () => {
  const text = document({ varHits: 3, marginHits: 1 });
  expect(text).toContain('| 1 of 1 |\n| none of them red | 0 red |');
  const sections = (of: string) => of.match(/^## .*$/gm);
  expect(sections(text)).toEqual(sections(readFileSync(VALIDATION_FILE, 'utf8')));
});

test('error: what has to hold and does not, by name', () => {
  expect(() => document({ varHits: 12, marginHits: 1 })).toThrow('VaR at 99 % is rejected for short:ETH');
  expect(() => document({ varHits: 3, marginHits: 7 })).toThrow(
    'The margin of crossmargin-1 is not green for short:ETH',
  );
});

test('error: a rejection that nobody has explained', () => {
  const rejected = [{ name: 'long:GOLD', model: 'filtered' } as BookResult];
  expect(() => explain(rejected, 'es')).toThrow(ScriptError);
  expect(explain([{ name: 'stable-loop', model: 'filtered' } as BookResult], 'es')[0]).toContain('`stable-loop`');
});
