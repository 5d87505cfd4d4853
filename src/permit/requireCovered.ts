import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import { WAD } from '../units/wad.ts';
import type { PledgedState } from './stateAfter.ts';

/**
 * A permit is for a transaction after which the pledged legs are healthy, and what is free covers what pledgees hold and what they claim beyond it, up to their caps: by that the
 * auction judges an account, and interest that outgrew its pledge is owed too. The guard asks for the pledges alone. Checked in test/permit/requireCovered.test.ts.
 *
 * @throws {UncoveredError} {@link UnhealthyAfterError}
 */
export function requireCovered(account: Address, { freeWad, healthWad, claimedWad }: PledgedState): void {
  if (freeWad < claimedWad) throw new UncoveredError({ account, freeWad, claimedWad });
  if (healthWad < WAD) throw new UnhealthyAfterError({ account, healthWad });
}

/** After the transaction what is pledged or claimed would not be covered. */
export class UncoveredError extends MarginError {
  readonly code = 'UncoveredError';
  readonly account: Address;
  readonly freeWad: bigint;
  readonly claimedWad: bigint;

  constructor(fields: { readonly account: Address; readonly freeWad: bigint; readonly claimedWad: bigint }) {
    const { account, freeWad, claimedWad } = fields;
    super(
      `After the transaction ${account} would have ${freeWad} free (WAD, US dollars; trades at the worst price that they allow), and its pledgees hold or claim ${claimedWad} of it. Take out less, bound trades closer, or repay first.`,
    );
    this.account = account;
    this.freeWad = freeWad;
    this.claimedWad = claimedWad;
  }
}

/** After the transaction the pledged legs would be short of their maintenance. */
export class UnhealthyAfterError extends MarginError {
  readonly code = 'UnhealthyAfterError';
  readonly account: Address;
  readonly healthWad: bigint;

  constructor({ account, healthWad }: { readonly account: Address; readonly healthWad: bigint }) {
    super(
      `After the transaction the pledged health of ${account} would be ${healthWad} (WAD), and must be 1e18 or more. Hedge, repay or add collateral first.`,
    );
    this.account = account;
    this.healthWad = healthWad;
  }
}
