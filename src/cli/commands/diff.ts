import { type Book, parseBook } from '../../book/parseBook.ts';
import { MarginError } from '../../errors.ts';
import { describeChange } from '../../report/change/change.ts';
import { openFileStore } from '../../store/files.ts';
import { requireChainId, resolveConfig } from '../connectDeployment.ts';
import { parseJson, readBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderChange } from '../renderChange.ts';
import { requireAddress } from './health.ts';
import { entryOf, requireEpoch } from './verify.ts';

export interface DiffOptions {
  readonly account?: string;
  readonly chain?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/**
 * `crossmargin diff <earlier> <later>`: what is different between two books of one account, and how much of it prices and positions did. With `--account` the two are
 * epochs as a node keeps them; no chain is asked.
 */
export async function diff(earlier: string, later: string, options: DiffOptions): Promise<void> {
  const output = createOutput(options);
  const read = options.account === undefined ? readFileBook : await epochReader(options.account, options);
  const change = describeChange(await read(earlier), await read(later));
  output.json ? output.printJson(change) : output.print(renderChange({ earlier, later }, change));
}

async function readFileBook(file: string): Promise<Book> {
  return parseBook(parseJson(await readBook(file), file));
}

async function epochReader(text: string, options: DiffOptions): Promise<(epoch: string) => Promise<Book>> {
  if (options.chain === undefined) throw new DiffError();
  const account = requireAddress(text);
  const { dataDir } = await resolveConfig(options.data === undefined ? {} : { data: options.data });
  const store = openFileStore(dataDir, requireChainId(options.chain));
  return async (epoch) => parseBook(entryOf(await store.loadEpoch(requireEpoch(epoch)), account).book);
}

/** An account whose chain is not named. */
export class DiffError extends MarginError {
  readonly code = 'DiffError';

  constructor() {
    super('--account compares kept epochs and asks no chain. Name whose epochs with --chain <id>.');
  }
}
