import { USD } from '../factors.ts';
import { lookup } from '../lookup.ts';
import type { Crisis } from '../models/families.ts';
import type { CrossScenario } from '../models/model.ts';
import type { Held } from './held.ts';

/**
 * The joint moves of days of the past, for what the book holds. One scenario a day.
 *
 * A factor moves as it did, one without data on that day as the worst that has data. A pegged asset moves with its factor, times its own
 * relative move that day where there is data; a stablecoin without data as the day says of the others. Volatility moves by term, relative to today.
 * Source: design margin-model §3; the days are data (models/crises.ts), docs/model.md. Checked by hand in test/engine/families/crisis.test.ts.
 */
export function crisisScenarios(held: Held, crises: readonly Crisis[]): CrossScenario[] {
  return crises.map((crisis) => ({
    id: `crisis:${crisis.day}`,
    title: `as on ${crisis.day}`,
    shocks: shocksOf(held, crisis),
    vol: crisis.vol,
    weight: crisis.weight,
  }));
}

/** Only what does not move just as the next of its peg chain. */
function shocksOf({ factors, pegs, chainOf }: Held, crisis: Crisis): Record<string, number> {
  const own = pegs
    .map(({ asset, peg }) => ({ asset, move: moveOf(chainOf(asset), crisis), with: moveOf(chainOf(peg), crisis) }))
    .filter((link) => link.move !== link.with);
  return Object.fromEntries([
    ...factors.map((factor) => [factor, moveOf([factor], crisis)] as const),
    ...own.map(({ asset, move }) => [asset, move] as const),
  ]);
}

/** Factor on the price of the first of a chain. The nearest peg that has data counts, once. */
function moveOf(chain: readonly string[], { moves, others, stables }: Crisis): number {
  const factor = chain.at(-1) ?? USD;
  const base = factor === USD ? 1 : (lookup(moves, factor) ?? others);
  const named = chain.slice(0, -1).find((name) => lookup(moves, name) !== undefined);
  if (named !== undefined) return base * (lookup(moves, named) ?? 1);
  return factor === USD && chain.length > 1 ? stables : base;
}
