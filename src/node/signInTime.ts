import { type Address, withTimeout } from 'viem';
import { SourceError } from '../errors.ts';

/** Whoever signs what it arrives at by itself: a report, a permit or a plan. */
export interface Asked<Proposal, Answer> {
  readonly address: Address;
  sign(proposal: Proposal): Promise<Answer>;
}

/**
 * The same signer under a time limit, so that one which hangs does not hold up the others. What it is late with goes on, and until
 * that ends it fails at once when it is asked anew: a signer does one thing at a time, and a silent one costs the limit once.
 *
 * @throws {SignerLateError} from `sign`.
 */
export function signInTime<Proposal, Answer>(
  signer: Asked<Proposal, Answer>,
  limitSeconds: number,
): Asked<Proposal, Answer> {
  const { address } = signer;
  let isBusy = false;
  const work = async (proposal: Proposal): Promise<Answer> => {
    isBusy = true;
    try {
      return await signer.sign(proposal);
    } finally {
      isBusy = false;
    }
  };
  return {
    address,
    sign: async (proposal) => {
      const late = new SignerLateError(address, limitSeconds);
      if (isBusy) throw late;
      return withTimeout(() => work(proposal), { timeout: limitSeconds * 1000, errorInstance: late });
    },
  };
}

/** A signer did not answer in time, now or when it was asked before. */
export class SignerLateError extends SourceError {
  readonly code = 'SignerLateError';
  readonly signer: Address;

  constructor(signer: Address, limitSeconds: number) {
    super(
      `Signer ${signer} has not answered within ${limitSeconds} s, and is not asked again until it has. Check its node, or allow more time (signerSeconds).`,
    );
    this.signer = signer;
  }
}
