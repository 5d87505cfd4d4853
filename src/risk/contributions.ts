import { at } from '../engine/lookup.ts';
import { tailOf, valueAtRisk } from '../statistics/tail.ts';
import type { Draws } from './draws.ts';
import type { Held } from './held.ts';
import { lossesIn, positionLossesIn } from './revalue.ts';

/**
 * What each position of a book contributes to its ES, USD, by its place in the portfolio: its own mean loss in the draws of the book's tail, the draws at the edge in part. They sum to ES. One that is
 * negative hedges the others. By Euler's theorem it is how fast ES grows with the position (Tasche, "Risk contributions and performance measurement", 1999).
 * Checked in test/risk/contributions.test.ts: the sum, and by growing a position.
 *
 * @throws {MissingFactorError} {@link NoLossesError}
 */
export function contributionsOf(held: Held, draws: Draws, level: number): number[] {
  const losses = lossesIn(held, draws);
  const edge = valueAtRisk(losses.slice().sort(), level);
  const { share } = tailOf(losses.length, level);
  const beyond = draws.rows.filter((_, draw) => at(losses, draw) > edge);
  const onEdge = draws.rows.filter((_, draw) => at(losses, draw) === edge);
  const totals = held.portfolio.positions.map(() => 0);
  const add = (rows: readonly Float64Array[], weight: number) => {
    for (const own of positionLossesIn(held, { factors: draws.factors, rows })) {
      own.forEach((loss, position) => {
        totals[position] = at(totals, position) + weight * loss;
      });
    }
  };
  add(beyond, 1 / share);
  add(onEdge, (share - beyond.length) / share / onEdge.length);
  return totals;
}
