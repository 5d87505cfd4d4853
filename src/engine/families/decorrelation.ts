import { lookup } from '../lookup.ts';
import type { CorrelationParameters } from '../models/families.ts';
import type { CrossScenario } from '../models/model.ts';
import type { Held } from './held.ts';

const VOL_DIRECTIONS = ['none', 'up', 'down'] as const;

/** What the family moves by. */
interface Moves {
  readonly correlation: CorrelationParameters;
  /** The range of a factor, as a share of its price. */
  readonly rangeOf: (factor: string) => number;
}

/**
 * Each factor alone, and each pair in opposite directions, all others still.
 *
 * alone: ±range, under each shock of volatility, and ± every step √(1−ρ²) of the model; pair: both by √(1−ρ²) of their ranges, ρ the pair's
 * stressed correlation: what the one can do beyond what the other explains. A pair is left out where no leg loses by the rise of the one, or none
 * by the fall of the other: a single step of the list is then as bad. With n factors, s steps, u that can lose in a rise and d in a fall: at
 * most n·(6 + 2s) + u·d scenarios.
 * Source: design margin-model §3. Checked by hand-computed books, and against all pairs, in test/engine/families/decorrelation.test.ts.
 */
export function decorrelationScenarios(held: Held, moves: Moves): CrossScenario[] {
  const alone = held.factors.flatMap((factor) => aloneScenarios(factor, moves));
  const rising = held.factors.filter(held.losesUp);
  const falling = held.factors.filter(held.losesDown);
  const pairs = rising.flatMap((up) =>
    falling.filter((down) => down !== up).map((down) => pairScenario({ up, down }, moves)),
  );
  return [...alone, ...pairs];
}

/** How many pairs there are. */
export function countPairs({ factors, losesUp, losesDown }: Held): number {
  const both = factors.filter((factor) => losesUp(factor) && losesDown(factor)).length;
  return factors.filter(losesUp).length * factors.filter(losesDown).length - both;
}

function aloneScenarios(factor: string, { correlation, rangeOf }: Moves): CrossScenario[] {
  const full = [1, -1].flatMap((sign) =>
    VOL_DIRECTIONS.map((vol) => ({
      id: `decorrelation:${factor}:${sign > 0 ? 'up' : 'down'}:${vol}`,
      shocks: { [factor]: move(rangeOf(factor), sign) },
      vol,
      weight: 1,
    })),
  );
  const partial = stepsOf(correlation).flatMap((step) =>
    [step, -step].map((share) => ({
      id: `decorrelation:${factor}:${share}`,
      shocks: { [factor]: move(rangeOf(factor), share) },
      vol: 'none' as const,
      weight: 1,
    })),
  );
  return [...full, ...partial];
}

function pairScenario(pair: { up: string; down: string }, { correlation, rangeOf }: Moves): CrossScenario {
  const { up, down } = pair;
  const step = stepOf(correlationOf([up, down], correlation));
  const shocks = { [up]: move(rangeOf(up), step), [down]: move(rangeOf(down), -step) };
  return { id: `decorrelation:${up}/${down}`, shocks, vol: 'none', weight: 1 };
}

/** Factor on the price: never below zero. */
function move(range: number, share: number): number {
  return Math.max(0, 1 + share * range);
}

/** √(1−ρ²) to six digits: steps that differ have ids that differ. */
function stepOf(rho: number): number {
  return Math.round(Math.sqrt(Math.max(0, 1 - rho * rho)) * 1e6) / 1e6;
}

/** Every step that a pair can take under the model, whatever the book holds: so that two books together need no more than each alone. */
function stepsOf({ others, pairs }: CorrelationParameters): number[] {
  const steps = [others, ...Object.values(pairs)].map(stepOf).filter((step) => step > 0 && step < 1);
  return [...new Set(steps)].sort((a, b) => a - b);
}

/** The stressed correlation of two factors. */
export function correlationOf([a, b]: readonly [string, string], { others, pairs }: CorrelationParameters): number {
  return lookup(pairs, a < b ? `${a}/${b}` : `${b}/${a}`) ?? others;
}
