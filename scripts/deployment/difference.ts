import type { PublicClient } from 'viem';
import type { Artifacts } from './contracts.ts';
import type { Subject } from './expectations.ts';

/** In what a deployment differs from its parameters and from the compiled contracts. */
export interface Difference {
  /**
   * `CodeDiffers`: other code than the compiled contract's. `CreationDiffers`: created by other code or with other arguments, and so
   * with other immutables. `ValueDiffers`: a view answers something else. `MemberMissing`, `MemberExtra`: of a list (free calls,
   * protocols, who holds a role). `OperationPending`: the timelock has something waiting.
   */
  readonly reason:
    | 'CodeDiffers'
    | 'CreationDiffers'
    | 'ValueDiffers'
    | 'MemberMissing'
    | 'MemberExtra'
    | 'OperationPending';
  /** Of what, for instance `MarginOracle.guardian()`. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
}

/** What is verified, and how the chain is asked. */
export interface VerifyOptions extends Subject {
  readonly client: PublicClient;
  readonly artifacts: Artifacts;
  /** The block of the first transaction of the deployment, or one before it. */
  readonly fromBlock: bigint;
}

/** One line for a person. */
export function formatDifference({ reason, where, found, expected }: Difference): string {
  return `${reason}: ${where} is ${found}, expected ${expected}`;
}
