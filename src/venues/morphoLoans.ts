import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import type { MorphoHolding } from './morphoBlueRead.ts';
import type { SetAside } from './setAside.ts';

/** What counts, and what is done with what does not. */
export interface Counting {
  readonly setAside: SetAside;
  readonly oracles: readonly Address[] | undefined;
}

/** Where a loan is. */
export interface Loan extends Counting {
  readonly silo: string;
  readonly params: MorphoHolding['params'];
}

/**
 * Anybody creates a market with an oracle of his own, and empties it against collateral that is worth nothing: what was lent there is a
 * number and no money. So it counts in markets of listed oracles only.
 */
export function countedLoan(raw: bigint, { silo, params: { oracle }, oracles, setAside }: Loan): bigint {
  const isListed = oracles === undefined || oracles.some((listed) => listed.toLowerCase() === oracle.toLowerCase());
  if (raw === 0n || isListed) return raw;
  setAside(silo, new UnlistedMorphoOracleError({ silo, oracle }));
  return 0n;
}

/** A loan in a market whose oracle the deployment does not list: who chose the oracle may have emptied it. */
export class UnlistedMorphoOracleError extends MarginError {
  readonly code = 'UnlistedMorphoOracleError';
  readonly oracle: Address;

  constructor({ silo, oracle }: { readonly silo: string; readonly oracle: Address }) {
    super(
      `The market of ${silo} has the oracle ${oracle}, which the deployment does not list under venues.morphoBlue.oracles: what is lent there may be owed by nobody who pays. List the oracle if it can be trusted, or take the loan back.`,
    );
    this.oracle = oracle;
  }
}
