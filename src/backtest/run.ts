import { at } from '../engine/lookup.ts';
import { computeMargin } from '../engine/margin.ts';
import { crossmargin1 } from '../engine/models/crossmargin1.ts';
import { requirePreset } from '../engine/models/presets.ts';
import { MarginError } from '../errors.ts';
import { type Changes, follows } from '../history/changes.ts';
import { DAY_SECONDS } from '../history/prices.ts';
import { type Draws, filteredDraws, historicalDraws, standardise } from '../risk/draws.ts';
import { fitDecay, type VarianceFilter } from '../risk/ewma.ts';
import { fitGarch } from '../risk/garch.ts';
import { type Held, lossesIn } from '../risk/revalue.ts';
import { likeliestDegrees, simulatedDraws } from '../risk/simulate.ts';
import { type BookHistory, bookHistory, type History } from './bookHistory.ts';
import type { StandardBook } from './books.ts';
import { type Day, marketOf } from './day.ts';
import type { Regime } from './regime.ts';

/** How the losses of the next day are forecast from those of the past. */
export type Method = 'historical' | 'filtered' | 'garch' | 'gaussian' | 'student';

/** Which days, and what is computed on each. */
export interface BacktestOptions {
  /** Days on which margin is asked, Unix seconds, both included. */
  readonly from: number;
  readonly to: number;
  readonly methods: readonly Method[];
  readonly models: readonly string[];
  /** How many past changes a forecast is made of. */
  readonly window: number;
  /** How many draws a simulation takes. */
  readonly draws: number;
}

/** One day: what was asked at its end, and what was lost over the next. */
export interface BacktestDay {
  readonly time: number;
  /** By what was known at its end. */
  readonly regime: Regime;
  /** USD; null where the next day has no price, so that nothing can be compared. */
  readonly lossUsd: number | null;
  /** Equally likely losses of the next day, ascending, by method. */
  readonly forecasts: Readonly<Record<string, Float64Array>>;
  /** Maintenance, USD, by model; a model that refuses the book is in `refused`. */
  readonly margins: Readonly<Record<string, number>>;
  /** Error codes by model. */
  readonly refused: Readonly<Record<string, string>>;
}

/** Decays and degrees are fitted again after so many days, to what was known then. */
const REFIT_DAYS = 250;

/**
 * A book on every day of a history: forecast and margin from what was known at its end, and the loss of the next day by the same revaluation.
 * What a day computes with is cut off at that day before anything looks at it. Checked in test/backtest/run.test.ts: another future changes no forecast and no margin.
 *
 * @throws {MarginError} where the history does not have what the book needs, {@link ShortHistoryError} among them.
 */
export function runBook(book: StandardBook, history: History, options: BacktestOptions): BacktestDay[] {
  const known = bookHistory(history, book);
  const fitAt = fitSchedule(known.changes, options);
  const days: BacktestDay[] = [];
  known.changes.times.forEach((time, period) => {
    if (time < options.from || time > options.to || period + 1 < options.window) return;
    const past = upTo(known.changes, period);
    days.push(runDay({ book, known, past, fit: fitAt(period), period }, options));
  });
  if (days.every(({ lossUsd }) => lossUsd === null)) throw new ShortHistoryError(book.name, known.changes, options);
  return days;
}

interface DayInput {
  readonly book: StandardBook;
  readonly known: BookHistory;
  readonly past: Changes;
  readonly fit: Fit;
  readonly period: number;
}

function runDay({ book, known, past, fit, period }: DayInput, options: BacktestOptions): BacktestDay {
  const { methods, models } = options;
  const held = heldOn(book, known.day(period));
  const draws = drawsOf(past, fit, options);
  const forecasts = methods.map((method) => [method, lossesIn(held, draws[method]()).sort()] as const);
  const answers = models.map((name) => [name, marginOf(held, name)] as const);
  return {
    time: at(past.times, period),
    regime: at(known.regimes, period),
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

/** The draws of each method. The seed is the day, so that days do not share their luck. */
function drawsOf(
  past: Changes,
  { decays, garch, degrees }: Fit,
  { window, draws: count }: BacktestOptions,
): Readonly<Record<Method, () => Draws>> {
  const seed = (past.times.at(-1) ?? 0) / DAY_SECONDS;
  const standard = () => standardise(past, decays);
  return {
    historical: () => historicalDraws(past, window),
    filtered: () => filteredDraws(standard(), window),
    garch: () => filteredDraws(standardise(past, garch), window),
    gaussian: () => simulatedDraws(standard(), { window, count, seed }),
    student: () => simulatedDraws(standard(), { window, count, seed, degrees }),
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

/** What is fitted to a history, and kept for a while. */
interface Fit {
  readonly decays: readonly number[];
  /** Fitted only where it is used. */
  readonly garch: readonly VarianceFilter[];
  /** Of the t copula; fitted only where it is used. */
  readonly degrees: number;
}

/** The fit of a day is the one to the changes before the last multiple of 250 days. */
function fitSchedule({ factors, columns }: Changes, { methods, window }: BacktestOptions): (period: number) => Fit {
  const fitted = new Map<number, Fit>();
  const fitUpTo = (cut: number): Fit => {
    const before = columns.map((column) => column.subarray(0, cut));
    const decays = before.map(fitDecay);
    const garch = methods.includes('garch') ? before.map(fitGarch) : [];
    if (!methods.includes('student')) return { decays, garch, degrees: Number.NaN };
    const standard = standardise({ factors, columns: before, times: [], missing: 0 }, decays);
    return { decays, garch, degrees: likeliestDegrees(standard, window) };
  };
  return (period) => {
    const whole = Math.max(REFIT_DAYS, Math.floor((period + 1) / REFIT_DAYS) * REFIT_DAYS);
    const cut = Math.min(whole, period + 1);
    const fits = fitted.get(cut) ?? fitUpTo(cut);
    fitted.set(cut, fits);
    return fits;
  };
}

/** A history in which no day has a full window before it and a day after it. */
export class ShortHistoryError extends MarginError {
  readonly code = 'ShortHistoryError';

  constructor(name: string, { times }: Changes, { from, to, window }: BacktestOptions) {
    const count = times.filter((time) => time <= to).length;
    const within = times.filter((time) => time >= from && time <= to).length;
    super(
      `No day of ${name} has ${window} changes before it and a day after it: its assets have ${count} common daily changes until the last day asked for, ${within} of them from the first on. Add earlier prices with another --prices, ask for other days, or take a smaller --window (from 100).`,
    );
  }
}
