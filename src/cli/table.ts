import { stripVTControlCharacters } from 'node:util';

/** A column of a table: its title, and which side its cells line up on. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A plain table: columns as wide as their widest cell, two spaces between, a line under the titles. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...rows].map((row) => visibleLength(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align = 'left' }, index) => pad(cells[index] ?? '', { width: widths[index] ?? 0, align }))
      .join('  ')
      .trimEnd();
  return [line(titles), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function pad(cell: string, { width, align }: { readonly width: number; readonly align: 'left' | 'right' }): string {
  const space = ' '.repeat(Math.max(0, width - visibleLength(cell)));
  return align === 'left' ? cell + space : space + cell;
}

function visibleLength(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
