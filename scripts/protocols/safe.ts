import { type Address, concatHex, encodeFunctionData, getAddress, zeroAddress } from 'viem';
import type { HDAccount } from 'viem/accounts';
import type { LocalChain } from '../chain.ts';
import { safeArtifact } from './artifacts.ts';
import { type Call, type Contract, contractAt, deploy } from './contract.ts';

/** Safe 1.5.0: what every Safe of a chain shares. */
export interface SafeContracts {
  readonly singleton: Contract;
  readonly factory: Contract;
  readonly fallbackHandler: Contract;
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

const SAFE_TX = [
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'data', type: 'bytes' },
  { name: 'operation', type: 'uint8' },
  { name: 'safeTxGas', type: 'uint256' },
  { name: 'baseGas', type: 'uint256' },
  { name: 'gasPrice', type: 'uint256' },
  { name: 'gasToken', type: 'address' },
  { name: 'refundReceiver', type: 'address' },
  { name: 'nonce', type: 'uint256' },
] as const;

/** Deploys the singleton, the factory and the fallback handler. */
export async function deploySafeContracts(chain: LocalChain): Promise<SafeContracts> {
  return {
    singleton: await deploy(chain, safeArtifact('Safe')),
    factory: await deploy(chain, safeArtifact('proxies/SafeProxyFactory')),
    fallbackHandler: await deploy(chain, safeArtifact('handler/CompatibilityFallbackHandler')),
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

/** Has the Safe make a call: its owners sign the typed transaction, anyone sends it. */
export async function executeFromSafe(chain: LocalChain, { safe, call }: { safe: Safe; call: Call }): Promise<void> {
  const { contract, signers } = safe;
  const message = {
    ...{ to: call.to, value: 0n, data: call.data, operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n },
    ...{ gasToken: zeroAddress, refundReceiver: zeroAddress, nonce: await contract.read<bigint>('nonce') },
  };
  const domain = { chainId: chain.chain.id, verifyingContract: contract.address };
  const inOrder = signers.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const sign = (signer: HDAccount) =>
    signer.signTypedData({ domain, types: { SafeTx: SAFE_TX }, primaryType: 'SafeTx', message });
  const signatures = concatHex(await Promise.all(inOrder.map(sign)));
  const { to, data } = call;
  await contract.write('execTransaction', [to, 0, data, 0, 0, 0, 0, zeroAddress, zeroAddress, signatures]);
}
