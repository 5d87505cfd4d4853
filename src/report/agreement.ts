import { type Address, type Hex, hashTypedData, recoverTypedDataAddress, type TypedDataDomain } from 'viem';
import { MarginError, SourceError } from '../errors.ts';

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

/** One signer that is asked: it arrives at something by itself, and signs it. */
export interface Voice<Answer extends { readonly signature: Hex }> {
  readonly address: Address;
  ask(): Promise<Answer>;
}

/** What at least k voices agree on, to the last bit. */
export interface Agreement<Answer> {
  readonly answer: Answer;
  /** Sorted by signer, as the contracts want them: exactly k, or exactly as many as the wide quorum where so many agree. */
  readonly signatures: readonly SignerSignature[];
  /** Signers that failed or arrived at something else: to be logged. */
  readonly dissents: readonly Dissent[];
}

/** EIP-712 typed data. */
export interface Signable {
  readonly domain: TypedDataDomain;
  readonly types: object;
  readonly primaryType: string;
  readonly message: object;
}

export interface AgreementOptions<Answer> {
  /** k. */
  readonly quorum: number;
  /** How many signatures are wanted where so many agree, at least k. Absent: k. */
  readonly wideQuorum?: number;
  /** What an answer's signature is over. */
  typedData(answer: Answer): Signable;
  /** Names what a signer has otherwise than the others. */
  describe(signer: Address, answer: Answer, agreed: Answer): unknown;
}

/**
 * Asks all voices and returns what at least k of them signed. Two answers are the same where what is signed is.
 *
 * @throws {QuorumNotReachedError} when no k of them agree.
 */
export async function gatherAgreement<Answer extends { readonly signature: Hex }>(
  voices: readonly Voice<Answer>[],
  options: AgreementOptions<Answer>,
): Promise<Agreement<Answer>> {
  const { quorum, wideQuorum = quorum } = options;
  const outcomes = await Promise.all(voices.map((voice) => ask(voice, options)));
  const heard = outcomes.filter((outcome): outcome is Heard<Answer> => 'digest' in outcome);
  const failures = outcomes.filter((outcome): outcome is Dissent => 'error' in outcome);
  const agreed = largestGroup(heard);
  const first = agreed[0];
  if (first === undefined || agreed.length < quorum) {
    throw new QuorumNotReachedError({ got: agreed.length, needed: quorum, dissents: failures });
  }
  const wanted = agreed.length < wideQuorum ? quorum : wideQuorum;
  const differing = heard.filter(({ digest }) => digest !== first.digest);
  return {
    answer: first.answer,
    signatures: agreed.slice(0, wanted).map(({ signer, answer: { signature } }) => ({ signer, signature })),
    dissents: [
      ...failures,
      ...differing.map(({ signer, answer }) => ({ signer, error: options.describe(signer, answer, first.answer) })),
    ],
  };
}

interface Heard<Answer> {
  readonly signer: Address;
  readonly answer: Answer;
  readonly digest: Hex;
}

async function ask<Answer extends { readonly signature: Hex }>(
  voice: Voice<Answer>,
  { typedData }: AgreementOptions<Answer>,
): Promise<Heard<Answer> | Dissent> {
  const { address: signer } = voice;
  try {
    const answer = await voice.ask();
    const data = typedData(answer) as never;
    const recovered = await recoverTypedDataAddress({ ...(data as object), signature: answer.signature } as never);
    if (recovered.toLowerCase() !== signer.toLowerCase()) throw new SignatureMismatchError(signer, recovered);
    return { signer, answer, digest: hashTypedData(data) };
  } catch (error) {
    return { signer, error };
  }
}

/** The answers under the digest most signers arrived at (the smaller digest on a tie), sorted by signer. */
function largestGroup<Answer>(heard: readonly Heard<Answer>[]): readonly Heard<Answer>[] {
  const groups = new Map<Hex, Heard<Answer>[]>();
  for (const one of heard) groups.set(one.digest, [...(groups.get(one.digest) ?? []), one]);
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
