import { at } from '../engine/lookup.ts';
import { computeMargin } from '../engine/margin.ts';
import { crossmargin1 } from '../engine/models/crossmargin1.ts';
import { requirePreset } from '../engine/models/presets.ts';
import { MarginError } from '../errors.ts';
import { type Changes, follows } from '../history/changes.ts';
import { DAY_SECONDS } from '../history/prices.ts';
import { type Draws, filteredDraws, historicalDraws, standardise } from '../risk/draws.ts';
import { fitDecay } from '../risk/ewma.ts';
import { type Held, lossesIn } from '../risk/revalue.ts';
import { type BookHistory, bookHistory, type History } from './bookHistory.ts';
import type { StandardBook } from './books.ts';
import { type Day, marketOf } from './day.ts';

/** How the losses of the next day are forecast from those of the past. */
export type Method = 'historical' | 'filtered';

/** Which days, and what is computed on each. */
export interface BacktestOptions {
  /** Days on which margin is asked, Unix seconds, both included. */
  readonly from: number;
  readonly to: number;
  readonly methods: readonly Method[];
  readonly models: readonly string[];
  /** How many past changes a forecast is made of. */
  readonly window: number;
}

/** One day: what was asked at its end, and what was lost over the next. */
export interface BacktestDay {
  readonly time: number;
  /** USD; null where the next day has no price, so that nothing can be compared. */
  readonly lossUsd: number | null;
  /** Equally likely losses of the next day, ascending, by method. */
  readonly forecasts: Readonly<Record<string, Float64Array>>;
  /** Maintenance, USD, by model; a model that refuses the book is in `refused`. */
  readonly margins: Readonly<Record<string, number>>;
  /** Error codes by model. */
  readonly refused: Readonly<Record<string, string>>;
}

/** Decays are fitted again after so many days, to what was known then. */
const REFIT_DAYS = 250;

/**
 * A book on every day of a history: forecast and margin from what was known at its end, and the loss of the next day by the same revaluation.
 * What a day computes with is cut off at that day before anything looks at it. Checked in test/backtest/run.test.ts: another future changes no forecast and no margin.
 *
 * @throws {MarginError} where the history does not have what the book needs.
 */
export function runBook(book: StandardBook, history: History, options: BacktestOptions): BacktestDay[] {
  const known = bookHistory(history, book);
  const decaysAt = decaySchedule(known.changes);
  const days: BacktestDay[] = [];
  known.changes.times.forEach((time, period) => {
    if (time < options.from || time > options.to || period + 1 < options.window) return;
    const past = upTo(known.changes, period);
    days.push(runDay({ book, known, past, decays: decaysAt(period), period }, options));
  });
  return days;
}

interface DayInput {
  readonly book: StandardBook;
  readonly known: BookHistory;
  readonly past: Changes;
  readonly decays: readonly number[];
  readonly period: number;
}

function runDay(
  { book, known, past, decays, period }: DayInput,
  { methods, models, window }: BacktestOptions,
): BacktestDay {
  const held = heldOn(book, known.day(period));
  const draws = {
    historical: () => historicalDraws(past, window),
    filtered: () => filteredDraws(standardise(past, decays), window),
  };
  const forecasts = methods.map((method) => [method, lossesIn(held, draws[method]()).sort()] as const);
  const answers = models.map((name) => [name, marginOf(held, name)] as const);
  return {
    time: at(past.times, period),
    lossUsd: lossAfter(held, known.changes, period),
    forecasts: Object.fromEntries(forecasts),
    margins: Object.fromEntries(
      answers.flatMap(([name, answer]) => (typeof answer === 'number' ? [[name, answer]] : [])),
    ),
    refused: Object.fromEntries(
      answers.flatMap(([name, answer]) => (typeof answer === 'string' ? [[name, answer]] : [])),
    ),
  };
}

function heldOn(book: StandardBook, day: Day): Held {
  const portfolio = book.build(day);
  const { volShock } = crossmargin1.parameters;
  return { portfolio, market: marketOf(day, portfolio.positions), horizonSeconds: DAY_SECONDS, volShock };
}

/** The maintenance margin, or the code of the error with which the model refuses the book. */
function marginOf({ portfolio, market }: Held, name: string): number | string {
  try {
    return computeMargin({ portfolio, market, model: requirePreset(name) }).maintenanceUsd;
  } catch (error) {
    if (error instanceof MarginError) return error.code;
    throw error;
  }
}

function lossAfter(held: Held, changes: Changes, period: number): number | null {
  const next = period + 1;
  if (next >= changes.times.length || !follows(changes, next)) return null;
  const came: Draws = {
    factors: changes.factors,
    rows: [Float64Array.from(changes.columns, (column) => at(column, next))],
  };
  return at(lossesIn(held, came), 0);
}

/** Nothing after a period. */
function upTo({ factors, times, columns, missing }: Changes, period: number): Changes {
  return {
    factors,
    times: times.slice(0, period + 1),
    columns: columns.map((column) => column.subarray(0, period + 1)),
    missing,
  };
}

/** The decays of a day are those fitted to the changes before the last multiple of 250 days. */
function decaySchedule({ columns }: Changes): (period: number) => readonly number[] {
  const fitted = new Map<number, readonly number[]>();
  return (period) => {
    const end = Math.max(REFIT_DAYS, Math.floor((period + 1) / REFIT_DAYS) * REFIT_DAYS);
    const cut = Math.min(end, period + 1);
    const decays = fitted.get(cut) ?? columns.map((column) => fitDecay(column.subarray(0, cut)));
    fitted.set(cut, decays);
    return decays;
  };
}
