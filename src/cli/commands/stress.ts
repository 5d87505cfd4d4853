import { forEachBook, parseJson, readBook } from '../forEachBook.ts';
import { showUsd } from '../numbers.ts';
import { createOutput, tint } from '../output.ts';
import { readScenarioList, type StressJson, stressBook } from '../stressBook.ts';
import { renderTable } from '../table.ts';

export interface StressOptions {
  /** A JSON file. */
  readonly scenarios?: string;
  readonly json?: boolean;
}

/** `crossmargin stress <book…|->`: what days of the past, and scenarios of a file, would do to each book. */
export async function stress(files: readonly string[], { scenarios, json = false }: StressOptions): Promise<void> {
  const output = createOutput({ json });
  const own =
    scenarios === undefined ? [] : readScenarioList(parseJson(await readBook(scenarios), scenarios), scenarios);
  await forEachBook(files, output, (book, name) => {
    const result = stressBook(book, own);
    output.json ? output.printJson(result) : output.print(`${render(name, result)}\n`);
    return undefined;
  });
}

function render(name: string, { model, equityUsd, maintenanceUsd, scenarios }: StressJson): string {
  const title = `${tint(name, 'strong')} equity ${showUsd(equityUsd)}, maintenance ${showUsd(maintenanceUsd)} under ${model}`;
  const columns = [
    { title: 'scenario' },
    { title: 'profit', align: 'right' as const },
    { title: 'left', align: 'right' as const },
    { title: 'within margin' },
    { title: 'what happens' },
  ];
  const rows = scenarios.map((row) => [
    row.id,
    showUsd(row.pnlUsd),
    showUsd(row.equityUsd),
    row.covered ? 'yes' : 'no',
    row.sentence,
  ]);
  return `${title}\n${renderTable(columns, rows)}`;
}
