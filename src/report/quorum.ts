import type { Address, Hex } from 'viem';
import { type Agreement, gatherAgreement } from './agreement.ts';
import { describeDifference } from './difference.ts';
import type { Report } from './report.ts';
import type { BlockRef } from './snapshot.ts';
import { type OracleRef, rootTypedData } from './typedData.ts';

/** What the poster asks the signers to compute: which block of each chain, under which epoch. Never a number. */
export interface Proposal {
  readonly epoch: bigint;
  /** Unix seconds. */
  readonly validUntil: bigint;
  /** One of each chain that is read, sorted by chain id. */
  readonly blocks: readonly BlockRef[];
}

/** What a signer arrived at by itself, and its signature over it. */
export interface SignedReport {
  readonly report: Report;
  readonly signature: Hex;
}

/** One independent signer: it reads, computes and signs by itself, from its own client. */
export interface Signer {
  readonly address: Address;
  sign(proposal: Proposal): Promise<SignedReport>;
}

/** How many signers must agree on a report, and from how many on it is wide. */
export interface Quorums {
  /** k. */
  readonly quorum: number;
  readonly wideQuorum: number;
}

/** A report that at least k signers agree on, to the last bit. */
export interface QuorumReport extends Omit<Agreement<SignedReport>, 'answer'> {
  readonly report: Report;
  /** Whether it carries the wide quorum's signatures: only then may what counts as free grow at once. */
  readonly isWide: boolean;
}

export interface QuorumOptions extends Quorums {
  readonly signers: readonly Signer[];
  readonly oracle: OracleRef;
}

/**
 * Asks all signers and returns the report that at least k of them signed, with the wide quorum's signatures where so many agree.
 *
 * @throws {QuorumNotReachedError} when no k of them agree: nothing may be posted.
 */
export async function gatherQuorum(proposal: Proposal, options: QuorumOptions): Promise<QuorumReport> {
  const { signers, quorum, wideQuorum, oracle } = options;
  const voices = signers.map((signer) => ({ address: signer.address, ask: () => signer.sign(proposal) }));
  const { answer, ...agreed } = await gatherAgreement<SignedReport>(voices, {
    quorum,
    wideQuorum,
    typedData: ({ report }) => rootTypedData(report.root, oracle),
    describe: (signer, { report }, first) => describeDifference({ signer, report }, first.report),
  });
  return { ...agreed, report: answer.report, isWide: agreed.signatures.length >= wideQuorum };
}
