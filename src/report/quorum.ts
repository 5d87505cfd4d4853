import { type Address, type Hex, recoverTypedDataAddress } from 'viem';
import { MarginError, SourceError } from '../errors.ts';
import { describeDifference } from './difference.ts';
import type { Report } from './report.ts';
import type { BlockRef } from './snapshot.ts';
import { type OracleRef, rootDigest, rootTypedData } from './typedData.ts';

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

/** A signature with who made it. */
export interface SignerSignature {
  readonly signer: Address;
  readonly signature: Hex;
}

/** A signer whose answer is not part of the quorum, and why. */
export interface Dissent {
  readonly signer: Address;
  readonly error: unknown;
}

/** A report that k signers agree on, to the last bit. */
export interface QuorumReport {
  readonly report: Report;
  /** Sorted by signer, as the contract wants them: exactly k. */
  readonly signatures: readonly SignerSignature[];
  /** Signers that failed or arrived at something else: to be logged. */
  readonly dissents: readonly Dissent[];
}

export interface QuorumOptions {
  readonly signers: readonly Signer[];
  /** k. */
  readonly quorum: number;
  readonly oracle: OracleRef;
}

interface Answer extends SignedReport {
  readonly signer: Address;
  readonly digest: Hex;
}

/**
 * Asks all signers and returns the report that at least k of them signed.
 *
 * @throws {QuorumNotReachedError} when no k of them agree: nothing may be posted.
 */
export async function gatherQuorum(proposal: Proposal, options: QuorumOptions): Promise<QuorumReport> {
  const outcomes = await Promise.all(
    options.signers.map((signer) => ask(signer, { proposal, oracle: options.oracle })),
  );
  const answers = outcomes.filter((outcome): outcome is Answer => 'digest' in outcome);
  const failures = outcomes.filter((outcome): outcome is Dissent => 'error' in outcome);
  const agreed = largestGroup(answers);
  const first = agreed[0];
  if (first === undefined || agreed.length < options.quorum) {
    throw new QuorumNotReachedError({ got: agreed.length, needed: options.quorum, dissents: failures });
  }
  const differing = answers.filter(({ digest }) => digest !== first.digest);
  return {
    report: first.report,
    signatures: agreed.slice(0, options.quorum).map(({ signer, signature }) => ({ signer, signature })),
    dissents: [
      ...failures,
      ...differing.map((answer) => ({ signer: answer.signer, error: describeDifference(answer, first.report) })),
    ],
  };
}

async function ask(
  signer: Signer,
  { proposal, oracle }: { readonly proposal: Proposal; readonly oracle: OracleRef },
): Promise<Answer | Dissent> {
  try {
    const { report, signature } = await signer.sign(proposal);
    const recovered = await recoverTypedDataAddress({ ...rootTypedData(report.root, oracle), signature });
    if (recovered.toLowerCase() !== signer.address.toLowerCase()) {
      throw new SignatureMismatchError(signer.address, recovered);
    }
    return { signer: signer.address, report, signature, digest: rootDigest(report.root, oracle) };
  } catch (error) {
    return { signer: signer.address, error };
  }
}

/** The answers under the digest most signers arrived at (the smaller digest on a tie), sorted by signer. */
function largestGroup(answers: readonly Answer[]): readonly Answer[] {
  const groups = new Map<Hex, Answer[]>();
  for (const answer of answers) groups.set(answer.digest, [...(groups.get(answer.digest) ?? []), answer]);
  const ranked = [...groups.values()].sort(
    (a, b) => b.length - a.length || compareText(a[0]?.digest ?? '', b[0]?.digest ?? ''),
  );
  return [...(ranked[0] ?? [])].sort((a, b) => compareText(a.signer.toLowerCase(), b.signer.toLowerCase()));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** One dissent for a log: who, and the error's name and message. */
export function describeDissent({ signer, error }: Dissent): string {
  return `signer ${signer} is not part of the quorum: ${error}`;
}

/** No k signers arrived at the same bytes. With the next block they may. */
export class QuorumNotReachedError extends SourceError {
  readonly code = 'QuorumNotReachedError';
  readonly got: number;
  readonly needed: number;
  readonly dissents: readonly Dissent[];

  constructor({ got, needed, dissents }: { got: number; needed: number; dissents: readonly Dissent[] }) {
    const why = dissents.map(({ signer, error }) => `${signer}: ${error}`);
    super(
      [
        `${got} of ${needed} needed signers agree. Nothing is posted; see why each one did not sign, and try again.`,
        ...new Set(why),
      ].join('\n'),
      { cause: dissents[0]?.error },
    );
    this.got = got;
    this.needed = needed;
    this.dissents = dissents;
  }
}

/** A signature that is not by the signer that returned it. */
export class SignatureMismatchError extends MarginError {
  readonly code = 'SignatureMismatchError';
  readonly signer: Address;
  readonly recovered: Address;

  constructor(signer: Address, recovered: Address) {
    super(`The signature of ${signer} recovers to ${recovered}. Check the signer's key and the oracle's domain.`);
    this.signer = signer;
    this.recovered = recovered;
  }
}
