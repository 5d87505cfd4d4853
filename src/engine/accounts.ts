import { freeToPledge } from './freeToPledge.ts';

/** What one margin account of a book holds, owes and needs. */
export interface AccountNeed {
  readonly assetsUsd: number;
  readonly liabilitiesUsd: number;
  readonly maintenanceUsd: number;
  readonly initialUsd: number;
  /** Below 1 the account is short of its maintenance; null where nothing is owed and nothing required. */
  readonly health: number | null;
}

/** assets ÷ (liabilities + charges); null where both of these are 0. */
export function accountHealth(assetsUsd: number, owedUsd: number): number | null {
  return owedUsd > 0 ? assetsUsd / owedUsd : null;
}

/**
 * The accounts of a book together, where no account lends to another: amounts add up, and the health is that of the worst account.
 * Checked in test/engine/accounts.test.ts: one account gives its own numbers; a rich account does not heal a poor one.
 */
export function sumAccounts(accounts: readonly AccountNeed[]) {
  let equityUsd = 0;
  let maintenanceUsd = 0;
  let initialUsd = 0;
  for (const account of accounts) {
    equityUsd += account.assetsUsd - account.liabilitiesUsd;
    maintenanceUsd += account.maintenanceUsd;
    initialUsd += account.initialUsd;
  }
  const netMaintenanceUsd = equityUsd - maintenanceUsd;
  const netInitialUsd = equityUsd - initialUsd;
  const health = leastHealth(accounts.map((account) => account.health));
  return { equityUsd, maintenanceUsd, initialUsd, netMaintenanceUsd, netInitialUsd, freeUsd: netInitialUsd, health };
}

/** The least of the healths that there are; null where there is none. */
export function leastHealth(healths: readonly (number | null)[]): number | null {
  const known = healths.filter((health) => health !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** What the silos that can leave are short of: today, and at their worst. */
export interface ObservedShortfall {
  readonly todayUsd: number;
  readonly worstUsd: number;
}

/**
 * The margin of pledged accounts by themselves. What observed silos are short of lowers what is free and the health: what can leave never helps, what is under water
 * still hurts. The shortfall belongs to no account, so it is held against all of them together and the worst health counts.
 * Source: design margin-model §4. Checked in test/engine/accounts.test.ts.
 */
export function pledgedAccounts(accounts: readonly AccountNeed[], { todayUsd, worstUsd }: ObservedShortfall) {
  if (accounts.length === 0) return { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
  const own = sumAccounts(accounts);
  let assetsUsd = 0;
  let owedUsd = worstUsd;
  for (const account of accounts) {
    assetsUsd += account.assetsUsd;
    owedUsd += account.liabilitiesUsd + account.maintenanceUsd;
  }
  const jointly = worstUsd > 0 ? accountHealth(assetsUsd, owedUsd) : null;
  return {
    pledgedEquityUsd: own.equityUsd,
    pledgedFreeUsd: freeToPledge({ ...own, shortfallUsd: todayUsd }),
    pledgedHealth: leastHealth([own.health, jointly]),
  };
}
