import { addOnsOf, totalAddOns } from './addOns.ts';
import { groupBySilo } from './groups.ts';
import type { FloatSilo } from './inputs.ts';
import { at, sum } from './lookup.ts';
import type { CrossModel } from './models/model.ts';
import { type Balance, type Balances, pull, requirementOf } from './requirement.ts';
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
 * can leave never helps, what is under water still hurts. The requirement is that of the pledged legs by themselves, so that an
 * observed hedge hedges nothing: free = (pledged equity − observed shortfall) − initial margin of the pledged legs alone.
 * Free is what pledges draw on, and these are debts of their own: it is less the initial margin also where the legs owe nothing, or else
 * ether by itself would carry pledges of its whole price. All three are 0 where nothing is pledged; the health is null where pledged legs owe nothing and no observed silo is ever under water.
 *
 * Source: design margin-model §4, contracts.md. Checked in test/engine/pledged.test.ts: adding an observed asset or hedge changes
 * nothing, an observed shortfall lowers all three, and a wholly pledged book that owes something gives the account's own numbers.
 */
export function pledgedMargin(book: StressedBook, silos: readonly FloatSilo[], model: CrossModel): PledgedMargin {
  const pledged = groupBySilo({ legs: book.legs, silos }, 'pledged');
  if (pledged.length === 0) return { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
  const observed = groupBySilo({ legs: book.legs, silos }, 'observed');
  const alone = book.scenarios.map((stressed) => tallyScenario(pledged, book, stressed));
  const leaving = book.scenarios.map((stressed) => tallyScenario(observed, book, stressed));
  const burdened = alone.map((tallies, index) => burden(balanceOf(tallies), shortfall(at(leaving, index))));
  const mark = markOf(at(alone, 0));
  const burdenedMark = burden(mark, shortfall(at(leaving, 0)));
  const legs = book.legs.filter(({ custody }) => custody === 'pledged');
  const { imFactor } = model.parameters;
  const charges = { addOnsUsd: totalAddOns(addOnsOf(legs, model.parameters)), imFactor };
  const own = requirementOf(weigh(mark, alone.map(balanceOf), book), { ...charges, owesElsewhere: true });
  const { equityUsd, health } = requirementOf(weigh(burdenedMark, burdened, book), charges);
  return { pledgedEquityUsd: equityUsd, pledgedFreeUsd: equityUsd - own.initialUsd, pledgedHealth: health };
}

function burden({ assetsUsd, liabilitiesUsd }: Balance, shortfallUsd: number): Balance {
  return { assetsUsd, liabilitiesUsd: liabilitiesUsd + shortfallUsd };
}

/** What the silos are under water, each by itself, after its own venue's liquidation. */
function shortfall(tallies: readonly GroupTally[]): number {
  return sum(tallies.map((tally) => Math.max(0, liabilitiesOf(tally) - tally.assetsUsd)));
}

function weigh(mark: Balance, balances: readonly Balance[], book: StressedBook): Balances {
  const scenarios = balances.map((balance, index) => pull(mark, balance, at(book.scenarios, index).scenario.weight));
  return { mark, scenarios };
}
