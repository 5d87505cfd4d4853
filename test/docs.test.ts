import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ABI_FILE, LENS_FILES, renderLensCode, renderOracleAbi } from '../scripts/abi.ts';
import { ERRORS_FILE, renderErrors, solidityErrors, typescriptErrors } from '../scripts/errors.ts';

const ROOT = join(import.meta.dirname, '..');

function sourcesBelow(folder: string, extension: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension) && !file.startsWith('test'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
}

test('default: docs/errors.md is what the errors say of themselves', () => {
  expect(readFileSync(ERRORS_FILE, 'utf8')).toBe(renderErrors());
});

test('behavior: no error is without its sentence, no code differs from its class', () => {
  const code = sourcesBelow('src', '.ts').join('\n');
  const classes = [...code.matchAll(/^export class (\w+) extends (?:MarginError|SourceError) /gm)].map(
    ([, name]) => name,
  );
  const documented = typescriptErrors().map(({ name }) => name);
  expect(documented.sort()).toEqual(classes.sort());
  const codes = [...code.matchAll(/readonly code = '(\w+)'/g)].map(([, name]) => name);
  expect(codes.sort()).toEqual(classes);
  const solidity =
    sourcesBelow('contracts', '.sol')
      .join('\n')
      .match(/^\s*error \w+\(/gm) ?? [];
  expect(solidityErrors().length).toBe(solidity.length);
  for (const { name, sentence } of [...typescriptErrors(), ...solidityErrors()]) {
    expect(sentence, name).toMatch(/^[A-Z0-9`].*\.$/);
  }
});

test('default: the ABI is that of the compiled contract', async () => {
  expect(readFileSync(ABI_FILE, 'utf8')).toBe(await renderOracleAbi());
});

test('default: the code of each lens is that of the compiled contract', async () => {
  for (const name of ['AaveV3Lens', 'WalletLens'] as const) {
    expect(readFileSync(LENS_FILES[name], 'utf8')).toBe(await renderLensCode(name));
  }
});

test('behavior: every relative link in the documents leads somewhere', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownBelow('docs')];
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    return links.filter((link) => !existsSync(join(ROOT, document, '..', link))).map((link) => `${document}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test('behavior: every invariant in docs/invariants.md names a test that exists', () => {
  const tests = readdirSync(join(ROOT, 'contracts/test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sol'))
    .map((file) => readFileSync(join(ROOT, 'contracts/test', file), 'utf8'))
    .join('\n');
  const named = [
    ...readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8').matchAll(/\b((?:invariant|test|testFuzz)_\w+)/g),
  ];
  expect(named.length).toBeGreaterThanOrEqual(3);
  expect(named.map(([, name]) => name).filter((name) => !tests.includes(`function ${name}(`))).toEqual([]);
});

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}
