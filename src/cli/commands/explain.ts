import { parseBook } from '../../book/parseBook.ts';
import { computeMargin } from '../../engine/margin.ts';
import { explainBook } from '../explainBook.ts';
import { forEachBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderExplanation } from '../renderExplanation.ts';

/**
 * `crossmargin explain <book…|->`: why the margin is what it is. The worst scenario leg by leg, what closing each leg frees, and how far each price must move
 * until the health is 1.
 */
export async function explain(files: readonly string[], options: { readonly json?: boolean }): Promise<void> {
  const output = createOutput(options);
  await forEachBook(files, output, (json, name) => {
    const book = parseBook(json);
    const explanation = explainBook(book, computeMargin(book));
    output.json ? output.printJson(explanation) : output.print(`${renderExplanation(name, explanation)}\n`);
    return undefined;
  });
}
