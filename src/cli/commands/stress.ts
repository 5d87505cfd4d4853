import { requirePreset } from '../../engine/models/presets.ts';
import { MarginError } from '../../errors.ts';
import { pinSites } from '../../node/pinSites.ts';
import { readSnapshot } from '../../node/snapshot.ts';
import { sortBlocks } from '../../report/snapshot.ts';
import { type ChainOptions, connectDeployment } from '../connectDeployment.ts';
import { forEachBook, parseJson, readBook } from '../forEachBook.ts';
import { createOutput, type Output } from '../output.ts';
import { renderStress, renderStressAccounts } from '../renderStress.ts';
import { resumeSites } from '../resumeSites.ts';
import { stressAccounts } from '../stressAccounts.ts';
import { readScenarioList, stressBook } from '../stressBook.ts';

/** The options of a chain are for `all`. */
export interface StressOptions extends ChainOptions {
  /** A JSON file. */
  readonly scenarios?: string;
  /** Every account of the deployment, in the place of books. */
  readonly all?: boolean;
}

/** `crossmargin stress <book…|->` or `--all`: what days of the past, and scenarios of a file, would do to each book, or to every account that is read. */
export async function stress(files: readonly string[], options: StressOptions): Promise<void> {
  const { scenarios, all = false } = options;
  const output = createOutput(options);
  if (all === files.length > 0) throw new StressSubjectError(files.length);
  const own =
    scenarios === undefined ? [] : readScenarioList(parseJson(await readBook(scenarios), scenarios), scenarios);
  if (all) return stressAll(own, { options, output });
  await forEachBook(files, output, (book, name) => {
    const result = stressBook(book, own);
    output.json ? output.printJson(result) : output.print(`${renderStress(name, result)}\n`);
    return undefined;
  });
}

async function stressAll(
  own: readonly unknown[],
  { options, output }: { readonly options: ChainOptions; readonly output: Output },
): Promise<void> {
  const { config, others, ...first } = await connectDeployment(options);
  const pinned = await pinSites([first, ...others]);
  const blocks = sortBlocks(pinned.map(({ chain }) => chain.block));
  output.note(`Reading ${blocks.map(({ number, chainId }) => `block ${number} of chain ${chainId}`).join(' and ')} …`);
  const { sites, save } = await resumeSites(pinned, [first, ...others]);
  const snapshot = await readSnapshot(sites);
  await save();
  const result = stressAccounts(snapshot, { model: requirePreset(config.model), own });
  const named = blocks.map((block) => ({ ...block, number: Number(block.number) }));
  if (output.json) return output.printJson({ blocks: named, model: config.model, ...result });
  const read = named.map(({ number, chainId, hash }) => `block ${number} of chain ${chainId}, ${hash}`);
  output.print([...read, renderStressAccounts(result)].join('\n'));
}

/** Books and all accounts at once, or neither. */
export class StressSubjectError extends MarginError {
  readonly code = 'StressSubjectError';

  constructor(books: number) {
    super(
      `${books} books are named${books > 0 ? ' beside --all' : ''}. Name books, or give --all for every account of a deployment.`,
    );
  }
}
