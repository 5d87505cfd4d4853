import type { Hex } from 'viem';
import { MarginError } from '../errors.ts';
import type { SetAside } from './setAside.ts';

/** What counts, and what is done with what does not. */
export interface Counting {
  readonly setAside: SetAside;
  /** Ids of the markets in which loans count; undefined: all. */
  readonly markets: readonly Hex[] | undefined;
}

/** Where a loan is. */
export interface Loan extends Counting {
  readonly id: Hex;
  readonly silo: string;
}

/**
 * Anybody creates a market with an oracle of his own, or with one for other tokens, and empties it against collateral that is worth nothing: what was lent there is a
 * number and no money. So it counts in listed markets only.
 */
export function countedLoan(raw: bigint, { id, silo, markets, setAside }: Loan): bigint {
  const isListed = markets === undefined || markets.some((listed) => listed.toLowerCase() === id.toLowerCase());
  if (raw === 0n || isListed) return raw;
  setAside(silo, new UnlistedMorphoMarketError(id));
  return 0n;
}

/** A loan in a market that the deployment does not list: who made the market may have emptied it. */
export class UnlistedMorphoMarketError extends MarginError {
  readonly code = 'UnlistedMorphoMarketError';
  readonly id: Hex;

  constructor(id: Hex) {
    super(
      `The deployment does not list the market ${id} under venues.morphoBlue.markets: what is lent there may be owed by nobody who pays. List the market if its oracle can be trusted for its tokens, or take the loan back.`,
    );
    this.id = id;
  }
}
