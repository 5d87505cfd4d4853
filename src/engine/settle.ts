import type { Stresses } from './families/expand.ts';
import type { TailAverage } from './families/tailAverage.ts';
import { at, lookup, sum } from './lookup.ts';
import type { CrossScenario } from './models/model.ts';
import { type Balance, type Balances, pull } from './requirement.ts';
import { netOf, worstDays, worstMean } from './tail.ts';

/** How much of a column is in a scenario. */
export interface Part {
  readonly column: number;
  /** All parts of a scenario sum to 1. */
  readonly share: number;
}

/**
 * The balances of all scenarios out of those of all columns: pulled toward today by their weights, and of each tail average the worst mean of its draws.
 * Source: design margin-model §3: so expected shortfall is one more scenario, and health has one definition. The same function serves book and table, to the bit.
 * Checked in test/engine/tail.test.ts.
 */
export function settle({ plain, tails, scenarios }: Stresses, mark: Balance, columns: readonly Balance[]): Balances {
  const own = scenarios.slice(0, plain).map(({ weight }, index) => pull(mark, at(columns, index), weight));
  const drawn = tails.map(({ first, days, worstDays: count }) => ({
    draws: columns.slice(first, first + days.length),
    days,
    worstDays: count,
  }));
  return { mark, scenarios: [...own, ...drawn.map(worstMean)], tails: drawn };
}

/** The columns that a scenario is made of: itself, or the worst draws of a tail average. */
export function partsOf({ plain, tails }: Stresses, columns: readonly Balance[], scenario: number): Part[] {
  if (scenario < plain) return [{ column: scenario, share: 1 }];
  const tail = at(tails, scenario - plain);
  const nets = Float64Array.from(tail.draws, (_, index) => netOf(at(columns, tail.first + index)));
  const taken = worstDays(nets, tail);
  const total = taken.reduce((all, days) => all + days, 0);
  return [...taken].flatMap((days, index) => (days > 0 ? [{ column: tail.first + index, share: days / total }] : []));
}

/** The scenario that a tail average is for one book: the mean moves of the draws that are taken. For people. */
export function meanScenario({ scenario, first, draws }: TailAverage, parts: readonly Part[]): CrossScenario {
  const mean = (of: (draw: CrossScenario) => number) =>
    sum(parts.map(({ column, share }) => share * of(at(draws, column - first))));
  const names = Object.keys(draws[0]?.shocks ?? {});
  const shocks = Object.fromEntries(names.map((name) => [name, mean((draw) => lookup(draw.shocks ?? {}, name) ?? 1)]));
  return { ...scenario, shocks, vol: mean(({ vol }) => (typeof vol === 'number' ? vol : 0)) };
}
