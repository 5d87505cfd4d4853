import { readFileSync } from 'node:fs';
import type { NetworkConnection } from 'hardhat/types/network';
import { type Address, encodeFunctionData, type Hex, numberToHex, type PublicClient } from 'viem';
import type { Addresses, Artifacts, Part } from '../../scripts/deployment/contracts.ts';
import {
  deployPrerequisites,
  deploySystem,
  openNetwork,
  REHEARSAL_NETWORK,
  REHEARSAL_PARAMETERS,
  readArtifacts,
} from '../../scripts/deployment/deployment.ts';
import type { Difference } from '../../scripts/deployment/difference.ts';
import { type Parameters, parseParameters } from '../../scripts/deployment/parameters.ts';
import { verifyDeployment } from '../../scripts/deployment/verifyDeployment.ts';

/** A call of one of the contracts. */
export interface PartCall {
  readonly part: Part;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** A deployment on a chain of its own, and what tests do to it. */
export interface Deployed {
  readonly connection: NetworkConnection;
  readonly client: PublicClient;
  readonly addresses: Addresses;
  readonly artifacts: Artifacts;
  readonly parameters: Parameters;
  readonly deployer: Address;
  /** What the verification finds, on the deployment's own parameters unless others are given. */
  verify(parameters?: Parameters): Promise<Difference[]>;
  /** The name of the error with which a call from `from` reverts; undefined when it does not. */
  refusal(from: Address, call: PartCall): Promise<string | undefined>;
  /** Sends a call as `from`, whoever that is. */
  send(from: Address, call: PartCall): Promise<void>;
  rpc(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** The parameters of a rehearsal as JSON, with addresses of its chain. */
export async function rehearsalParameters(connection: NetworkConnection): Promise<object> {
  return { ...JSON.parse(readFileSync(REHEARSAL_PARAMETERS, 'utf8')), ...(await deployPrerequisites(connection)) };
}

/** Deploys through Ignition in this process. */
export async function deployHere(): Promise<Deployed> {
  const connection = await openNetwork(REHEARSAL_NETWORK);
  const parameters = parseParameters(await rehearsalParameters(connection));
  const addresses = await deploySystem(connection, parameters);
  const artifacts = await readArtifacts();
  const client: PublicClient = await connection.viem.getPublicClient();
  const chainId = await client.getChainId();
  const [wallet] = await connection.viem.getWalletClients();
  const rpc = (method: string, params: readonly unknown[]) =>
    connection.provider.request({ method, params: [...params] });
  const callOf = ({ part, name, args }: PartCall) => ({
    to: addresses[part],
    data: encodeFunctionData({ abi: artifacts[part].abi, functionName: name, args }),
  });
  return {
    ...{ connection, client, addresses, artifacts, parameters, rpc, deployer: wallet?.account.address as Address },
    verify: (others = parameters) =>
      verifyDeployment({ client, chainId, addresses, parameters: others, artifacts, fromBlock: 0n }),
    refusal: async (account, { part, name, args }) => {
      const { abi } = artifacts[part];
      const call = { address: addresses[part], abi, functionName: name, args, account };
      return client.simulateContract(call).then(() => undefined, errorName);
    },
    send: async (from, call) => {
      await rpc('hardhat_impersonateAccount', [from]);
      await rpc('hardhat_setBalance', [from, numberToHex(10n ** 18n)]);
      const hash = await rpc('eth_sendTransaction', [{ from, ...callOf(call) }]);
      const { status } = await client.getTransactionReceipt({ hash: hash as Hex });
      if (status !== 'success') throw new RangeError(`${call.name} reverted`);
    },
  };
}

function errorName(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { data } = cause as { readonly data?: { readonly errorName?: string } };
    if (data?.errorName !== undefined) return data.errorName;
  }
  return String(error);
}
