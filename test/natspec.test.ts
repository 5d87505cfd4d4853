import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CONTRACTS = join(import.meta.dirname, '../contracts');
/** What begins a declaration that somebody outside of a contract may meet, or a reader of it. */
const DECLARATION =
  /^ *(?:abstract )?(contract|interface|library|function|constructor|modifier|error|event|struct|enum|mapping|[\w[\].]+(?= public\b))\b/;
const PRIVATE_FUNCTION = /\b(private|internal)\b/;

interface Declaration {
  readonly where: string;
  readonly kind: string;
  readonly comment: string;
}

const declarations = readdirSync(CONTRACTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.sol') && !file.startsWith('test'))
  .flatMap(declarationsOf);

test('default: every contract, function, event, error, struct and enum says what it is (@notice)', () => {
  const kinds = new Set(declarations.map(({ kind }) => kind));
  for (const kind of ['contract', 'interface', 'library', 'function', 'error', 'event', 'struct', 'enum']) {
    expect(kinds, kind).toContain(kind);
  }
  expect(declarations.length).toBeGreaterThan(300);
  const silent = declarations.filter(({ comment }) => !/@notice \S|@inheritdoc \w/.test(comment));
  expect(silent.map(({ where }) => where)).toEqual([]);
});

test('behavior: every contract, interface and library has a title, every sentence of a notice begins and ends as one', () => {
  const types = declarations.filter(({ kind }) => ['contract', 'interface', 'library'].includes(kind));
  expect(types.filter(({ comment }) => !comment.includes('@title ')).map(({ where }) => where)).toEqual([]);
  const broken = declarations.filter(({ comment, kind }) => {
    const [, notice] = comment.match(/@notice ([\s\S]*?)(?=\n@|$)/) ?? [];
    return notice !== undefined && kind !== 'struct' && !/^[A-Z0-9`][\s\S]*[.:)]$/.test(notice.trim());
  });
  expect(broken.map(({ where }) => where)).toEqual([]);
});

function declarationsOf(file: string): Declaration[] {
  const lines = readFileSync(join(CONTRACTS, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const kind = line.match(DECLARATION)?.[1];
    if (kind === undefined || isHidden(lines, index)) return [];
    return [{ where: `${file}:${index + 1} ${line.trim()}`, kind, comment: commentAbove(lines, index) }];
  });
}

/** What only the contract itself can call or read needs no notice here; solhint asks for one on functions. */
function isHidden(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  if (/^ *mapping/.test(line)) return !/\bpublic\b/.test(line);
  const head = lines.slice(index).join('\n').split(/[{;]/)[0] ?? '';
  return /^ *function/.test(line) && PRIVATE_FUNCTION.test(head);
}

function commentAbove(lines: readonly string[], index: number): string {
  const above: string[] = [];
  for (let at = index - 1; lines[at]?.trim().startsWith('//'); at--) above.unshift((lines[at] ?? '').trim());
  return above
    .filter((line) => line.startsWith('///'))
    .map((line) => line.slice(4))
    .join('\n');
}
