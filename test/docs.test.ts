import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ABI_FILE, LENSES, renderLensCode, renderOracleAbi } from '../scripts/abi.ts';
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

test.each(LENSES)('default: the code of $contract is that of the compiled contract', async (lens) => {
  expect(readFileSync(lens.file, 'utf8')).toBe(await renderLensCode(lens));
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

test.each(['docs/invariants.md', 'docs/threat-model.md'])('behavior: every test that %s names exists', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const named = [...text.matchAll(/\b((?:invariant|test|testFuzz)_\w+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThanOrEqual(3);
  const known = solidityTests();
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('behavior: every test of an attack is in docs/threat-model.md', () => {
  const text = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');
  const attacks = [...solidityTests()].filter((name) => /^test(Fuzz)?_attack_/.test(name));
  expect(attacks.length).toBeGreaterThan(10);
  expect(attacks.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

/** The names of all tests in contracts/test. */
function solidityTests(): Set<string> {
  const sources = readdirSync(join(ROOT, 'contracts/test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sol'))
    .map((file) => readFileSync(join(ROOT, 'contracts/test', file), 'utf8'))
    .join('\n');
  return new Set([...sources.matchAll(/function ((?:invariant|test|testFuzz)_\w+)\(/g)].map(([, name = '']) => name));
}

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}
