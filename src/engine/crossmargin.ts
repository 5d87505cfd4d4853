import { addOnsOf, NO_ADD_ONS, totalAddOns } from './addOns.ts';
import { bookGreeks, legGreeks } from './greeks.ts';
import { type Group, groupBySilo } from './groups.ts';
import type { Inputs } from './inputs.ts';
import { at, sum } from './lookup.ts';
import type { CrossModel } from './models/model.ts';
import { pledgedMargin } from './pledged.ts';
import { type Balances, pull, type Requirement, requirementOf } from './requirement.ts';
import type { LegResult, Margin, ScenarioResult, SiloResult } from './result.ts';
import { sentenceOf } from './sentence.ts';
import { siloed } from './siloed.ts';
import { type StressedBook, stressBook } from './stress.ts';
import { balanceOf, type GroupTally, markOf, tallyScenario } from './tally.ts';
import { exposureUsd } from './valuation.ts';

/** Tallies of every scenario, each in the order of the groups. */
type Tallies = readonly (readonly GroupTally[])[];

/**
 * Margin under `crossmargin-1`: scenarios, families, silo break and add-ons.
 * Source: design margin-model §3 and §4; docs/model.md. Checked by hand-computed books and properties in test/engine.
 */
export function computeCrossmargin(inputs: Inputs, model: CrossModel): Margin {
  const book = stressBook(inputs, model);
  const groups = groupBySilo({ legs: book.legs, silos: inputs.silos });
  const tallies = book.scenarios.map((stressed) => tallyScenario(groups, book, stressed));
  const balances = weighBalances(book, tallies);
  const addOns = addOnsOf(book.legs, { parameters: model.parameters, mover: book.mover });
  const need = requirementOf(balances, { addOnsUsd: totalAddOns(addOns), imFactor: model.parameters.imFactor });
  const worst = { tallies, book, worst: need.worst };
  const scenarios = describeScenarios(book, balances);
  const { id, sentence } = at(scenarios, need.worst);
  return {
    model: model.preset,
    ...netOf(need),
    health: need.health,
    ...pledgedMargin(book, inputs.silos, model),
    binding: { id, sentence, lossUsd: need.scanUsd },
    legs: describeLegs(groups, worst),
    addOns: { ...(need.health === null ? NO_ADD_ONS : addOns) },
    ...siloed(describeSilos(groups, worst), need.maintenanceUsd),
    scenarios,
    greeks: bookGreeks(book.legs, book),
  };
}

function netOf({ equityUsd, maintenanceUsd, initialUsd }: Requirement) {
  const netInitialUsd = equityUsd - initialUsd;
  const netMaintenanceUsd = equityUsd - maintenanceUsd;
  return { equityUsd, maintenanceUsd, initialUsd, netMaintenanceUsd, netInitialUsd, freeUsd: netInitialUsd };
}

function weighBalances(book: StressedBook, tallies: Tallies): Balances {
  const mark = markOf(at(tallies, 0));
  const scenarios = tallies.map((groups, index) =>
    pull(mark, balanceOf(groups), at(book.scenarios, index).scenario.weight),
  );
  return { mark, scenarios };
}

function describeScenarios(book: StressedBook, { mark, scenarios }: Balances): ScenarioResult[] {
  const equityUsd = mark.assetsUsd - mark.liabilitiesUsd;
  return book.scenarios.map(({ scenario }, index) => {
    const { assetsUsd, liabilitiesUsd } = at(scenarios, index);
    const sentence = sentenceOf(scenario, book);
    return { id: scenario.id, sentence, pnlUsd: assetsUsd - liabilitiesUsd - equityUsd };
  });
}

interface Worst {
  readonly tallies: Tallies;
  readonly book: StressedBook;
  readonly worst: number;
}

function describeSilos(groups: readonly Group[], { tallies, book, worst }: Worst): SiloResult[] {
  const { weight } = at(book.scenarios, worst).scenario;
  return groups.map(({ silo }, index) => {
    const today = at(at(tallies, 0), index).assessment;
    const then = at(at(tallies, worst), index).assessment;
    const { requirementUsd, health } = today;
    return { silo: silo.id, venue: silo.venue, requirementUsd, health, bindingUsd: weight * then.breakCostUsd };
  });
}

// The loss of a leg in the worst scenario, and its share of what the liquidation of its silo costs there.
function describeLegs(groups: readonly Group[], { tallies, book, worst }: Worst): LegResult[] {
  const { weight } = at(book.scenarios, worst).scenario;
  const shares = costShares(groups, { tallies, book, worst });
  const results = book.legs.map((held, leg) => {
    const valueUsd = at(at(book.scenarios, 0).valuesUsd, leg);
    const lossUsd = valueUsd - at(at(book.scenarios, worst).valuesUsd, leg);
    const bindingUsd = weight * (lossUsd + at(shares, leg));
    return { index: held.index, valueUsd, bindingUsd, greeks: legGreeks(held, book) };
  });
  return results.sort((a, b) => a.index - b.index);
}

/**
 * What a silo's liquidation costs in a scenario, shared by its liability legs in proportion to what they owe there; where nothing is owed
 * (a perpetual on too little margin), by all its legs in proportion to their exposure.
 */
function costShares(groups: readonly Group[], { tallies, book, worst }: Worst): number[] {
  const { valuesUsd } = at(book.scenarios, worst);
  const shares = book.legs.map(() => 0);
  groups.forEach(({ members }, index) => {
    const { breakCostUsd } = at(at(tallies, worst), index).assessment;
    if (breakCostUsd === 0) return;
    const owed = members.map((member) => Math.max(0, -at(valuesUsd, member)));
    const weights = sum(owed) > 0 ? owed : members.map((member) => exposureUsd(at(book.legs, member)));
    const totalUsd = sum(weights);
    members.forEach((member, at_) => {
      shares[member] = (breakCostUsd * at(weights, at_)) / totalUsd;
    });
  });
  return shares;
}
