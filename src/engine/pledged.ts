import { addOnsOf, totalAddOns } from './addOns.ts';
import { freeToPledge } from './freeToPledge.ts';
import { groupBySilo } from './groups.ts';
import type { FloatSilo } from './inputs.ts';
import { at, sum } from './lookup.ts';
import type { CrossModel } from './models/model.ts';
import { type Balance, requirementOf } from './requirement.ts';
import { settle } from './settle.ts';
import type { StressedBook } from './stress.ts';
import { balanceOf, type GroupTally, liabilitiesOf, markOf, tallyScenario } from './tally.ts';

/** What a contract may rely on: the legs that cannot leave. */
export interface PledgedMargin {
  readonly pledgedEquityUsd: number;
  readonly pledgedFreeUsd: number;
  readonly pledgedHealth: number | null;
}

/**
 * The margin of the pledged legs. A silo of observed legs counts, in each scenario, as the lesser of zero and its own net value: what
 * can leave never helps, what is under water still hurts. It hurts what is free and the health, not the equity: who buys the pledged legs does not take it over. The requirement is that of the pledged legs by
 * themselves, so that an observed hedge hedges nothing ({@link freeToPledge}). Free is what pledges draw on, and these are debts of their own: it is less the initial margin also where the legs owe nothing, or else
 * ether by itself would carry pledges of its whole price. All three are 0 where nothing is pledged; the health is null where pledged legs owe nothing and no observed silo is ever under water.
 *
 * Source: design margin-model §4, contracts.md. Checked in test/engine/pledged.test.ts: adding an observed asset or hedge changes
 * nothing, an observed shortfall lowers what is free and the health, and a wholly pledged book that owes something gives the account's own numbers.
 */
export function pledgedMargin(book: StressedBook, silos: readonly FloatSilo[], model: CrossModel): PledgedMargin {
  const pledged = groupBySilo({ legs: book.legs, silos }, 'pledged');
  if (pledged.length === 0) return { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
  const observed = groupBySilo({ legs: book.legs, silos }, 'observed');
  const alone = book.columns.map((stressed) => tallyScenario(pledged, book, stressed));
  const leaving = book.columns.map((stressed) => tallyScenario(observed, book, stressed));
  const burdened = alone.map((tallies, index) => burden(balanceOf(tallies), shortfall(at(leaving, index))));
  const mark = markOf(at(alone, 0));
  const shortfallUsd = shortfall(at(leaving, 0));
  const legs = book.legs.filter(({ custody }) => custody === 'pledged');
  const { imFactor } = model.parameters;
  const charging = { parameters: model.parameters, mover: book.mover };
  const charges = { addOnsUsd: totalAddOns(addOnsOf(legs, charging)), imFactor };
  const own = requirementOf(settle(book.stresses, mark, alone.map(balanceOf)), { ...charges, owesElsewhere: true });
  const { health } = requirementOf(settle(book.stresses, burden(mark, shortfallUsd), burdened), charges);
  const { equityUsd, initialUsd } = own;
  const pledgedFreeUsd = freeToPledge({ equityUsd, initialUsd, shortfallUsd });
  return { pledgedEquityUsd: equityUsd, pledgedFreeUsd, pledgedHealth: health };
}

function burden({ assetsUsd, liabilitiesUsd }: Balance, shortfallUsd: number): Balance {
  return { assetsUsd, liabilitiesUsd: liabilitiesUsd + shortfallUsd };
}

/** What the silos are under water, each by itself, after its own venue's liquidation. */
function shortfall(tallies: readonly GroupTally[]): number {
  return sum(tallies.map((tally) => Math.max(0, liabilitiesOf(tally) - tally.assetsUsd)));
}
