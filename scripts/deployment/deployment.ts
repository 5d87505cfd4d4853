import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IgnitionModule } from '@nomicfoundation/ignition-core';
import { listTransactions } from '@nomicfoundation/ignition-core';
import hre from 'hardhat';
import type { NetworkConnection } from 'hardhat/types/network';
import { type Address, getAddress, type Hash, type PublicClient } from 'viem';
import { crossmarginModule, MODULE_ID } from '../../ignition/modules/Crossmargin.ts';
import { prerequisitesModule } from '../../ignition/modules/Prerequisites.ts';
import { ScriptError } from '../scriptError.ts';
import { type Addresses, type Artifacts, CONTRACTS, PARTS } from './contracts.ts';
import type { Parameters } from './parameters.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The chain of {@link openRehearsal}, and the parameters of a rehearsal. */
export const REHEARSAL_NETWORK = 'local';
/** What a rehearsal deploys, less what it deploys first. */
export const REHEARSAL_PARAMETERS = join(ROOT, 'ignition/parameters/local.json');

/** Opens a network of hardhat.config.ts. */
export function openNetwork(network: string): Promise<NetworkConnection> {
  return hre.network.create(network);
}

/** Deploys the whole system. Over HTTP Ignition keeps what it did below ignition/deployments, and goes on from there. */
export async function deploySystem(connection: NetworkConnection, parameters: Parameters): Promise<Addresses> {
  const deployed = await deployModule(connection, crossmarginModule(parameters));
  return Object.fromEntries(PARTS.map((part) => [part, required(deployed[part], part)])) as Addresses;
}

/** Deploys what a fresh chain lacks, as the part of a parameter file that names it. Rehearsals only. */
export async function deployPrerequisites(connection: NetworkConnection) {
  const { settlementToken, ...safe } = await deployModule(connection, prerequisitesModule);
  return { settlementToken, safe };
}

/** What the compiler says of every contract: `hardhat build` wrote it. */
export async function readArtifacts(): Promise<Artifacts> {
  const artifacts = PARTS.map(async (part) => [part, await hre.artifacts.readArtifact(CONTRACTS[part])] as const);
  return Object.fromEntries(await Promise.all(artifacts)) as unknown as Artifacts;
}

/** Where a deployment over HTTP put everything. Throws a {@link ScriptError} where there is none, or only a part of one. */
export function readAddresses(chainId: number): Addresses {
  const file = join(deploymentFolder(chainId), 'deployed_addresses.json');
  if (!existsSync(file)) throw new ScriptError(`${file} does not exist. Deploy first: npm run deploy.`);
  const known = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
  return Object.fromEntries(
    PARTS.map((part) => [part, required(known[`${MODULE_ID}#${CONTRACTS[part]}`], CONTRACTS[part])]),
  ) as Addresses;
}

/** The block of the first transaction of a deployment over HTTP. */
export async function firstBlockOf(client: PublicClient, chainId: number): Promise<bigint> {
  const [first] = await listTransactions(deploymentFolder(chainId), undefined as never);
  if (first === undefined) throw new ScriptError(`Ignition kept no transaction of chain ${chainId}. Deploy first.`);
  return (await client.getTransactionReceipt({ hash: first.txHash as Hash })).blockNumber;
}

function deploymentFolder(chainId: number): string {
  return join(ROOT, 'ignition/deployments', `chain-${chainId}`);
}

async function deployModule(
  connection: NetworkConnection,
  module: unknown,
): Promise<Readonly<Record<string, Address>>> {
  const contracts = await connection.ignition.deploy(module as IgnitionModule<string, string, never>);
  return Object.fromEntries(
    Object.entries(contracts as Readonly<Record<string, { readonly address: Address }>>).map(([name, { address }]) => [
      name,
      getAddress(address),
    ]),
  );
}

function required(address: string | undefined, what: string): Address {
  if (address === undefined) throw new ScriptError(`${what} was not deployed. Run npm run deploy again: it goes on.`);
  return getAddress(address);
}
