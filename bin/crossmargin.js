#!/usr/bin/env node
// A checkout runs its TypeScript as it is (Node 22.18 or newer); the published package carries built JavaScript instead.
import { existsSync } from 'node:fs';

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (existsSync(source) && (major < 22 || (major === 22 && minor < 18))) {
  console.error(
    `Node ${process.versions.node} does not run TypeScript. Use "npm run crossmargin -- …", which brings its own.`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import(existsSync(source) ? source : built);
  process.exitCode = await main(process.argv);
}
