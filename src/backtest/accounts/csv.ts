import { MarginError } from '../../errors.ts';

/** A row of a file by its titles. */
export interface CsvRow {
  readonly line: number;
  readonly cell: (title: string) => string;
  /** A number; 0 for an empty cell. @throws {AccountFileError} */
  readonly amount: (title: string) => number;
}

/** Rows under titles, no cell quoted. @throws {AccountFileError} naming the line */
export function readCsv(text: string): { readonly titles: readonly string[]; readonly rows: readonly CsvRow[] } {
  const [first = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const titles = first.split(',');
  const rows = lines.map((line, index): CsvRow => {
    const cells = line.split(',');
    const number = index + 2;
    if (cells.length !== titles.length) throw new AccountFileError(number, `${cells.length} cells of ${titles.length}`);
    const cell = (title: string) => cells[titles.indexOf(title)] ?? '';
    const amount = (title: string) => {
      const value = Number(cell(title));
      if (Number.isFinite(value) && value >= 0) return value;
      throw new AccountFileError(number, `"${cell(title)}" as ${title}, not a number from zero`);
    };
    return { line: number, cell, amount };
  });
  if (rows.length === 0) throw new AccountFileError(1, 'no rows below it');
  return { titles, rows };
}

/** A file of accounts that cannot be read. */
export class AccountFileError extends MarginError {
  readonly code = 'AccountFileError';

  constructor(line: number, problem: string) {
    super(`Line ${line} of the accounts has ${problem}. Correct the file; docs/history.md says what it holds.`);
  }
}
