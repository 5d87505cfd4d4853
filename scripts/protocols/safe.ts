import {
  type Address,
  concatHex,
  encodeFunctionData,
  encodePacked,
  getAddress,
  type Hex,
  size,
  zeroAddress,
} from 'viem';
import type { HDAccount } from 'viem/accounts';
import { type SafeTransaction, safeTypedData } from '../../src/report/safeTransaction.ts';
import type { LocalChain } from '../chain.ts';
import { safeArtifact } from './artifacts.ts';
import { type Call, type Contract, contractAt, deploy } from './contract.ts';

/** Safe 1.5.0: what every Safe of a chain shares. */
export interface SafeContracts {
  readonly singleton: Contract;
  readonly factory: Contract;
  readonly fallbackHandler: Contract;
  /** `MultiSendCallOnly`: several calls in one transaction. */
  readonly batch: Contract;
}

/** One Safe and those of its owners who sign, as many as its threshold. */
export interface Safe {
  readonly contract: Contract;
  readonly signers: readonly HDAccount[];
}

export interface SafeSetup {
  readonly contracts: SafeContracts;
  readonly owners: readonly HDAccount[];
  readonly threshold: number;
}

/** Deploys the singleton, the factory and the fallback handler. */
export async function deploySafeContracts(chain: LocalChain): Promise<SafeContracts> {
  return {
    singleton: await deploy(chain, safeArtifact('Safe')),
    factory: await deploy(chain, safeArtifact('proxies/SafeProxyFactory')),
    fallbackHandler: await deploy(chain, safeArtifact('handler/CompatibilityFallbackHandler')),
    batch: await deploy(chain, safeArtifact('libraries/MultiSendCallOnly')),
  };
}

/** Creates a Safe of these owners through the factory. */
export async function createSafe(chain: LocalChain, { contracts, owners, threshold }: SafeSetup): Promise<Safe> {
  const { singleton, factory, fallbackHandler } = contracts;
  const initializer = encodeFunctionData({
    abi: singleton.abi,
    functionName: 'setup',
    args: [
      owners.map((owner) => owner.address),
      threshold,
      zeroAddress,
      '0x',
      fallbackHandler.address,
      zeroAddress,
      0,
      zeroAddress,
    ],
  });
  const args = [singleton.address, initializer, 1n];
  const address = getAddress(await factory.read<Address>('createProxyWithNonce', args));
  await factory.write('createProxyWithNonce', args);
  const contract = contractAt(chain, { name: 'Safe', abi: singleton.abi, address });
  return { contract, signers: owners.slice(0, threshold) };
}

/** A call as the Safe's next transaction. */
export async function nextTransaction(
  { contract }: Safe,
  call: Call & Partial<SafeTransaction>,
): Promise<SafeTransaction> {
  return {
    ...{ value: 0n, operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n },
    ...{ gasToken: zeroAddress, refundReceiver: zeroAddress, nonce: await contract.read<bigint>('nonce') },
    ...call,
  };
}

/** Several calls in one, which the Safe delegates to the batch contract. */
export function batchCall({ batch }: SafeContracts, calls: readonly Call[]): Call & { readonly operation: 1 } {
  const parts = calls.map(({ to, data }) =>
    encodePacked(['uint8', 'address', 'uint256', 'uint256', 'bytes'], [0, to, 0n, BigInt(size(data)), data]),
  );
  return { ...batch.call('multiSend', [concatHex(parts)]), operation: 1 };
}

/** Has the Safe make a transaction: its owners sign the typed data, anyone sends it. */
export async function executeFromSafe(
  chain: LocalChain,
  { safe, call }: { readonly safe: Safe; readonly call: Call & Partial<SafeTransaction> },
): Promise<void> {
  const transaction = await nextTransaction(safe, call);
  await safe.contract.write('execTransaction', await executionArgs(chain, { safe, transaction }));
}

/** What `execTransaction` is called with. */
export async function executionArgs(
  chain: LocalChain,
  { safe: { contract, signers }, transaction }: { readonly safe: Safe; readonly transaction: SafeTransaction },
): Promise<readonly unknown[]> {
  const data = safeTypedData(transaction, { chainId: chain.chain.id, account: contract.address });
  const inOrder = signers.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const signatures: Hex = concatHex(await Promise.all(inOrder.map((signer) => signer.signTypedData(data))));
  const { to, value, data: input, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver } = transaction;
  return [to, value, input, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, signatures];
}
