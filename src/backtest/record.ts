import { acerbiSzekely, type ShortfallTest } from '../statistics/acerbiSzekely.ts';
import { expectedShortfall, valueAtRisk } from '../statistics/tail.ts';
import type { StandardBook } from './books.ts';
import type { Regime } from './regime.ts';
import type { BacktestDay, BacktestOptions } from './run.ts';

/** What was asked of a book by one model and measure, a number for each day. */
export interface Track {
  /** The method of a forecast, or the preset of a margin. */
  readonly model: string;
  readonly measure: 'var' | 'es' | 'margin';
  readonly level: number;
  /** A loss beyond it is a hit, USD: VaR, or the margin. */
  readonly limitsUsd: readonly number[];
  /** What is asked, USD: the limit; of measure `es` ES, whose hits are counted by VaR. */
  readonly capitalUsd: readonly number[];
  /** Of measure `es`. */
  readonly shortfall?: ShortfallTest;
}

/** A model that has no margin for a book. */
export interface RefusedTrack {
  readonly model: string;
  readonly measure: 'margin';
  /** The error's code. */
  readonly refused: string;
}

/** The days of one book, and everything that was asked on them. Plain data: it goes from thread to thread. */
export interface BookRecord {
  readonly name: string;
  readonly assets: readonly string[];
  /** The end of each day, Unix seconds. */
  readonly times: readonly number[];
  readonly regimes: readonly Regime[];
  /** Of the day after; null where there is none. */
  readonly lossesUsd: readonly (number | null)[];
  readonly tracks: readonly (Track | RefusedTrack)[];
}

export const VAR_LEVELS = [0.95, 0.975, 0.99];
export const ES_LEVEL = 0.975;
/** A margin is judged as if it were VaR at this level. */
export const MARGIN_LEVEL = 0.99;
const SIMULATIONS = 200;
const SEED = 1;

/** The record of a book: VaR at three levels and ES by each method, and the margin of each model. */
export function recordBook(
  { name, assets }: Pick<StandardBook, 'name' | 'assets'>,
  days: readonly BacktestDay[],
  { methods, models }: Pick<BacktestOptions, 'methods' | 'models'>,
): BookRecord {
  return {
    name,
    assets,
    times: days.map(({ time }) => time),
    regimes: days.map(({ regime }) => regime),
    lossesUsd: days.map(({ lossUsd }) => lossUsd),
    tracks: [
      ...methods.flatMap((method) => forecastTracks(days, method)),
      ...models.map((model) => marginTrack(days, model)),
    ],
  };
}

function forecastTracks(days: readonly BacktestDay[], model: string): Track[] {
  const losses = days.map(({ forecasts }) => forecasts[model] ?? new Float64Array());
  const vars = VAR_LEVELS.map((level): Track => {
    const limitsUsd = losses.map((of) => valueAtRisk(of, level));
    return { model, measure: 'var', level, limitsUsd, capitalUsd: limitsUsd };
  });
  const observed = days.flatMap(({ lossUsd }, index) =>
    lossUsd === null ? [] : [{ losses: losses[index] ?? [], loss: lossUsd }],
  );
  const es: Track = {
    model,
    measure: 'es',
    level: ES_LEVEL,
    limitsUsd: losses.map((of) => valueAtRisk(of, ES_LEVEL)),
    capitalUsd: losses.map((of) => expectedShortfall(of, ES_LEVEL)),
    shortfall: acerbiSzekely(observed, { level: ES_LEVEL, seed: SEED, simulations: SIMULATIONS }),
  };
  return [...vars, es];
}

function marginTrack(days: readonly BacktestDay[], model: string): Track | RefusedTrack {
  const refused = days.map((day) => day.refused[model]).find((code) => code !== undefined);
  if (refused !== undefined) return { model, measure: 'margin', refused };
  const limitsUsd = days.map(({ margins }) => margins[model] ?? Number.NaN);
  return { model, measure: 'margin', level: MARGIN_LEVEL, limitsUsd, capitalUsd: limitsUsd };
}

/** Whether a model answered. */
export function isTrack(track: Track | RefusedTrack): track is Track {
  return !('refused' in track);
}

/** The margins of a preset for a book; undefined where it is not among the models, or refuses. */
export function marginOf({ tracks }: BookRecord, model: string): Track | undefined {
  return tracks.filter(isTrack).find((track) => track.measure === 'margin' && track.model === model);
}

/** The UTC year of a time in Unix seconds. */
export function yearOf(seconds: number): number {
  let year = 1970 + Math.floor(seconds / 31_556_952);
  while (Date.UTC(year, 0, 1) > seconds * 1000) year -= 1;
  while (Date.UTC(year + 1, 0, 1) <= seconds * 1000) year += 1;
  return year;
}
