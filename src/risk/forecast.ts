import type { Changes } from '../history/changes.ts';
import { type Draws, filteredDraws, historicalDraws, type Standardised, standardise } from './draws.ts';
import { ewmaFilter, fitDecay, type VarianceFilter } from './ewma.ts';
import { fitGarch } from './garch.ts';
import { copulaPaths, filteredPaths, historicalPaths } from './paths.ts';
import { likeliestDegrees, simulatedDraws } from './simulate.ts';

/** How the moves of the time ahead are forecast from those of the past. */
export const METHODS = ['historical', 'filtered', 'garch', 'gaussian', 'student'] as const;
export type Method = (typeof METHODS)[number];

/** What is forecast, and how. */
export interface Forecasting {
  readonly method: Method;
  /** Past changes that moves are made of: the last so many. */
  readonly window: number;
  /** Draws, where they are simulated: by a copula, or over several steps. */
  readonly count: number;
  readonly seed: number;
  /** How many steps of the history each factor is held, in the order of the factors. */
  readonly steps: readonly number[];
  readonly stepSeconds: number;
}

/** Draws, and what was fitted for them. */
export interface Forecast {
  readonly draws: Draws;
  /** A filter for each factor; none for moves as they were. */
  readonly filters: readonly VarianceFilter[];
  /** Of Student's t. */
  readonly degrees?: number;
}

/**
 * Moves of the time ahead. One step ahead, `historical`, `filtered` and `garch` are the periods of the window, each once and whole; over several steps, and by a copula, as many as are asked for.
 *
 * @throws {FlatSeriesError} where a volatility is needed and the history has none.
 */
export function forecastDraws(changes: Changes, forecasting: Forecasting): Forecast {
  const { method, window, steps, stepSeconds } = forecasting;
  const oneStep = steps.every((count) => count === 1);
  if (method === 'historical') {
    const draws = oneStep ? historicalDraws(changes, window) : historicalPaths(changes, forecasting, stepSeconds);
    return { draws, filters: [] };
  }
  const filters = changes.columns.map(method === 'garch' ? fitGarch : (column) => ewmaFilter(fitDecay(column)));
  const standard = standardise(changes, filters);
  if (method === 'filtered' || method === 'garch')
    return { draws: oneStep ? filteredDraws(standard, window) : filteredPaths(standard, forecasting), filters };
  return byCopula(standard, forecasting, oneStep);
}

function byCopula(standard: Standardised, forecasting: Forecasting, oneStep: boolean): Forecast {
  const { method, window } = forecasting;
  const simulation =
    method === 'student' ? { ...forecasting, degrees: likeliestDegrees(standard, window) } : forecasting;
  const draws = oneStep ? simulatedDraws(standard, simulation) : copulaPaths(standard, simulation);
  return { draws, filters: standard.filters, ...('degrees' in simulation ? { degrees: simulation.degrees } : {}) };
}
