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

/** A report that k signers agree on, to the last bit. */
export interface QuorumReport extends Omit<Agreement<SignedReport>, 'answer'> {
  readonly report: Report;
}

export interface QuorumOptions {
  readonly signers: readonly Signer[];
  /** k. */
  readonly quorum: number;
  readonly oracle: OracleRef;
}

/**
 * Asks all signers and returns the report that at least k of them signed.
 *
 * @throws {QuorumNotReachedError} when no k of them agree: nothing may be posted.
 */
export async function gatherQuorum(proposal: Proposal, options: QuorumOptions): Promise<QuorumReport> {
  const { signers, quorum, oracle } = options;
  const voices = signers.map((signer) => ({ address: signer.address, ask: () => signer.sign(proposal) }));
  const { answer, ...agreed } = await gatherAgreement<SignedReport>(voices, {
    quorum,
    typedData: ({ report }) => rootTypedData(report.root, oracle),
    describe: (signer, { report }, first) => describeDifference({ signer, report }, first.report),
  });
  return { ...agreed, report: answer.report };
}
