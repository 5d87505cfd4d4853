import { type Breakdowns, breakDown } from './breakdown.ts';
import { comparePresets, type Frontier, frontierOf, type PresetComparison } from './frontier.ts';
import type { BookRecord } from './record.ts';
import { type BookResult, type RefusedResult, summarise } from './summarise.ts';

/** Everything that a backtest says of its books. */
export interface BacktestReport extends Breakdowns {
  /** A row for each book, model and measure. */
  readonly books: readonly (BookResult | RefusedResult)[];
  readonly frontier: Frontier;
  readonly presets: readonly PresetComparison[];
}

/** The report of some books. */
export function reportOf(records: readonly BookRecord[]): BacktestReport {
  return {
    books: records.flatMap(summarise),
    ...breakDown(records),
    frontier: frontierOf(records),
    presets: comparePresets(records),
  };
}
