import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptError } from './scriptError.ts';

/**
 * What the compiler says of our own contracts, tests left out: where each keeps its state (`storage-layout.json`), how large
 * its code is, and its warnings. `npm run layout` writes the snapshot; `npm run layout:check` fails where a layout changed, a
 * contract is too large, or the compiler warns.
 */
const ROOT = join(import.meta.dirname, '..');
const ARTIFACTS = join(ROOT, 'artifacts/contracts');
const LAYOUT_FILE = join(ROOT, 'storage-layout.json');
const OWN_PREFIX = 'project/contracts/';

/** The most code that a contract may have (EIP-170), bytes. */
export const MAX_CODE_BYTES = 24_576;

/** A compiled contract of ours. */
export interface Compiled {
  readonly contractName: string;
  readonly inputSourceName: string;
  readonly deployedBytecode: string;
  readonly buildInfoId: string;
}

/** One variable in storage: `slot+offset: type label`. */
export type Layout = Readonly<Record<string, readonly string[]>>;

interface Diagnostic {
  readonly errorCode: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly file: string };
}

interface StorageVariable {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

interface StorageLayout {
  readonly storage: readonly StorageVariable[];
  readonly types: Readonly<Record<string, { readonly members?: readonly StorageVariable[] }>> | null;
}

interface SolcOutput {
  readonly errors?: readonly Diagnostic[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly storageLayout?: StorageLayout }>>>>;
}

/** Code and creation code over a chain's limits: tests are never deployed there, ours are measured by `tooLarge`. */
const SIZE_WARNINGS = ['5574', '3860'];

/** Every contract of ours that is not a test's, by name. */
export async function ownContracts(): Promise<readonly Compiled[]> {
  const files = await readdir(ARTIFACTS, { recursive: true });
  const own = files.filter((file) => file.endsWith('.json') && !file.startsWith('test/'));
  const compiled = await Promise.all(own.map(async (file) => parse<Compiled>(join(ARTIFACTS, file))));
  return compiled
    .filter(({ buildInfoId }) => buildInfoId !== undefined)
    .sort((a, b) => (a.contractName < b.contractName ? -1 : 1));
}

/** Contracts whose code is larger than a chain takes, with their sizes. */
export function tooLarge(contracts: readonly Compiled[]): readonly string[] {
  return contracts
    .map(({ contractName, deployedBytecode }) => ({ contractName, bytes: (deployedBytecode.length - 2) / 2 }))
    .filter(({ bytes }) => bytes > MAX_CODE_BYTES)
    .map(({ contractName, bytes }) => `${contractName} has ${bytes} bytes of code, a chain takes ${MAX_CODE_BYTES}`);
}

/** What the compiler warns of in our own sources, tests' among them. */
export async function warnings(contracts: readonly Compiled[]): Promise<readonly string[]> {
  const outputs = await Promise.all(
    buildsOf(contracts).map((id) => parse<{ readonly output: SolcOutput }>(buildInfo(`${id}.output`))),
  );
  return outputs
    .flatMap(({ output }) => output.errors ?? [])
    .filter(({ sourceLocation }) => sourceLocation?.file.startsWith(OWN_PREFIX))
    .filter(({ errorCode }) => !SIZE_WARNINGS.includes(errorCode))
    .map(({ formattedMessage }) => formattedMessage.trim());
}

/** Where each contract keeps its state, as the compiler that builds it lays it out. */
export async function layoutsOf(contracts: readonly Compiled[]): Promise<Layout> {
  const builds = await Promise.all(buildsOf(contracts).map(async (id) => [id, await compileLayouts(id)] as const));
  const outputs = new Map(builds);
  const entries = contracts.map(({ contractName, inputSourceName, buildInfoId }): [string, readonly string[]] => {
    // Of its own build: an earlier one, which others are from, may hold it as it was.
    const found = outputs.get(buildInfoId)?.contracts[inputSourceName]?.[contractName];
    return [contractName, describeLayout(found?.storageLayout)];
  });
  return Object.fromEntries(entries.filter(([, variables]) => variables.length > 0));
}

async function compileLayouts(buildInfoId: string): Promise<SolcOutput> {
  const { default: solc } = (await import('solc')) as { default: { compile(input: string): string } };
  const { input } = await parse<{ readonly input: { readonly settings: object } }>(buildInfo(buildInfoId));
  const settings = { ...input.settings, outputSelection: { '*': { '*': ['storageLayout'] } } };
  return JSON.parse(solc.compile(JSON.stringify({ ...input, settings }))) as SolcOutput;
}

/** The variables, and the members of every struct among them, one level down. */
function describeLayout(layout: StorageLayout | undefined): readonly string[] {
  const structs = Object.entries(layout?.types ?? {}).filter(([, { members }]) => members !== undefined);
  const lines = structs.flatMap(([name, type]) =>
    (type.members ?? []).map((member) => `${plain(name)} ${describeVariable(member)}`),
  );
  return [...(layout?.storage ?? []).map(describeVariable), ...lines.sort()];
}

/** Numbers that the compiler gives to declarations change with every edit, so types go without them. */
function describeVariable({ slot, offset, type, label }: StorageVariable): string {
  return `${slot}+${offset}: ${plain(type)} ${label}`;
}

function plain(type: string): string {
  return type.replace(/\)\d+/g, ')');
}

function buildsOf(contracts: readonly Compiled[]): readonly string[] {
  return [...new Set(contracts.map(({ buildInfoId }) => buildInfoId))].sort();
}

function buildInfo(name: string): string {
  return join(ROOT, 'artifacts/build-info', `${name}.json`);
}

async function parse<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

async function check(contracts: readonly Compiled[], text: string): Promise<void> {
  const faults = [...tooLarge(contracts), ...(await warnings(contracts))];
  if (text !== (await readFile(LAYOUT_FILE, 'utf8'))) {
    faults.push('storage-layout.json is not what the contracts lay out: run npm run layout, and mind deployed state.');
  }
  if (faults.length > 0) throw new ScriptError(faults.join('\n'));
}

if (import.meta.main) {
  const contracts = await ownContracts();
  const text = `${JSON.stringify(await layoutsOf(contracts), null, 2)}\n`;
  if (process.argv.includes('--check')) await check(contracts, text);
  else await writeFile(LAYOUT_FILE, text);
}
