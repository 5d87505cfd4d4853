import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { license?: string }>;
};
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

test('default: the lock file names the platform packages of Linux, macOS and Windows', () => {
  const names = Object.keys(lock.packages);
  for (const family of [
    '@nomicfoundation/edr-',
    '@biomejs/cli-',
    '@esbuild/',
    '@rolldown/binding-',
    '@typescript/typescript-',
  ]) {
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win32-x64']) {
      const found = names.some((name) => name.startsWith(`node_modules/${family}${platform}`));
      expect(found, `${family}${platform}`).toBe(true);
    }
  }
});

test('behavior: no protocol package is a runtime dependency', () => {
  const protocols = /aave|lyra|morpho|safe-global|hardhat|perp|venus|uniswap/;
  expect(Object.keys(manifest.dependencies).filter((name) => protocols.test(name))).toEqual([]);
});
