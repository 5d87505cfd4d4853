import { type Address, encodeAbiParameters, type Hex, hashTypedData, keccak256 } from 'viem';
import type { Wad } from '../units/wad.ts';
import { crossmarginDomain } from './typedData.ts';

/** What a quorum signs for one transaction of one account. The same fields, names and order as `ActionPermit` in Solidity. */
export interface ActionPermit {
  readonly account: Address;
  /** The Safe's own transaction hash, nonce included. */
  readonly actionHash: Hex;
  readonly pledgedHealthAfterWad: Wad;
  readonly freeAfterWad: Wad;
  /** The Safe's nonce that the transaction uses. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly validUntil: bigint;
}

/** What a quorum signs for calls that bring an account back. The same fields, names and order as `UnwindPlan` in Solidity. */
export interface UnwindPlan {
  readonly account: Address;
  /** See {@link hashCalls}. */
  readonly callsHash: Hex;
  readonly healthAfterWad: Wad;
  /** What pledged equity falls by, less what the account owes its pledgees less: US dollars, 0 where it gains. */
  readonly costWad: Wad;
  /** Of the plan: `planNonceOf` of the auction. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly validUntil: bigint;
}

/** One call of a plan, as `Call` in Solidity. */
export interface PlanCall {
  readonly target: Address;
  /** Wei. */
  readonly value: bigint;
  readonly data: Hex;
}

/** The contract that a signature is for, and its chain. */
export interface ContractRef {
  readonly chainId: number;
  readonly address: Address;
}

export const ACTION_PERMIT_TYPES = {
  ActionPermit: [
    { name: 'account', type: 'address' },
    { name: 'actionHash', type: 'bytes32' },
    { name: 'pledgedHealthAfterWad', type: 'uint256' },
    { name: 'freeAfterWad', type: 'int256' },
    { name: 'nonce', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
  ],
} as const;

export const UNWIND_PLAN_TYPES = {
  UnwindPlan: [
    { name: 'account', type: 'address' },
    { name: 'callsHash', type: 'bytes32' },
    { name: 'healthAfterWad', type: 'uint256' },
    { name: 'costWad', type: 'uint256' },
    { name: 'nonce', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
  ],
} as const;

/** EIP-712 typed data of a permit for one `PledgeGuard`. */
export function permitTypedData(permit: ActionPermit, { chainId, address }: ContractRef) {
  const domain = crossmarginDomain(chainId, address);
  return { domain, types: ACTION_PERMIT_TYPES, primaryType: 'ActionPermit', message: permit } as const;
}

/** The EIP-712 digest of a permit. Equal to `PledgeGuard.permitDigest` and to ethers' `TypedDataEncoder.hash`, by test. */
export function permitDigest(permit: ActionPermit, guard: ContractRef): Hex {
  return hashTypedData(permitTypedData(permit, guard));
}

/** EIP-712 typed data of a plan for one `LiquidationAuction`. */
export function planTypedData(plan: UnwindPlan, { chainId, address }: ContractRef) {
  const domain = crossmarginDomain(chainId, address);
  return { domain, types: UNWIND_PLAN_TYPES, primaryType: 'UnwindPlan', message: plan } as const;
}

/** The EIP-712 digest of a plan. Equal to `LiquidationAuction.planDigest` and to ethers' `TypedDataEncoder.hash`, by test. */
export function planDigest(plan: UnwindPlan, auction: ContractRef): Hex {
  return hashTypedData(planTypedData(plan, auction));
}

const CALLS = [
  {
    type: 'tuple[]',
    components: [
      { name: 'target', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'data', type: 'bytes' },
    ],
  },
] as const;

/** keccak256 of the ABI-encoded calls: what a plan commits to. */
export function hashCalls(calls: readonly PlanCall[]): Hex {
  return keccak256(encodeAbiParameters(CALLS, [calls]));
}
