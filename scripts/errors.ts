import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Writes docs/errors.md from the errors' own documentation. `npm run docs:errors`; a test checks that it is current. */
const ROOT = join(import.meta.dirname, '..');
export const ERRORS_FILE = join(ROOT, 'docs/errors.md');

/** One documented error: where it is thrown and its own first sentence. */
export interface DocumentedError {
  readonly name: string;
  readonly file: string;
  readonly sentence: string;
  /** May succeed when tried again. */
  readonly temporary: boolean;
}

/** Every error class below src that extends MarginError or SourceError. */
export function typescriptErrors(): DocumentedError[] {
  return filesBelow('src', '.ts').flatMap(({ file, text }) =>
    [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+) extends (MarginError|SourceError) /g)].map(
      ([, comment = '', name = '', base]) => ({
        name,
        file,
        sentence: plain(comment),
        temporary: base === 'SourceError',
      }),
    ),
  );
}

/** Every custom error of our contracts (not of their tests), with its @notice. */
export function solidityErrors(): DocumentedError[] {
  return filesBelow('contracts', '.sol')
    .filter(({ file }) => !file.startsWith(join('contracts', 'test')))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/((?:[ \t]*\/\/\/[^\n]*\n)+)[ \t]*error (\w+\([^)]*\));/g)].map(
        ([, comment = '', signature = '']) => ({
          name: signature.replace(/\s+/g, ' '),
          file,
          sentence: plain(comment.replace(/\/\/\/\s?(@notice )?/g, '')),
          temporary: false,
        }),
      ),
    );
}

/** The text of docs/errors.md. */
export function renderErrors(): string {
  const code = typescriptErrors().sort(byName);
  const contract = solidityErrors().sort(byName);
  return [
    '# Errors',
    '',
    'Written by `npm run docs:errors` from the errors themselves: do not edit.',
    '',
    '## Off chain',
    '',
    'Classes that extend `MarginError`; callers match on the class or on `code`, which is the class name. The command line prints',
    '`code: message` on standard error (one JSON object with `--json`) and ends with 1, or with 75 where the same call may succeed later.',
    '',
    '| Error | What happened | Try again | Thrown in |',
    '| --- | --- | --- | --- |',
    ...code.map(
      ({ name, sentence, temporary, file }) => `| \`${name}\` | ${sentence} | ${temporary ? 'yes' : 'no'} | ${file} |`,
    ),
    '',
    '## On chain',
    '',
    'Custom errors with the offending value and then the limit.',
    '',
    '| Error | What happened | In |',
    '| --- | --- | --- |',
    ...contract.map(({ name, sentence, file }) => `| \`${name}\` | ${sentence} | ${file} |`),
    '',
  ].join('\n');
}

function byName(a: DocumentedError, b: DocumentedError): number {
  return a.name < b.name ? -1 : 1;
}

function plain(comment: string): string {
  const text = comment.replace(/^\s*\*? ?/gm, '').replace(/\{@link (\w+)\}/g, '`$1`');
  return text.split(/\n@/)[0]?.replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim() ?? '';
}

function filesBelow(folder: string, extension: string): { readonly file: string; readonly text: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .sort()
    .map((file) => join(ROOT, folder, file))
    .map((file) => ({ file: relative(ROOT, file), text: readFileSync(file, 'utf8') }));
}

if (import.meta.main) writeFileSync(ERRORS_FILE, renderErrors());
