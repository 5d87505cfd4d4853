import { freeToPledge } from '../freeToPledge.ts';
import { type Group, groupBySilo } from '../groups.ts';
import type { Inputs } from '../inputs.ts';
import type { VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { DeriveModel } from '../models/model.ts';
import { readLegs } from '../readLegs.ts';
import type { Margin, ScenarioResult } from '../result.ts';
import { formatMove, formatScenario } from '../sentence.ts';
import { describeSilos, siloed, tallyToday } from '../siloed.ts';
import { requireVenueLegs } from '../supported.ts';
import { arrange, type DeriveBook } from './account.ts';
import { type DeriveOutcome, type DeriveSolution, solve } from './solve.ts';

/**
 * Margin under `derive-pm2`: the numbers of Derive v2's PMRM_2, in units of the cash asset.
 *
 * equity = mark to market + cash; maintenance and initial = equity − the published net margins, so that what is net of them is
 * exactly what the venue publishes. health = A ÷ (L + maintenance) with today's positive and negative legs A and L, below 1 exactly when
 * equity < maintenance; null where nothing is owed and nothing required.
 * Source: design margin-model §6, docs/model.md. Checked against the 14 published cases (test/engine/derivePm2.test.ts).
 */
export function computeDerive(inputs: Inputs, model: DeriveModel): Margin {
  const book = requireVenueLegs(readLegs(inputs), model.preset);
  const context: DeriveBook = { book, inputs, model };
  const groups = groupBySilo({ legs: book, silos: inputs.silos });
  const account = arrange(book, context);
  const { underlying } = account.spots;
  const solution = solve(account);
  const { equityUsd, netMaintenanceUsd, netInitialUsd, worst, outcomes } = solution;
  const maintenanceUsd = equityUsd - netMaintenanceUsd;
  return {
    model: model.preset,
    equityUsd,
    maintenanceUsd,
    initialUsd: equityUsd - netInitialUsd,
    netMaintenanceUsd,
    netInitialUsd,
    freeUsd: netInitialUsd,
    health: healthOf(solution.valuesUsd, maintenanceUsd),
    ...pledgedMargin(groups, context),
    binding: { id: worst.id, sentence: sentenceOf(worst, underlying), lossUsd: loss(worst.totalUsd) },
    legs: describeLegs(book, solution),
    addOns: { ...solution.charges, pegInitial: solution.pegInitial },
    ...siloed(describeSilos(groups, tallyToday(groups, inputs)), maintenanceUsd),
    scenarios: outcomes.map((outcome) => describeOutcome(outcome, underlying)),
  };
}

function describeOutcome(outcome: DeriveOutcome, underlying: string): ScenarioResult {
  return { id: outcome.id, sentence: sentenceOf(outcome, underlying), pnlUsd: outcome.totalUsd };
}

function describeLegs(book: readonly VenueLeg[], { valuesUsd, worst }: DeriveSolution) {
  const results = book.map(({ index }, member) => ({
    index,
    valueUsd: at(valuesUsd, member),
    bindingUsd: loss(at(worst.pnl, member)),
  }));
  return results.sort((a, b) => a.index - b.index);
}

function loss(pnl: number): number {
  return pnl === 0 ? 0 : -pnl;
}

function healthOf(valuesUsd: readonly number[], chargesUsd: number): number | null {
  const assetsUsd = sum(valuesUsd.map((value) => Math.max(0, value)));
  const owedUsd = sum(valuesUsd.map((value) => Math.max(0, -value))) + chargesUsd;
  return owedUsd > 0 ? assetsUsd / owedUsd : null;
}

const SMILE = {
  up: 'volatility up',
  down: 'volatility down',
  none: undefined,
  linear: 'smile tilted',
  abs: 'wings moved',
};

function sentenceOf({ scenario }: DeriveOutcome, underlying: string): string {
  if (scenario === undefined) return `${underlying} forwards against spot`;
  const moves = scenario.spot === 1 ? [] : [`${underlying} ${formatMove(scenario.spot)}`];
  return formatScenario(moves, SMILE[scenario.vol]);
}

/**
 * The margin of the pledged legs alone. What is free takes an observed silo at the lesser of zero and its net value today, health at its worst over the scenarios and the basis contingency, each silo by itself: never better than jointly.
 */
function pledgedMargin(groups: readonly Group[], context: DeriveBook) {
  const { book } = context;
  const pledged = book.filter(({ custody }) => custody === 'pledged');
  if (pledged.length === 0) return { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
  const own = solve(arrange(pledged, context));
  const observed = groups
    .map(({ members }) => members.map((member) => at(book, member)).filter(({ custody }) => custody === 'observed'))
    .filter(({ length }) => length > 0)
    .map((legs) => solve(arrange(legs, context)));
  const shortfallUsd = sum(observed.map(({ equityUsd }) => Math.max(0, -equityUsd)));
  const worstUsd = sum(observed.map(({ equityUsd, worst }) => Math.max(0, -equityUsd - worst.totalUsd)));
  const maintenanceUsd = own.equityUsd - own.netMaintenanceUsd;
  return {
    pledgedEquityUsd: own.equityUsd,
    pledgedFreeUsd: freeToPledge({
      equityUsd: own.equityUsd,
      initialUsd: own.equityUsd - own.netInitialUsd,
      shortfallUsd,
    }),
    pledgedHealth: healthOf(own.valuesUsd, maintenanceUsd + worstUsd),
  };
}
