import { MarginError } from '../../errors.ts';
import type { MarginJson } from '../../report/marginJson.ts';
import { bookMargin, compareModels, type ModelsJson, modelErrors, parseModels } from '../compareModels.ts';
import { forEachBook } from '../forEachBook.ts';
import { createOutput, type Output } from '../output.ts';
import { renderMargin } from '../renderMargin.ts';
import { renderModels } from '../renderModels.ts';

export interface MarginOptions {
  readonly json?: boolean;
  readonly scenarios?: boolean;
  /** Presets, separated by commas. */
  readonly model?: string;
}

/**
 * `crossmargin margin <book…|->`: the margin of each book, in order; with `--model`, under each of some presets beside each other.
 * A book that cannot be computed gives its error in its place, and so does a preset that cannot value it. The command ends with the first
 * error's exit code.
 */
export async function margin(files: readonly string[], options: MarginOptions): Promise<void> {
  const output = createOutput(options);
  const models = options.model === undefined ? undefined : parseModels(options.model);
  await forEachBook(files, output, (json, name) => {
    if (models === undefined) return printMargin(name, { margin: bookMargin(json, options), output });
    return printModels(name, { comparison: compareModels(json, models, options), output });
  });
}

function printMargin(name: string, { margin: result, output }: { margin: MarginJson; output: Output }): undefined {
  output.json ? output.printJson(result) : output.print(`${renderMargin(name, result)}\n`);
}

function printModels(
  name: string,
  { comparison, output }: { comparison: ModelsJson; output: Output },
): MarginError | undefined {
  output.json ? output.printJson(comparison) : output.print(`${renderModels(name, comparison)}\n`);
  const [first] = modelErrors(comparison);
  return first === undefined ? undefined : new ModelsFailedError(name, first.name);
}

/** A preset that cannot value a book; its error stands in its place. */
export class ModelsFailedError extends MarginError {
  readonly code = 'ModelsFailedError';

  constructor(name: string, model: string) {
    super(`The book ${name} has no margin under ${model}. Leave out the model, or see its error.`);
  }
}
