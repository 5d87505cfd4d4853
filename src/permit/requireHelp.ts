import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import { WAD, type Wad } from '../units/wad.ts';
import type { PledgedState, StateAfter } from './stateAfter.ts';

/** What an auction asks of a plan. */
export interface PlanTerms {
  readonly imFactorWad: bigint;
  readonly minHealthAfterWad: bigint;
  readonly planCostBps: number;
}

/** What a plan's calls do to an account. */
export interface PlanOutcome extends StateAfter {
  readonly account: Address;
  /** What the account's pledgees are owed less after it, US dollars; negative: more. */
  readonly owedLessWad: Wad;
}

const BPS = 10_000n;

/**
 * What a plan costs, US dollars: what pledged equity loses beyond what the account owes its pledgees less; 0 where it gains. The account
 * must be under before, and covered after: healthy by the terms, pledges carried. Source: `UnwindPlans.checkOutcome` and
 * `LiquidationAuction.cushionOf`. Checked in test/permit/requireHelp.test.ts.
 *
 * @throws {PlanNotNeededError} {@link PlanCostError} {@link PlanHelpsNotError}
 */
export function requireHelp({ account, before, after, owedLessWad }: PlanOutcome, terms: PlanTerms): Wad {
  const isUnder = before.healthWad < WAD || cushionOf(before, terms) < 0n;
  if (!isUnder || before.totalPledgedWad === 0n) throw new PlanNotNeededError(account);
  const lossWad = before.equityWad - after.equityWad - owedLessWad;
  const costWad = lossWad > 0n ? lossWad : 0n;
  const limitWad = before.equityWad > 0n ? (before.equityWad * BigInt(terms.planCostBps)) / BPS : 0n;
  if (costWad > limitWad) throw new PlanCostError({ account, costWad, limitWad });
  const cushionWad = cushionOf(after, terms);
  if (after.healthWad >= terms.minHealthAfterWad && cushionWad >= 0n) return costWad;
  throw new PlanHelpsNotError({ account, healthWad: after.healthWad, cushionWad });
}

/** As `LiquidationAuction.cushionOf`: what is left above maintenance and what pledgees claim. Source: its own NatSpec. */
function cushionOf({ equityWad, freeWad, claimedWad }: PledgedState, { imFactorWad }: PlanTerms): Wad {
  const initialWad = equityWad - freeWad;
  const maintenanceWad = initialWad <= 0n ? 0n : (initialWad * WAD) / imFactorWad;
  return equityWad - maintenanceWad - claimedWad;
}

/** A plan for an account that carries its pledges. */
export class PlanNotNeededError extends MarginError {
  readonly code = 'PlanNotNeededError';
  readonly account: Address;

  constructor(account: Address) {
    super(
      `${account} carries its pledges at the proposed block: nothing is unwound without its owner. Ask for a permit.`,
    );
    this.account = account;
  }
}

/** A plan that costs more than the auction's terms allow. */
export class PlanCostError extends MarginError {
  readonly code = 'PlanCostError';

  constructor(fields: { readonly account: Address; readonly costWad: bigint; readonly limitWad: bigint }) {
    super(
      `The plan would cost ${fields.account} ${fields.costWad} (WAD, US dollars) of pledged equity beyond what it owes less, limit is ${fields.limitWad}. Plan less, or let the auction sell the account.`,
    );
  }
}

/** A plan after which the account would still be under. */
export class PlanHelpsNotError extends MarginError {
  readonly code = 'PlanHelpsNotError';

  constructor(fields: { readonly account: Address; readonly healthWad: bigint; readonly cushionWad: bigint }) {
    super(
      `After the plan ${fields.account} would have a pledged health of ${fields.healthWad} and ${fields.cushionWad} above maintenance and what its pledgees claim (WAD). Plan more, or let the auction sell the account.`,
    );
  }
}
