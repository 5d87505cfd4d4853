import { MarginError } from '../errors.ts';

/**
 * Whether the loss exceeded the forecast, period by period; null where there was none to compare. A sequence breaks there: what stands on two sides of a null does not follow one another.
 */
export type Hits = readonly (boolean | null)[];

/** How often a forecast at a level was looked at and exceeded. */
export interface HitCount {
  readonly observations: number;
  readonly hits: number;
}

/** A test statistic and the probability of one at least as large, were the forecast right. */
export interface TestResult {
  readonly lr: number;
  readonly p: number;
}

/** How often a forecast was looked at and exceeded. */
export function countHits(hits: Hits): HitCount {
  const observed = hits.filter((hit) => hit !== null);
  return { observations: observed.length, hits: observed.filter(Boolean).length };
}

/** @throws {HitCountError} */
export function requireCount({ observations, hits }: HitCount, level: number): void {
  const isCount = Number.isInteger(observations) && Number.isInteger(hits) && hits >= 0 && hits <= observations;
  if (isCount && observations > 0 && level > 0 && level < 1) return;
  throw new HitCountError(`${hits} hits of ${observations} at ${level}`);
}

/** Numbers that no backtest can have. */
export class HitCountError extends MarginError {
  readonly code = 'HitCountError';

  constructor(what: string) {
    super(
      `There is no test of ${what}. Give at least one observation, no more hits than those, and a level between 0 and 1.`,
    );
  }
}
