import { compareText } from '../../portfolio/order.ts';
import { factorOf, USD } from '../factors.ts';
import { type Inputs, readInputs } from '../inputs.ts';
import { assetsOf } from '../legs.ts';
import { computeInputs, computeMargin, type MarginInput } from '../margin.ts';
import type { Model } from '../models/model.ts';
import { readLegs } from '../readLegs.ts';
import type { Margin } from '../result.ts';
import { followsFactor, moveInputs } from './move.ts';

/** What a book needs less without one of its legs. Negative where the leg was a hedge. */
export interface Freed {
  readonly freedMaintenanceUsd: number;
  readonly freedInitialUsd: number;
}

/**
 * What closing a position at today's mark frees: the requirement of the book less that of the book without it. The value of the leg turns into cash, and is in
 * neither.
 * Checked by hand in test/engine/explain/explain.test.ts.
 */
export function freedByClosing(input: MarginInput, { index, margin }: { index: number; margin: Margin }): Freed {
  const { portfolio } = input;
  const positions = portfolio.positions.filter((_, at) => at !== index);
  const without = computeMargin({ ...input, portfolio: { ...portfolio, positions } });
  return {
    freedMaintenanceUsd: margin.maintenanceUsd - without.maintenanceUsd,
    freedInitialUsd: margin.initialUsd - without.initialUsd,
  };
}

/** The moves nearest to today at which health crosses 1, as shares of the price; null where there is none in the range that is searched. */
export interface HealthMoves {
  readonly down: number | null;
  readonly up: number | null;
}

/** What moves the legs of a book, in the order of the names. */
export function factorsOf({ portfolio, market }: Pick<MarginInput, 'portfolio' | 'market'>): string[] {
  const inputs = readInputs({ portfolio, market });
  const factors = readLegs(inputs)
    .flatMap(assetsOf)
    .map((asset) => factorOf(inputs.market, asset));
  return [...new Set(factors)].filter((factor) => factor !== USD).sort(compareText);
}

/** −1 % … −99 %, and +1 % … +100 %, +105 % … +500 %. */
const DOWN = Array.from({ length: 99 }, (_, index) => -(index + 1) / 100);
const UP = [
  ...Array.from({ length: 100 }, (_, index) => (index + 1) / 100),
  ...Array.from({ length: 80 }, (_, index) => 1 + (index + 1) / 20),
];
const HALVINGS = 50;

/**
 * The moves of some factors together at which the health of the book crosses 1: the first step at which it is on the other side of 1 than today, then bisection
 * on the engine. Where health is below 1 today these are the moves that heal it. A crossing and its return within one step are not seen.
 * Checked against closed forms in test/engine/explain/explain.test.ts.
 */
export function healthMoves({ portfolio, market, model }: MarginInput, factors: readonly string[]): HealthMoves {
  const inputs = readInputs({ portfolio, market });
  const isShort = (move: number) => isShortAfter(move, { inputs, model, factors });
  const today = isShort(0);
  return { down: crossing(DOWN, { isShort, today }), up: crossing(UP, { isShort, today }) };
}

function isShortAfter(
  move: number,
  { inputs, model, factors }: { inputs: Inputs; model: Model; factors: readonly string[] },
): boolean {
  const isMoved = followsFactor(inputs.market, factors);
  const { health } = computeInputs(moveInputs(inputs, { factor: 1 + move, isMoved }), model);
  return health !== null && health < 1;
}

function crossing(
  steps: readonly number[],
  { isShort, today }: { isShort: (move: number) => boolean; today: boolean },
): number | null {
  let near = 0;
  for (const step of steps) {
    if (isShort(step) !== today) return bisect({ near, far: step }, (move) => isShort(move) === today);
    near = step;
  }
  return null;
}

/** The far end of the last interval: on the other side, and as near to today as floats tell. */
function bisect({ near, far }: { near: number; far: number }, isAsToday: (move: number) => boolean): number {
  let inside = near;
  let outside = far;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (inside + outside) / 2;
    if (isAsToday(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}
