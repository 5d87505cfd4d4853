import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Abi } from 'viem';
import { ScriptError } from '../scriptError.ts';
import type { Artifact } from './artifacts.ts';

/**
 * Aave V3.6 is published as sources only. They are compiled here as the protocol compiles them (solc 0.8.27, 200 runs, shanghai), in
 * about 15 seconds and 300 MB, and kept below cache/ for as long as no source and no setting changes. BUSL-1.1: for tests, never shipped.
 */
const require = createRequire(import.meta.url);
const CACHE_FILE = join(import.meta.dirname, '../../cache/aaveV36.json');
const ORIGIN = join(packageFolder('@aave-dao/aave-v3-origin'), 'src/contracts');

/** What is deployed. Libraries come with them. */
const CONTRACTS = [
  'instances/PoolInstance',
  'instances/PoolConfiguratorInstance',
  'instances/ATokenInstance',
  'instances/VariableDebtTokenInstance',
  'protocol/configuration/PoolAddressesProvider',
  'protocol/configuration/ACLManager',
  'misc/AaveOracle',
  'misc/DefaultReserveInterestRateStrategyV2',
  'helpers/AaveProtocolDataProvider',
];
/** Where the sources' imports are found, by their first words. */
const ROOTS: Readonly<Record<string, string>> = {
  'aave-v3-origin/': ORIGIN,
  'openzeppelin-contracts/contracts/': packageFolder('@openzeppelin/contracts'),
};
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'shanghai',
  metadata: { bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
};

/** Contracts by name, and the hash of every source that they were compiled from. */
interface Compiled {
  readonly compiler: string;
  readonly settings: string;
  readonly sources: Readonly<Record<string, string>>;
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

/** Aave V3.6: the artifact of a contract or library by its name, compiled when it is asked for first. */
export function loadAaveV36(): (contractName: string) => Artifact {
  const { artifacts } = readCache() ?? compile();
  return (contractName) => {
    const artifact = artifacts[contractName];
    if (artifact === undefined) throw new ScriptError(`Aave V3.6 has no ${contractName} among what is compiled.`);
    return artifact;
  };
}

function readCache(): Compiled | undefined {
  try {
    const cached = JSON.parse(readFileSync(CACHE_FILE, 'utf8')) as Compiled;
    const isCurrent =
      cached.compiler === solc().version() &&
      cached.settings === JSON.stringify(SETTINGS) &&
      Object.entries(cached.sources).every(([path, hash]) => hashOf(readSource(path)) === hash);
    return isCurrent ? cached : undefined;
  } catch {
    return undefined;
  }
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
}

interface SolcContract {
  readonly abi: Abi;
  readonly evm: {
    readonly bytecode: { readonly object: string; readonly linkReferences: Artifact['linkReferences'] };
  };
}

interface Solc {
  version(): string;
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

function compile(): Compiled {
  const sources: Record<string, string> = {};
  const read = (path: string) => {
    const contents = readSource(path);
    sources[path] = hashOf(contents);
    return contents;
  };
  const roots = CONTRACTS.map((name) => `aave-v3-origin/${name}.sol`);
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(roots.map((path) => [path, { content: read(path) }])),
    settings: SETTINGS,
  };
  const { version, compile: run } = solc();
  const output = JSON.parse(run(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) })) as SolcOutput;
  const failure = output.errors?.find(({ severity }) => severity === 'error');
  if (failure !== undefined) throw new ScriptError(`Aave V3.6 does not compile: ${failure.formattedMessage}`);
  const contracts = Object.values(output.contracts).flatMap(Object.entries);
  const artifacts = Object.fromEntries(contracts.map(([name, contract]) => [name, artifactOf(name, contract)]));
  const compiled = { compiler: version(), settings: JSON.stringify(SETTINGS), sources, artifacts };
  keep(compiled);
  return compiled;
}

function artifactOf(contractName: string, { abi, evm }: SolcContract): Artifact {
  const { object, linkReferences } = evm.bytecode;
  return { contractName, abi, bytecode: `0x${object}`, linkReferences };
}

/** By renaming: a test file that compiles at the same time finds all of it or nothing. */
function keep(compiled: Compiled): void {
  mkdirSync(dirname(CACHE_FILE), { recursive: true });
  const draft = `${CACHE_FILE}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(compiled));
  renameSync(draft, CACHE_FILE);
}

function readSource(path: string): string {
  const prefix = Object.keys(ROOTS).find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) throw new ScriptError(`Aave V3.6 imports ${path}, and where that is is not known.`);
  return readFileSync(join(ROOTS[prefix] as string, path.slice(prefix.length)), 'utf8');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Loaded when it is needed: the compiler is 8 MB of code. */
function solc(): Solc {
  return require('solc-0.8.27') as Solc;
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}
