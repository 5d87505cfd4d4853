import { parseBook } from '../../book/parseBook.ts';
import { computeMargin } from '../../engine/margin.ts';
import { MarginError } from '../../errors.ts';
import { explainBook } from '../explainBook.ts';
import { forEachBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderExplanation } from '../renderExplanation.ts';

export interface ExplainOptions {
  readonly json?: boolean;
  /** The factor that beta-weighted delta is in. */
  readonly benchmark?: string;
  /** JSON: a number for each factor. */
  readonly betas?: string;
}

/**
 * `crossmargin explain <book…|->`: why the margin is what it is. The worst scenario leg by leg, what closing each leg frees, and how far each price must move
 * until the health is 1; Greeks, along the prices too, and everything in deltas of one benchmark.
 */
export async function explain(files: readonly string[], options: ExplainOptions): Promise<void> {
  const output = createOutput(options);
  const betas = options.betas === undefined ? undefined : readBetas(options.betas);
  const { benchmark } = options;
  await forEachBook(files, output, (json, name) => {
    const book = parseBook(json);
    const explanation = explainBook(book, computeMargin(book), { benchmark, betas });
    output.json ? output.printJson(explanation) : output.print(`${renderExplanation(name, explanation)}\n`);
    return undefined;
  });
}

function readBetas(text: string): Record<string, number> {
  let betas: unknown;
  try {
    betas = JSON.parse(text);
  } catch (cause) {
    throw new BetasError(text, cause);
  }
  const isRecord = typeof betas === 'object' && betas !== null && !Array.isArray(betas);
  if (isRecord && Object.values(betas as object).every(Number.isFinite)) return betas as Record<string, number>;
  throw new BetasError(text);
}

/** Betas that cannot be read. */
export class BetasError extends MarginError {
  readonly code = 'BetasError';

  constructor(text: string, cause?: unknown) {
    super(`--betas ${text} is not a JSON object of numbers. Write for instance {"SOL": 1.3}.`, { cause });
  }
}
