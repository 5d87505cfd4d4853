import { type Address, type Hex, hashTypedData } from 'viem';

/** A transaction of a Safe, as its owners sign it. */
export interface SafeTransaction {
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
  readonly data: Hex;
  /** 0: a call; 1: a delegatecall. */
  readonly operation: number;
  readonly safeTxGas: bigint;
  readonly baseGas: bigint;
  readonly gasPrice: bigint;
  readonly gasToken: Address;
  readonly refundReceiver: Address;
  readonly nonce: bigint;
}

/** Source: `SAFE_TX_TYPEHASH` of Safe 1.5.0. */
export const SAFE_TX_TYPES = {
  SafeTx: [
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
  ],
} as const;

/** A Safe on its chain. */
export interface SafeRef {
  readonly chainId: number;
  readonly account: Address;
}

/** EIP-712 typed data of a Safe's transaction. */
export function safeTypedData(transaction: SafeTransaction, { chainId, account }: SafeRef) {
  const domain = { chainId, verifyingContract: account } as const;
  return { domain, types: SAFE_TX_TYPES, primaryType: 'SafeTx', message: transaction } as const;
}

/** The hash that the Safe computes of a transaction. Equal to `Safe.getTransactionHash`, by test. */
export function safeTransactionHash(transaction: SafeTransaction, safe: SafeRef): Hex {
  return hashTypedData(safeTypedData(transaction, safe));
}
