import { type AccountNeed, pledgedAccounts, sumAccounts } from '../accounts.ts';
import { groupBySilo } from '../groups.ts';
import type { Inputs } from '../inputs.ts';
import type { VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import { readLegs } from '../readLegs.ts';
import type { Margin } from '../result.ts';
import { describeSilos, siloed, tallyToday } from '../siloed.ts';
import { requireVenueLegs } from '../supported.ts';
import { valuesToday } from '../today.ts';
import { describeGroups, type RiskGroup } from './riskGroup.ts';

/** What a preset makes of some legs. */
export interface ScanSolution {
  readonly groups: readonly RiskGroup[];
  readonly accounts: readonly AccountNeed[];
  /** Charges beside the scenarios, by name. */
  readonly addOns: Readonly<Record<string, number>>;
}

/** A preset's rule for a part of a book. */
export type ScanSolver = (legs: readonly VenueLeg[]) => ScanSolution;

/**
 * The whole answer of a preset that scans groups of legs and adds charges: the same shape for every one of them.
 * Pledged: the pledged legs by themselves, less what each observed silo by itself is short of, today or in its worst scenario.
 * Checked through the presets in test/engine/deribit, paradex and span.
 */
export function computeScan(inputs: Inputs, preset: string, solve: ScanSolver): Margin {
  const legs = requireVenueLegs(readLegs(inputs), preset);
  const bySilo = groupBySilo({ legs, silos: inputs.silos });
  const { groups, accounts, addOns } = solve(legs);
  const need = sumAccounts(accounts);
  const pledged = legs.filter(({ custody }) => custody === 'pledged');
  const observed = groupBySilo({ legs, silos: inputs.silos }, 'observed');
  const shortfalls = observed.map(({ members }) =>
    shortfallOf(
      members.map((member) => at(legs, member)),
      solve,
    ),
  );
  return {
    model: preset,
    ...need,
    ...pledgedAccounts(pledged.length === 0 ? [] : solve(pledged).accounts, {
      todayUsd: sum(shortfalls.map(({ todayUsd }) => todayUsd)),
      worstUsd: sum(shortfalls.map(({ worstUsd }) => worstUsd)),
    }),
    ...describeGroups(legs, groups),
    addOns,
    ...siloed(describeSilos(bySilo, tallyToday(bySilo, inputs)), need.maintenanceUsd),
  };
}

function shortfallOf(legs: readonly VenueLeg[], solve: ScanSolver) {
  const equityUsd = sum(valuesToday(legs));
  const lossUsd = sum(solve(legs).groups.map((group) => group.lossUsd));
  return { todayUsd: Math.max(0, -equityUsd), worstUsd: Math.max(0, lossUsd - equityUsd) };
}
