import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Abi, Hex } from 'viem';
import { ScriptError } from '../scriptError.ts';

/** Where a library's address goes in the bytecode, in bytes. */
interface LinkReference {
  readonly start: number;
  readonly length: number;
}

/** A compiled contract as its protocol publishes it. */
export interface Artifact {
  readonly contractName: string;
  readonly abi: Abi;
  /** Creation code; not hexadecimal where a library is still to be linked. */
  readonly bytecode: string;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly LinkReference[]>>>>;
}

const require = createRequire(import.meta.url);

/** Aave V3.0.2: `path` below contracts/, for instance `protocol/pool/Pool`. */
export function aaveArtifact(path: string): Artifact {
  return hardhatArtifact(join(packageFolder('@aave/core-v3'), 'artifacts/contracts'), path);
}

/** Lyra V1: `path` below contracts/, for instance `libraries/GWAV`. */
export function lyraArtifact(path: string): Artifact {
  return hardhatArtifact(join(packageFolder('@lyrafinance/protocol'), 'dist/artifacts/contracts'), path);
}

/** Safe 1.5.0: `path` below contracts/, for instance `proxies/SafeProxyFactory`. */
export function safeArtifact(path: string): Artifact {
  return hardhatArtifact(join(packageFolder('@safe-global/safe-smart-account'), 'build/artifacts/contracts'), path);
}

/** Venus Core 5.2.0: `path` below contracts/, for instance `Comptroller/Unitroller`. */
export function venusArtifact(path: string): Artifact {
  return hardhatArtifact(join(packageFolder('@venusprotocol/venus-protocol'), 'artifacts/contracts'), path);
}

/** Perpetual Protocol V2: the name of a contract. */
export function perpArtifact(name: string): Artifact {
  return hardhatArtifact(join(packageFolder('@perp/curie-contract'), 'artifacts/contracts'), name);
}

/** The price feeds of Perpetual Protocol: the name of a contract. */
export function perpOracleArtifact(name: string): Artifact {
  return hardhatArtifact(join(packageFolder('@perp/perp-oracle-contract'), 'artifacts/contracts'), name);
}

/** Uniswap V3 core: the name of a contract. */
export function uniswapArtifact(name: string): Artifact {
  return hardhatArtifact(join(packageFolder('@uniswap/v3-core'), 'artifacts/contracts'), name);
}

/** Pyth's SDK 4.3.1: the name of a contract that it has compiled, for instance `MockPyth`. */
export function pythArtifact(name: string): Artifact {
  const folder = packageFolder('@pythnetwork/pyth-sdk-solidity');
  const abi: Abi = JSON.parse(readFileSync(join(folder, 'abis', `${name}.json`), 'utf8'));
  const code = readFileSync(join(folder, 'build', `${name}_sol_${name}.bin`), 'utf8');
  return { contractName: name, abi, bytecode: `0x${code.trim()}`, linkReferences: {} };
}

/** Uniswap V3 periphery: the name of a contract. */
export function uniswapPeripheryArtifact(name: string): Artifact {
  return hardhatArtifact(join(packageFolder('@uniswap/v3-periphery'), 'artifacts/contracts'), name);
}

/**
 * Our own contracts, as `hardhat build` compiled them: `path` below contracts/, for instance `MarginOracle`, and the contract's
 * name where the file has another.
 */
export function ownArtifact(path: string, name?: string): Artifact {
  return hardhatArtifact(join(import.meta.dirname, '../../artifacts/contracts'), path, name);
}

/** Morpho Blue: `path` below the typechain factories of its bundlers package, without `__factory.js`. */
export function morphoArtifact(path: string): Artifact {
  const file = join(packageFolder('@morpho-org/morpho-blue-bundlers'), 'types/factories', `${path}__factory.js`);
  const { abi, bytecode } = runFactory(readFileSync(file, 'utf8'));
  return { contractName: path.split('/').at(-1) ?? path, abi, bytecode: bytecode ?? '0x', linkReferences: {} };
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** Hardhat's layout: contracts/a/B.sol is a/B.sol/B.json. */
function hardhatArtifact(root: string, path: string, name = path.split('/').at(-1) ?? path): Artifact {
  return JSON.parse(readFileSync(join(root, `${path}.sol`, `${name}.json`), 'utf8'));
}

/** A typechain factory is a CommonJS module that needs of ethers only classes to extend: its `abi` and `bytecode` are static. */
function runFactory(source: string): { readonly abi: Abi; readonly bytecode?: Hex } {
  const exports: Record<string, { readonly abi: Abi; readonly bytecode?: Hex }> = {};
  const ethers = { Contract: class {}, ContractFactory: class {}, Interface: class {}, utils: { Interface: class {} } };
  runInNewContext(source, { exports, require: () => ethers });
  const factory = Object.values(exports).find((value) => value?.abi !== undefined);
  if (factory === undefined) throw new ScriptError('A typechain factory has no static abi. Was its package updated?');
  return factory;
}
