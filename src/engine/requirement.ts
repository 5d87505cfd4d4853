import { leastRatio, type Tail } from './tail.ts';

/** What is held and owed in one scenario, the weight applied. */
export interface Balance {
  readonly assetsUsd: number;
  readonly liabilitiesUsd: number;
}

/** What a set of balances needs. */
export interface Requirement {
  readonly equityUsd: number;
  /** The loss in the worst scenario. */
  readonly scanUsd: number;
  /** The index of the worst scenario, the first of equals. */
  readonly worst: number;
  readonly addOnsUsd: number;
  readonly maintenanceUsd: number;
  readonly initialUsd: number;
  readonly health: number | null;
}

/**
 * A scenario's balance pulled toward today by its weight: A_0 + w·(A − A_0), L_0 + w·(L − L_0).
 * Source: design margin-model §3.
 */
export function pull(today: Balance, balance: Balance, weight: number): Balance {
  return {
    assetsUsd: today.assetsUsd + weight * (balance.assetsUsd - today.assetsUsd),
    liabilitiesUsd: today.liabilitiesUsd + weight * (balance.liabilitiesUsd - today.liabilitiesUsd),
  };
}

/** Today's mark, and what is held and owed in every scenario, the unshocked one first. */
export interface Balances {
  /** At today's values, before any venue liquidates anything. */
  readonly mark: Balance;
  /** The worst loss of each tail average among them. */
  readonly scenarios: readonly Balance[];
  /** Each mean over a share of its draws is a scenario. */
  readonly tails: readonly Tail[];
}

/** What is asked for beside the loss. */
export interface Charges {
  readonly addOnsUsd: number;
  readonly imFactor: number;
  /** Whether there may be debts that are no legs, as pledges are: then nobody is let off for owing nothing. Absent: no. */
  readonly owesElsewhere?: boolean;
}

/**
 * The requirement on the balances of all scenarios.
 *
 * equity = A_0 − L_0 at today's mark: a silo that its venue would liquidate as things stand costs in the unshocked scenario, not in equity; scan = max of equity − (A_s − L_s); maintenance = scan + addOns; initial = scan·imFactor + addOns;
 * health = min A_s ÷ (L_s + addOns), over every mean of draws too. Who owes nothing in any scenario, nor elsewhere, needs nothing and has no health to speak of.
 * Source: design margin-model §4. Checked: health < 1 exactly when equity < maintenance, as a property (test/engine/properties.test.ts).
 */
export function requirementOf(
  { mark, scenarios: balances, tails }: Balances,
  { addOnsUsd, imFactor, owesElsewhere = false }: Charges,
): Requirement {
  const equityUsd = mark.assetsUsd - mark.liabilitiesUsd;
  let scanUsd = 0;
  let worst = 0;
  balances.forEach(({ assetsUsd, liabilitiesUsd }, index) => {
    const lossUsd = equityUsd - (assetsUsd - liabilitiesUsd);
    if (!(lossUsd > scanUsd)) return;
    scanUsd = lossUsd;
    worst = index;
  });
  const common = { equityUsd, scanUsd, worst };
  if (!owesElsewhere && [balances, ...tails.map(({ draws }) => draws)].every(owesNothing)) {
    return { ...common, addOnsUsd: 0, maintenanceUsd: 0, initialUsd: 0, health: null };
  }
  let health = Number.POSITIVE_INFINITY;
  for (const { assetsUsd, liabilitiesUsd } of balances) {
    health = Math.min(health, healthOf(assetsUsd, liabilitiesUsd + addOnsUsd));
  }
  for (const tail of tails) health = leastRatio(tail, { addOnsUsd, least: health });
  const maintenanceUsd = scanUsd + addOnsUsd;
  return { ...common, addOnsUsd, maintenanceUsd, initialUsd: scanUsd * imFactor + addOnsUsd, health };
}

function owesNothing(balances: readonly Balance[]): boolean {
  return balances.every(({ liabilitiesUsd }) => liabilitiesUsd === 0);
}

function healthOf(assetsUsd: number, owedUsd: number): number {
  return owedUsd > 0 ? assetsUsd / owedUsd : Number.POSITIVE_INFINITY;
}
