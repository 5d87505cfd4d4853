import { type AccountNeed, accountHealth, pledgedAccounts, sumAccounts } from './accounts.ts';
import { type Group, groupBySilo } from './groups.ts';
import type { Inputs } from './inputs.ts';
import { at, sum } from './lookup.ts';
import type { SiloedModel } from './models/venueModels.ts';
import { readLegs } from './readLegs.ts';
import type { Margin } from './result.ts';
import { describeSilos, siloed, tallyToday } from './siloed.ts';
import type { GroupTally } from './tally.ts';
import { valuesToday } from './today.ts';

/** There are no scenarios: the venues look at the book as it stands. */
const AS_IT_STANDS = { id: 'unshocked', sentence: 'each venue by its own rule, as things stand' };

/**
 * Margin under `siloed`: every venue's own rule, added up. What an account pays today, and what netting is measured against.
 *
 * maintenance = initial = Σ silo requirements; health = the least of the silos' own, and assets ÷ debts of a silo whose venue has no rule.
 * Nothing in one silo helps another, so health < 1 can go with equity above maintenance.
 * Source: design margin-model §6; docs/model.md. Checked by hand against the silos' rules in test/engine/siloedMargin.test.ts.
 */
export function computeSiloed(inputs: Inputs, model: SiloedModel): Margin {
  const legs = readLegs(inputs);
  const { silos } = inputs;
  const groups = groupBySilo({ legs, silos });
  const tallies = tallyToday(groups, inputs);
  const need = sumAccounts(tallies.map(needOf));
  const pledged = tallyToday(groupBySilo({ legs, silos }, 'pledged'), inputs);
  const observed = tallyToday(groupBySilo({ legs, silos }, 'observed'), inputs);
  const shortUsd = sum(observed.map(({ assetsUsd, owedUsd }) => Math.max(0, owedUsd - assetsUsd)));
  const values = valuesToday(legs);
  const results = legs.map(({ index }, leg) => ({ index, valueUsd: at(values, leg), bindingUsd: 0 }));
  return {
    model: model.preset,
    ...need,
    ...pledgedAccounts(pledged.map(needOf), { todayUsd: shortUsd, worstUsd: shortUsd }),
    binding: { ...AS_IT_STANDS, lossUsd: 0 },
    legs: results.sort((a, b) => a.index - b.index),
    addOns: requirements(groups, tallies),
    ...siloed(describeSilos(groups, tallies), need.maintenanceUsd),
    scenarios: [{ ...AS_IT_STANDS, pnlUsd: 0 }],
  };
}

function needOf({ assetsUsd, owedUsd, assessment }: GroupTally): AccountNeed {
  const { requirementUsd } = assessment;
  const health = assessment.health ?? accountHealth(assetsUsd, owedUsd);
  return { assetsUsd, liabilitiesUsd: owedUsd, maintenanceUsd: requirementUsd, initialUsd: requirementUsd, health };
}

function requirements(groups: readonly Group[], tallies: readonly GroupTally[]): Record<string, number> {
  return Object.fromEntries(
    groups.map(({ silo }, index) => [`silo:${silo.id}`, at(tallies, index).assessment.requirementUsd]),
  );
}
