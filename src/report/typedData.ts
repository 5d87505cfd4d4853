import { type Address, type Hex, hashTypedData, type TypedDataDomain } from 'viem';

/** What a quorum signs. The same fields, names and order as `MarginRoot` in Solidity. */
export interface MarginRoot {
  readonly epoch: bigint;
  /** Unix seconds: the oldest pinned block's time. */
  readonly asOf: bigint;
  /** Unix seconds: after this the root answers nothing. */
  readonly validUntil: bigint;
  readonly snapshotHash: Hex;
  readonly modelHash: Hex;
  readonly root: Hex;
}

/** The contract that a signature is for. */
export interface OracleRef {
  readonly chainId: number;
  readonly marginOracle: Address;
}

export const MARGIN_ROOT_TYPES = {
  MarginRoot: [
    { name: 'epoch', type: 'uint64' },
    { name: 'asOf', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'snapshotHash', type: 'bytes32' },
    { name: 'modelHash', type: 'bytes32' },
    { name: 'root', type: 'bytes32' },
  ],
} as const;

/** EIP-712 typed data of a root for one oracle on one chain: what a wallet signs. */
export function rootTypedData(root: MarginRoot, oracle: OracleRef) {
  return {
    domain: crossmarginDomain(oracle.chainId, oracle.marginOracle),
    types: MARGIN_ROOT_TYPES,
    primaryType: 'MarginRoot',
    message: root,
  } as const;
}

/** The EIP-712 digest of a root. Equal to `MarginOracle.digest` and to ethers' `TypedDataEncoder.hash`, by test. */
export function rootDigest(root: MarginRoot, oracle: OracleRef): Hex {
  return hashTypedData(rootTypedData(root, oracle));
}

/** The EIP-712 domain of one of our contracts. */
export function crossmarginDomain(chainId: number, verifyingContract: Address): TypedDataDomain {
  return { name: 'Crossmargin', version: '1', chainId, verifyingContract };
}
