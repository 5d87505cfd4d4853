import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import { type Agreement, gatherAgreement } from '../report/agreement.ts';
import { type ContractRef, permitTypedData } from '../report/permitTypedData.ts';
import type { PermitProposal, PermitSigner, SignedPermit } from './permitSigner.ts';

/** Who is asked, how many must agree, and for which guard. */
export interface GatherPermitOptions {
  readonly signers: readonly PermitSigner[];
  /** k. */
  readonly quorum: number;
  readonly guard: ContractRef;
}

/**
 * Asks all signers for a permit and returns what at least k of them signed, with their signatures as `PledgeGuard.register` wants them.
 *
 * @throws {QuorumNotReachedError} when no k of them agree; its text says why each did not sign.
 */
export function gatherPermit(
  proposal: PermitProposal,
  { signers, quorum, guard }: GatherPermitOptions,
): Promise<Agreement<SignedPermit>> {
  const voices = signers.map((signer) => ({ address: signer.address, ask: () => signer.sign(proposal) }));
  return gatherAgreement<SignedPermit>(voices, {
    quorum,
    typedData: ({ permit }) => permitTypedData(permit, guard),
    describe: (signer, answer, agreed) =>
      new PermitDisagreedError({ signer, ...differenceOf(answer.permit, agreed.permit) }),
  });
}

interface Difference {
  readonly field: string;
  readonly own: string;
  readonly others: string;
}

/** The first field that differs of two permits or plans. */
export function differenceOf(own: object, agreed: object): Difference {
  const values = Object.entries(own);
  const others = agreed as Readonly<Record<string, unknown>>;
  const [field, value] = values.find(([name, one]) => one !== others[name]) ?? ['nothing', ''];
  return { field, own: `${value}`, others: `${others[field] ?? ''}` };
}

/** A signer arrived at another permit or plan than the quorum. */
export class PermitDisagreedError extends MarginError {
  readonly code = 'PermitDisagreedError';
  readonly signer: Address;

  constructor({ signer, field, own, others }: Difference & { readonly signer: Address }) {
    super(
      `Signer ${signer} disagrees: ${field} is ${own}, the others have ${others}. Compare its node, deployment and version with the others'.`,
    );
    this.signer = signer;
  }
}
