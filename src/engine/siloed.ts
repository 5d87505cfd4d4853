import type { Group } from './groups.ts';
import type { Inputs } from './inputs.ts';
import { at, sum } from './lookup.ts';
import { crossmargin1 } from './models/crossmargin1.ts';
import type { SiloResult } from './result.ts';
import { stressBook } from './stress.ts';
import { type GroupTally, tallyScenario } from './tally.ts';

/** What the venues require by their own rules, added up, beside what the netted book needs. */
export function siloed(silos: readonly SiloResult[], maintenanceUsd: number) {
  const siloedUsd = sum(silos.map(({ requirementUsd }) => requirementUsd));
  return { siloedUsd, freedUsd: siloedUsd - maintenanceUsd, silos };
}

/** Every group as things stand, by its venue's own rule: the same under every model. */
export function tallyToday(groups: readonly Group[], inputs: Inputs): GroupTally[] {
  const today = stressBook(inputs, { ...crossmargin1, scenarios: [] });
  return tallyScenario(groups, today, at(today.columns, 0));
}

/** The silos of a model that does not liquidate them in its scenarios. */
export function describeSilos(groups: readonly Group[], tallies: readonly GroupTally[]): SiloResult[] {
  return groups.map(({ silo }, index) => {
    const { requirementUsd, health } = at(tallies, index).assessment;
    return { silo: silo.id, venue: silo.venue, requirementUsd, health, bindingUsd: 0 };
  });
}
