import type { Address } from 'viem';
import { MarginError, type Refusal } from '../errors.ts';

/** A refusal as it is written down. */
export interface RefusalJson {
  readonly account: Address;
  readonly code: string;
  readonly message: string;
}

/** Who is left out of an epoch, and why, for people and files. */
export function formatRefusals(refused: readonly Refusal[]): readonly RefusalJson[] {
  return refused.map(({ account, error }) => ({ account, code: error.code, message: error.message }));
}

/** In the order of the accounts. */
export function sortRefusals(refused: readonly Refusal[]): readonly Refusal[] {
  return [...refused].sort((a, b) => (a.account.toLowerCase() < b.account.toLowerCase() ? -1 : 1));
}

/** There are accounts, and none of them can be reported. */
export class AllAccountsRefusedError extends MarginError {
  readonly code = 'AllAccountsRefusedError';
  readonly refused: readonly Refusal[];

  constructor(refused: readonly Refusal[]) {
    const codes = [...new Set(refused.map(({ error }) => error.code))].join(', ');
    super(
      `None of the ${refused.length} accounts can be reported (${codes}). Nothing is posted; ask crossmargin health for one of them, for instance ${refused[0]?.account}.`,
      { cause: refused[0]?.error },
    );
    this.refused = refused;
  }
}
