import { MarginError } from '../../errors.ts';
import type { MarginJson } from '../../report/marginJson.ts';
import { bookMargin } from '../compareModels.ts';
import { forEachBook } from '../forEachBook.ts';
import { showHealth, showUsd } from '../numbers.ts';
import { createOutput, tint } from '../output.ts';
import { renderTable } from '../table.ts';

export interface WhatIfOptions {
  readonly json?: boolean;
  /** Positions as JSON (docs/book.md). */
  readonly add?: readonly string[];
  /** Indices of positions. */
  readonly remove?: readonly string[];
}

/** `crossmargin what-if <book>`: the margin of a book as it is, and with legs added and removed. No cash is exchanged for them: add its leg too. */
export async function whatIf(file: string, options: WhatIfOptions): Promise<void> {
  const output = createOutput(options);
  await forEachBook([file], output, (json, name) => {
    const before = bookMargin(json, {});
    const after = bookMargin(changeLegs(json, options), {});
    output.json ? output.printJson({ before, after }) : output.print(`${render(name, { before, after })}\n`);
    return undefined;
  });
}

function changeLegs(json: unknown, { add = [], remove = [] }: WhatIfOptions): unknown {
  const { positions } = json as { readonly positions: readonly unknown[] };
  const removed = remove.map((text) => readIndex(text, positions.length));
  const kept = positions.filter((_, index) => !removed.includes(index));
  return { ...(json as object), positions: [...kept, ...add.map(readLeg)] };
}

function readIndex(text: string, count: number): number {
  const index = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(index < count)) throw new WhatIfError(`--remove ${text}`, `is not the index of one of the ${count} positions`);
  return index;
}

function readLeg(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WhatIfError(`--add ${text}`, 'is not JSON', cause);
  }
}

function render(name: string, { before, after }: { before: MarginJson; after: MarginJson }): string {
  const row = (title: string, show: (margin: MarginJson) => string) => [title, show(before), show(after)];
  const rows = [
    row('Health', ({ health }) => showHealth(health)),
    row('Equity', ({ equityUsd }) => showUsd(equityUsd)),
    row('Maintenance', ({ maintenanceUsd }) => showUsd(maintenanceUsd)),
    row('Initial', ({ initialUsd }) => showUsd(initialUsd)),
    row('Free', ({ freeUsd }) => showUsd(freeUsd)),
    row('Worst scenario', ({ binding }) => binding.sentence),
  ];
  const columns = [{ title: '' }, { title: 'now', align: 'right' }, { title: 'then', align: 'right' }] as const;
  return `${tint(name, 'strong')} ${tint(before.model, 'dim')}\n${renderTable(columns, rows)}`;
}

/** A change of legs that cannot be read. */
export class WhatIfError extends MarginError {
  readonly code = 'WhatIfError';

  constructor(option: string, problem: string, cause?: unknown) {
    super(`${option} ${problem}. Give a position as docs/book.md has it, or an index from 0.`, { cause });
  }
}
