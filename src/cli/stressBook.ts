import { parseBook } from '../book/parseBook.ts';
import { computeMargin } from '../engine/margin.ts';
import { crossmargin1 } from '../engine/models/crossmargin1.ts';
import type { CrossModel } from '../engine/models/model.ts';
import { MarginError } from '../errors.ts';

/** What one scenario does to a book. */
export interface StressRow {
  readonly id: string;
  readonly sentence: string;
  /** In full, whatever weight the model gives it; what venues' own liquidations would cost is in it. */
  readonly pnlUsd: number;
  /** What is left. */
  readonly equityUsd: number;
  /** Whether the loss is within the maintenance margin. */
  readonly covered: boolean;
}

/** A book under the crises of the past, and under scenarios of one's own. */
export interface StressJson {
  /** Whose maintenance the losses are compared with. */
  readonly model: string;
  readonly equityUsd: number;
  readonly maintenanceUsd: number;
  readonly scenarios: readonly StressRow[];
}

/**
 * Replays days of the past on a book, and scenarios as they stand in a model (docs/book.md), each at full weight: by the engine's own scenarios of `crossmargin-1`.
 * The margin beside them is that of the book's own model.
 *
 * @throws {BookError} naming the place in the book, or in `model.scenarios` for one of the own scenarios, after the crises.
 */
export function stressBook(json: unknown, own: readonly unknown[]): StressJson {
  const book = parseBook(json);
  const margin = computeMargin(book);
  const { equityUsd, maintenanceUsd } = margin;
  const model = fullWeight(book.model.preset === 'crossmargin-1' ? book.model : crossmargin1, readScenarios(json, own));
  const { scenarios } = computeMargin({ ...book, model });
  return {
    model: margin.model,
    equityUsd,
    maintenanceUsd,
    scenarios: scenarios
      .filter(({ id }) => id !== 'unshocked')
      .map((scenario) => ({
        ...scenario,
        equityUsd: equityUsd + scenario.pnlUsd,
        covered: -scenario.pnlUsd <= maintenanceUsd,
      })),
  };
}

/** A file of scenarios: a list of them as in a model, a weight not needed. @throws {ScenarioFileError} */
export function readScenarioList(json: unknown, file: string): readonly unknown[] {
  if (Array.isArray(json) && json.length > 0) return json;
  throw new ScenarioFileError(file);
}

function fullWeight(model: CrossModel, scenarios: CrossModel['scenarios']): CrossModel {
  const crises = model.parameters.crises.map((crisis) => ({ ...crisis, weight: 1 }));
  return { ...model, parameters: { ...model.parameters, crises }, scenarios };
}

/** Read as a book's own are, so that they may say the same and nothing else. */
function readScenarios(json: unknown, own: readonly unknown[]): CrossModel['scenarios'] {
  const weighed = own.map((scenario) => (isRecord(scenario) ? { ...scenario, weight: 1 } : scenario));
  const scenarios = [{ family: 'crisis' }, ...weighed];
  const { model } = parseBook({ ...(json as object), model: { preset: 'crossmargin-1', scenarios } });
  return (model as CrossModel).scenarios;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('family' in value);
}

/** A file that is not a list of scenarios. */
export class ScenarioFileError extends MarginError {
  readonly code = 'ScenarioFileError';

  constructor(file: string) {
    super(
      `${file} is not a list of scenarios. Write a JSON array of them as in a model, for instance [{"id": "halved", "spot": 0.5, "vol": "up"}].`,
    );
  }
}
