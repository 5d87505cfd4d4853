import { addOnsOf, NO_ADD_ONS, totalAddOns } from './addOns.ts';
import { bookGreeks, legGreeks } from './greeks.ts';
import { type Group, groupBySilo } from './groups.ts';
import type { Inputs } from './inputs.ts';
import type { Leg } from './legs.ts';
import { at, sum } from './lookup.ts';
import type { CrossModel } from './models/model.ts';
import { pledgedMargin } from './pledged.ts';
import { type Balance, type Balances, type Requirement, requirementOf } from './requirement.ts';
import type { LegResult, Margin, ScenarioResult, SiloResult } from './result.ts';
import { sentenceOf } from './sentence.ts';
import { meanScenario, type Part, partsOf, settle } from './settle.ts';
import { siloed } from './siloed.ts';
import { type StressedBook, stressBook } from './stress.ts';
import { balanceOf, type GroupTally, markOf, tallyScenario } from './tally.ts';
import { exposureUsd } from './valuation.ts';

/** Tallies of every column, each in the order of the groups. */
type Tallies = readonly (readonly GroupTally[])[];

/**
 * Margin under `crossmargin-1`: scenarios, families, silo break and add-ons.
 * Source: design margin-model §3 and §4; docs/model.md. Checked by hand-computed books and properties in test/engine.
 */
export function computeCrossmargin(inputs: Inputs, model: CrossModel): Margin {
  const book = stressBook(inputs, model);
  const groups = groupBySilo({ legs: book.legs, silos: inputs.silos });
  const tallies = book.columns.map((stressed) => tallyScenario(groups, book, stressed));
  const columns = tallies.map(balanceOf);
  const balances = settle(book.stresses, markOf(at(tallies, 0)), columns);
  const addOns = addOnsOf(book.legs, { parameters: model.parameters, mover: book.mover });
  const need = requirementOf(balances, { addOnsUsd: totalAddOns(addOns), imFactor: model.parameters.imFactor });
  const parts = partsOf(book.stresses, columns, need.worst);
  const worst = { tallies, book, parts, weight: at(book.stresses.scenarios, need.worst).weight };
  const scenarios = describeScenarios(book, { balances, columns });
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

interface Settled {
  readonly balances: Balances;
  /** Before any is taken for a tail average. */
  readonly columns: readonly Balance[];
}

function describeScenarios(book: StressedBook, { balances: { mark, scenarios }, columns }: Settled): ScenarioResult[] {
  const { stresses } = book;
  const equityUsd = mark.assetsUsd - mark.liabilitiesUsd;
  return stresses.scenarios.map((scenario, index) => {
    const { assetsUsd, liabilitiesUsd } = at(scenarios, index);
    const tail = stresses.tails[index - stresses.plain];
    const moves = tail === undefined ? scenario : meanScenario(tail, partsOf(stresses, columns, index));
    return { id: scenario.id, sentence: sentenceOf(moves, book), pnlUsd: assetsUsd - liabilitiesUsd - equityUsd };
  });
}

/** The binding scenario, and what it is made of. */
interface Worst {
  readonly tallies: Tallies;
  readonly book: StressedBook;
  readonly parts: readonly Part[];
  readonly weight: number;
}

function describeSilos(groups: readonly Group[], { tallies, parts, weight }: Worst): SiloResult[] {
  return groups.map(({ silo }, index) => {
    const { requirementUsd, health } = at(at(tallies, 0), index).assessment;
    const costUsd = sum(
      parts.map(({ column, share }) => share * at(at(tallies, column), index).assessment.breakCostUsd),
    );
    return { silo: silo.id, venue: silo.venue, requirementUsd, health, bindingUsd: weight * costUsd };
  });
}

// The loss of a leg in the worst scenario, and its share of what the liquidation of its silo costs there.
function describeLegs(groups: readonly Group[], { tallies, book, parts, weight }: Worst): LegResult[] {
  const today = at(book.columns, 0).valuesUsd;
  const lossesUsd = book.legs.map(() => 0);
  for (const { column, share } of parts) {
    const { valuesUsd } = at(book.columns, column);
    const costs = costShares(groups, { legs: book.legs, valuesUsd, tallies: at(tallies, column) });
    book.legs.forEach((_, leg) => {
      lossesUsd[leg] = at(lossesUsd, leg) + share * (at(today, leg) - at(valuesUsd, leg) + at(costs, leg));
    });
  }
  const results = book.legs.map((held, leg) => {
    const bindingUsd = weight * at(lossesUsd, leg);
    return { index: held.index, valueUsd: at(today, leg), bindingUsd, greeks: legGreeks(held, book) };
  });
  return results.sort((a, b) => a.index - b.index);
}

interface Column {
  readonly legs: readonly Leg[];
  readonly valuesUsd: readonly number[];
  readonly tallies: readonly GroupTally[];
}

/**
 * What a silo's liquidation costs in a column, shared by its liability legs in proportion to what they owe there; where nothing is owed
 * (a perpetual on too little margin), by all its legs in proportion to their exposure.
 */
function costShares(groups: readonly Group[], { legs, valuesUsd, tallies }: Column): number[] {
  const shares = legs.map(() => 0);
  groups.forEach(({ members }, index) => {
    const { breakCostUsd } = at(tallies, index).assessment;
    if (breakCostUsd === 0) return;
    const owed = members.map((member) => Math.max(0, -at(valuesUsd, member)));
    const weights = sum(owed) > 0 ? owed : members.map((member) => exposureUsd(at(legs, member)));
    const totalUsd = sum(weights);
    members.forEach((member, at_) => {
      shares[member] = (breakCostUsd * at(weights, at_)) / totalUsd;
    });
  });
  return shares;
}
