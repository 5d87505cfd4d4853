import { sum } from '../lookup.ts';
import type { DeriveScenario } from '../models/model.ts';
import type { DeriveAccount } from './account.ts';
import { basisPnl } from './basis.ts';
import { type Contingencies, contingencies } from './contingencies.ts';
import { optionValues, scenarioPnl, TODAY } from './shock.ts';

/** One scenario, or the basis contingency, under the account. */
export interface DeriveOutcome {
  readonly id: string;
  /** Absent for the basis contingency. */
  readonly scenario?: DeriveScenario;
  /** By leg. */
  readonly pnl: readonly number[];
  readonly totalUsd: number;
}

/** The published numbers of an account, and what they are made of. */
export interface DeriveSolution {
  /** Mark to market, by leg; cash at face value. */
  readonly valuesUsd: readonly number[];
  readonly equityUsd: number;
  readonly netMaintenanceUsd: number;
  readonly netInitialUsd: number;
  readonly charges: Contingencies;
  /** What a cash asset under its peg adds to initial margin. */
  readonly pegInitial: number;
  /** Every scenario in the model's order, the basis contingency last. */
  readonly outcomes: readonly DeriveOutcome[];
  readonly worst: DeriveOutcome;
}

const BASIS = 'basis';

/**
 * net = min(basis, scenarios) · factor − contingencies + mark to market + cash, for initial and for maintenance.
 * Source: design margin-model §6. Checked against the 14 published cases at 1e-8 (test/engine/derivePm2.test.ts).
 */
export function solve(account: DeriveAccount): DeriveSolution {
  const { mmFactor, imFactor, charges: rates } = account.model.parameters;
  const outcomes = outcomesOf(account);
  const basis = outcomes.find(({ scenario }) => scenario === undefined) ?? outcome(BASIS, []);
  // The basis contingency stands where no scenario is strictly worse.
  const worst = outcomes.reduce((least, next) => (next.totalUsd < least.totalUsd ? next : least), basis);
  const charges = contingencies(account);
  const valuesUsd = markToMarket(account);
  const equityUsd = sum(valuesUsd);
  const { stableUsd } = account.spots;
  const pegFactor = stableUsd < rates.pegThreshold ? (rates.pegThreshold - stableUsd) * rates.pegFactor : 0;
  const maintenance = charges.perpMaintenance + charges.nakedShortMaintenance + charges.collateralMaintenance;
  const initial =
    charges.perpInitial + charges.nakedShortInitial + charges.collateralInitial + charges.confidenceInitial;
  return {
    valuesUsd,
    equityUsd,
    netMaintenanceUsd: worst.totalUsd * mmFactor - maintenance + equityUsd,
    netInitialUsd: worst.totalUsd * (imFactor + pegFactor) - initial - maintenance + equityUsd,
    charges,
    pegInitial: -worst.totalUsd * pegFactor,
    outcomes,
    worst,
  };
}

function outcomesOf(account: DeriveAccount): DeriveOutcome[] {
  const scenarios = account.model.scenarios.map((scenario) => ({
    ...outcome(scenario.id, scenarioPnl(account, scenario)),
    scenario,
  }));
  return [...scenarios, outcome(BASIS, basisPnl(account))];
}

function outcome(id: string, pnl: readonly number[]): DeriveOutcome {
  return { id, pnl, totalUsd: sum(pnl) };
}

function markToMarket({ legs, spots, model, expiries }: DeriveAccount): number[] {
  const values = legs.map((leg) => {
    if (leg.kind === 'perp') return leg.accruedUsd;
    if (leg.kind !== 'token') return 0;
    return leg.asset === model.parameters.numeraire ? leg.amount : (leg.amount * leg.priceUsd) / spots.stableUsd;
  });
  for (const expiry of expiries) {
    const own = optionValues(expiry, TODAY, model.parameters);
    expiry.members.forEach((member, index) => {
      values[member] = own[index] ?? 0;
    });
  }
  return values;
}
