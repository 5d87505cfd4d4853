import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const files = globSync('src/engine/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** Code without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

test('behavior: the engine takes nothing from Math but what the language fixes to the bit', () => {
  const exact = new Set(['abs', 'floor', 'max', 'min', 'sign', 'sqrt', 'round']);
  expect(files.length).toBeGreaterThan(20);
  for (const { path, text } of files) {
    const used = [...code(text).matchAll(/Math\.(\w+)/g)].map(([, name]) => name ?? '');
    expect({ path, inexact: used.filter((name) => !exact.has(name)) }).toEqual({ path, inexact: [] });
    expect({ path, powers: / \*\* /.test(code(text)) }).toEqual({ path, powers: false });
  }
});

test('behavior: the engine imports no package, and of the project only units, portfolio and errors', () => {
  for (const { path, text } of files) {
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, source]) => source ?? '');
    const resolved = imports.map((source) => new URL(source, `file:///${path}`).pathname);
    const foreign = imports.filter((source, index) => {
      const target = resolved[index] ?? '';
      return !source.startsWith('.') || !/^\/src\/(engine|units|portfolio)\/|^\/src\/errors\.ts$/.test(target);
    });
    expect({ path, foreign }).toEqual({ path, foreign: [] });
  }
});

test('behavior: only the door sees exact decimals', () => {
  const seeing = files.filter(({ text }) => /units\/decimal|bigint|\d+n\b/.test(code(text))).map(({ path }) => path);
  expect(seeing).toEqual(['src/engine/inputs.ts']);
});

test('behavior: no clock, no randomness, no environment', () => {
  const reading = files.filter(({ text }) =>
    /\b(Date|process|performance|globalThis|crypto)\b|Math\.random/.test(code(text)),
  );
  expect(reading).toEqual([]);
});
