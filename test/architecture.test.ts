import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/**
 * What may import what: one direction, from the chain to the number to the chain.
 * `own`: folders of src (and its top files by name). `packages`: npm packages and node: modules.
 */
const ALLOWED: Readonly<Record<string, { readonly own: readonly string[]; readonly packages: readonly string[] }>> = {
  errors: { own: [], packages: [] },
  config: { own: ['errors'], packages: ['node:fs', 'node:path', 'node:url', 'zod'] },
  units: { own: ['errors'], packages: [] },
  portfolio: { own: ['errors', 'units'], packages: [] },
  chain: { own: ['errors', 'units'], packages: ['viem', 'zod'] },
  venues: { own: ['errors', 'units', 'portfolio', 'chain'], packages: ['viem', 'zod', 'graphql-request'] },
  feeds: { own: ['errors', 'units', 'portfolio', 'chain', 'venues'], packages: ['viem'] },
  engine: { own: ['errors', 'units', 'portfolio'], packages: [] },
  statistics: { own: ['errors', 'engine'], packages: [] },
  history: { own: ['errors', 'engine'], packages: [] },
  risk: { own: ['errors', 'portfolio', 'engine', 'statistics', 'history'], packages: [] },
  backtest: {
    own: ['errors', 'units', 'portfolio', 'engine', 'statistics', 'history', 'risk'],
    packages: [],
  },
  calibrate: { own: ['errors', 'portfolio', 'engine', 'history', 'risk'], packages: [] },
  page: { own: ['backtest'], packages: ['d3-scale', 'd3-shape'] },
  book: { own: ['errors', 'units', 'portfolio', 'engine'], packages: ['zod', 'canonicalize'] },
  report: {
    own: ['errors', 'units', 'portfolio', 'engine', 'book'],
    packages: ['viem', '@openzeppelin/merkle-tree'],
  },
  store: {
    own: ['errors', 'units', 'chain', 'venues', 'book', 'report'],
    packages: ['viem', 'zod', 'node:fs/promises', 'node:path'],
  },
  post: { own: ['errors', 'units', 'chain', 'report'], packages: ['viem'] },
  node: {
    own: ['errors', 'units', 'portfolio', 'chain', 'venues', 'feeds', 'engine', 'book', 'report', 'store', 'post'],
    packages: ['viem', 'node:fs/promises'],
  },
  permit: {
    own: ['errors', 'units', 'chain', 'venues', 'engine', 'report', 'node'],
    packages: ['viem', 'zod'],
  },
  cli: {
    own: [
      'errors',
      'config',
      'units',
      'chain',
      'venues',
      'engine',
      'history',
      'risk',
      'calibrate',
      'backtest',
      'page',
      'book',
      'report',
      'store',
      'post',
      'node',
      'permit',
    ],
    packages: [
      'commander',
      'viem',
      'viem/accounts',
      'node:events',
      'node:fs/promises',
      'node:os',
      'node:readline',
      'node:stream',
      'node:timers/promises',
      'node:util',
      'node:worker_threads',
    ],
  },
  index: {
    own: [
      'errors',
      'units',
      'portfolio',
      'chain',
      'venues',
      'feeds',
      'engine',
      'risk',
      'book',
      'report',
      'store',
      'post',
      'node',
    ],
    packages: [],
  },
};

/** A number that is signed comes from these folders: nothing in them may differ between two machines. */
const SIGNED_PATH = ['units', 'portfolio', 'chain', 'venues', 'feeds', 'engine', 'book', 'report', 'permit'];
/** Nor in these, though nothing of them is signed: the same seed gives the same bytes. */
const REPRODUCIBLE = ['statistics', 'history', 'risk', 'calibrate', 'backtest'];
const NOT_DETERMINISTIC =
  /\bDate\.now\b|\bnew Date\b|\bMath\.(random|exp|expm1|log\w*|pow|sin|cos|tan|cbrt|hypot)\b|\*\*\s*-?\d*\.\d|\bperformance\.|\.toFixed\(|\.toLocale|\bIntl\./;

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

const sources = filesBelow(SRC).map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const imports = sources.flatMap(({ file, text }) => importsOf(file, text));

test('default: every import is allowed by the table', () => {
  expect(imports.length).toBeGreaterThan(50);
  const violations = imports.filter(({ folder, target }) => !isAllowed(folder, target));
  expect(violations.map(({ file, target }) => `${relative(ROOT, file)} imports ${target}`)).toEqual([]);
});

test('behavior: the table itself has one direction', () => {
  const visiting = new Set<string>();
  const visit = (folder: string): void => {
    if (visiting.has(folder)) throw new RangeError(`cycle through ${folder}`);
    visiting.add(folder);
    for (const next of ALLOWED[folder]?.own ?? []) visit(next);
    visiting.delete(folder);
  };
  for (const folder of Object.keys(ALLOWED)) visit(folder);
});

test('behavior: the table names no folder that does not exist', () => {
  const folders = new Set(sources.map(({ file }) => folderOf(file)));
  expect(Object.keys(ALLOWED).filter((folder) => !folders.has(folder))).toEqual([]);
});

test('behavior: what is signed or reproducible uses no clock, no randomness, no library mathematics', () => {
  const used = sources
    .filter(({ file }) => [...SIGNED_PATH, ...REPRODUCIBLE].includes(folderOf(file)))
    .flatMap(({ file, text }) =>
      withoutComments(text)
        .split('\n')
        .filter((line) => NOT_DETERMINISTIC.test(line))
        .map((line) => `${relative(ROOT, file)}: ${line.trim()}`),
    );
  expect(used).toEqual([]);
});

test('behavior: errors are named', () => {
  const bare = sources.filter(({ text }) => /throw new (Error|TypeError|RangeError)\(/.test(text));
  expect(bare.map(({ file }) => relative(ROOT, file))).toEqual([]);
});

test('behavior: only config reads the environment', () => {
  const readers = sources.filter(
    ({ file, text }) => /process\.env\b/.test(text) && !['config', 'cli'].includes(folderOf(file)),
  );
  expect(readers.map(({ file }) => relative(ROOT, file))).toEqual([]);
});

test('behavior: a float enters a report, and a bigint leaves the engine, by one door each', () => {
  const inside = sources.filter(({ file }) => folderOf(file) === 'engine' && !file.endsWith(`${sep}inputs.ts`));
  const bigints = inside.filter(({ text }) => /\bbigint\b|\bBigInt\(|\b\d+n\b/.test(withoutComments(text)));
  expect(bigints.map(({ file }) => relative(ROOT, file))).toEqual([]);
  const doors = sources.filter(({ file, text }) => folderOf(file) === 'report' && /\btoWad\(/.test(text));
  expect(doors.map(({ file }) => relative(ROOT, file))).toEqual([join('src', 'report', 'build.ts')]);
});

test('behavior: files can be seen whole', () => {
  const long = sources.filter(
    ({ file, text }) => !file.endsWith('marginOracleAbi.ts') && text.split('\n').length > 201,
  );
  expect(long.map(({ file, text }) => `${relative(ROOT, file)}: ${text.split('\n').length}`)).toEqual([]);
});

function isAllowed(folder: string, target: string): boolean {
  const { own, packages } = ALLOWED[folder] ?? { own: [], packages: [] };
  if (!target.startsWith('src/')) return packages.includes(target);
  const to = folderOf(join(ROOT, target));
  return to === folder || own.includes(to);
}

function importsOf(file: string, text: string): Import[] {
  const specifiers = [...text.matchAll(/(?:^|\n)(?:import|export)\s[^;]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/g)];
  return specifiers.map(([, statically, dynamically]) => {
    const specifier = statically ?? dynamically ?? '';
    const target = specifier.startsWith('.') ? relative(ROOT, join(file, '..', specifier)) : specifier;
    return { file, folder: folderOf(file), target: target.split(sep).join('/') };
  });
}

/** The first folder below src, or a top file's name without its extension. */
function folderOf(file: string): string {
  const [first = ''] = relative(SRC, file).split(sep);
  return first.replace(/\.ts$/, '');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .sort();
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
