import { groupBySilo } from './groups.ts';
import type { FloatSilo } from './inputs.ts';
import { at, sum } from './lookup.ts';
import type { CrossModel } from './models/model.ts';
import { type Balance, pull, requirementOf } from './requirement.ts';
import type { StressedBook } from './stress.ts';
import { type GroupTally, tallyScenario } from './tally.ts';
import { exposureUsd } from './valuation.ts';

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
 * All three are 0 where nothing is pledged; the health is null where pledged legs owe nothing and no observed silo is ever under water.
 *
 * Source: design margin-model §4, contracts.md. Checked in test/engine/pledged.test.ts: adding an observed asset or hedge changes
 * nothing, an observed shortfall lowers all three, and a wholly pledged book gives the account's own numbers.
 */
export function pledgedMargin(book: StressedBook, silos: readonly FloatSilo[], model: CrossModel): PledgedMargin {
  const pledged = groupBySilo({ legs: book.legs, silos }, 'pledged');
  if (pledged.length === 0) return { pledgedEquityUsd: 0, pledgedFreeUsd: 0, pledgedHealth: 0 };
  const observed = groupBySilo({ legs: book.legs, silos }, 'observed');
  const alone = book.scenarios.map((stressed) => total(tallyScenario(pledged, book, stressed)));
  const burdened = book.scenarios.map((stressed, index) => {
    const { assetsUsd, liabilitiesUsd } = at(alone, index);
    return { assetsUsd, liabilitiesUsd: liabilitiesUsd + shortfall(tallyScenario(observed, book, stressed)) };
  });
  const legs = book.legs.filter(({ custody }) => custody === 'pledged');
  const { numericalBuffer, imFactor } = model.parameters;
  const charges = { bufferUsd: numericalBuffer * sum(legs.map(exposureUsd)), imFactor };
  const own = requirementOf(weigh(alone, book), charges);
  const { equityUsd, health } = requirementOf(weigh(burdened, book), charges);
  return { pledgedEquityUsd: equityUsd, pledgedFreeUsd: equityUsd - own.initialUsd, pledgedHealth: health };
}

function total(tallies: readonly GroupTally[]): Balance {
  return {
    assetsUsd: sum(tallies.map(({ assetsUsd }) => assetsUsd)),
    liabilitiesUsd: sum(tallies.map(({ liabilitiesUsd }) => liabilitiesUsd)),
  };
}

function shortfall(tallies: readonly GroupTally[]): number {
  return sum(tallies.map(({ assetsUsd, liabilitiesUsd }) => Math.max(0, liabilitiesUsd - assetsUsd)));
}

function weigh(balances: readonly Balance[], book: StressedBook): Balance[] {
  const today = at(balances, 0);
  return balances.map((balance, index) => pull(today, balance, at(book.scenarios, index).scenario.weight));
}
