import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hash,
  type Hex,
  TransactionReceiptNotFoundError,
} from 'viem';
import type { LocalChain } from '../chain.ts';
import { ScriptError } from '../scriptError.ts';
import type { Artifact } from './artifacts.ts';

/** The most that one transaction may ask for (EIP-7825). Asking for it saves an estimate per transaction. */
const MAX_TRANSACTION_GAS = 16_777_216n;
/** Several of these fit in one block. */
const BATCHED_GAS = 1_000_000n;
const RECEIPT_TRIES = 2_000;

/** What a transaction does, whoever sends it. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
}

/** A deployed contract of somebody else's, called by name. */
export interface Contract {
  readonly name: string;
  readonly address: Address;
  readonly abi: Abi;
  /** The caller states the type: the artifacts carry none. */
  read<T>(functionName: string, args?: readonly unknown[]): Promise<T>;
  /** Sends and waits for the receipt. Throws when it reverts. */
  write(functionName: string, args?: readonly unknown[], options?: { readonly from?: Address }): Promise<void>;
  call(functionName: string, args?: readonly unknown[]): Call;
}

export interface DeployOptions {
  readonly args?: readonly unknown[];
  /** Addresses of the libraries to link, by name. */
  readonly libraries?: Readonly<Record<string, Address>>;
}

/** Deploys an artifact from the first account. */
export async function deploy(chain: LocalChain, artifact: Artifact, options: DeployOptions = {}): Promise<Contract> {
  const { abi, contractName } = artifact;
  const bytecode = link(artifact, options.libraries ?? {});
  const data = encodeDeployData({ abi, bytecode, args: options.args ?? [] });
  const hash = await submit(chain, { data, from: deployer(chain), gas: MAX_TRANSACTION_GAS });
  const { contractAddress } = await confirm(chain, hash, `deploying ${contractName}`);
  if (contractAddress == null) throw new ScriptError(`${contractName} was not created by ${hash}.`);
  return contractAt(chain, { abi, address: getAddress(contractAddress), name: contractName });
}

/** A contract that exists, for instance behind a proxy. */
export function contractAt(chain: LocalChain, target: Pick<Contract, 'abi' | 'address' | 'name'>): Contract {
  const { abi, address, name } = target;
  const call = (functionName: string, args: readonly unknown[] = []): Call => ({
    to: address,
    data: encodeFunctionData({ abi, functionName, args }),
  });
  return {
    ...target,
    call,
    read: async <T>(functionName: string, args: readonly unknown[] = []) =>
      (await chain.publicClient.readContract({ abi, address, functionName, args })) as T,
    write: async (functionName, args, options) => {
      const from = options?.from ?? deployer(chain);
      const hash = await submit(chain, { ...call(functionName, args), from, gas: MAX_TRANSACTION_GAS });
      await confirm(chain, hash, `${name}.${functionName}`);
    },
  };
}

/** Sends all calls from the first account so that they take effect in one block: nobody sees a part of them. */
export async function writeInOneBlock(chain: LocalChain, calls: readonly Call[]): Promise<void> {
  const from = deployer(chain);
  const hashes: Hash[] = [];
  await chain.testClient.setAutomine(false);
  try {
    for (const call of calls) hashes.push(await submit(chain, { ...call, from, gas: BATCHED_GAS }));
    await chain.testClient.mine({ blocks: 1 });
  } finally {
    await chain.testClient.setAutomine(true);
  }
  for (const hash of hashes) await confirm(chain, hash, 'a call of a batch');
}

/** The account that deploys and administers every protocol. */
export function deployer(chain: LocalChain): Address {
  return chain.account(0).address;
}

/** Signed by the node, whose accounts are unlocked. */
function submit(chain: LocalChain, tx: { from: Address; to?: Address; data: Hex; gas: bigint }): Promise<Hash> {
  const params = [{ ...tx, gas: `0x${tx.gas.toString(16)}` as Hex }] as const;
  return chain.testClient.request<{ Method: 'eth_sendTransaction'; Parameters: typeof params; ReturnType: Hash }>({
    method: 'eth_sendTransaction',
    params,
  });
}

/** Asks for the receipt itself: waiting through viem walks every block in between. */
async function confirm(chain: LocalChain, hash: Hash, what: string) {
  for (let tries = 0; tries < RECEIPT_TRIES; tries++) {
    try {
      const receipt = await chain.publicClient.getTransactionReceipt({ hash });
      if (receipt.status !== 'success') throw new ScriptError(`${what} reverted in ${hash}.`);
      return receipt;
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  throw new ScriptError(`${what}: no receipt of ${hash}.`);
}

function link({ bytecode, contractName, linkReferences }: Artifact, libraries: Readonly<Record<string, Address>>): Hex {
  let code = bytecode;
  for (const [name, references] of Object.values(linkReferences).flatMap(Object.entries)) {
    const address = libraries[name];
    if (address === undefined) throw new ScriptError(`${contractName} needs the library ${name}.`);
    for (const { start, length } of references) {
      const at = 2 + start * 2;
      code = `${code.slice(0, at)}${address.slice(2).toLowerCase()}${code.slice(at + length * 2)}`;
    }
  }
  return code as Hex;
}
