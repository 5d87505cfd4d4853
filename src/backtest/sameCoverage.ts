import { at, sum } from '../engine/lookup.ts';

/** What it takes to be exceeded no more often than something else. */
export interface SameCoverage {
  /** At most so often. */
  readonly hits: number;
  /** What the limits are multiplied by. In hindsight: it is found on the days that it is counted on. */
  readonly scale: number;
  /** Of the limits so multiplied; null where `siloed` is not among the models, or asks nothing. */
  readonly capitalToSiloed: number | null;
}

/** Losses, what was asked on the same days, and what `siloed` asks. */
export interface Asked {
  readonly lossesUsd: readonly number[];
  readonly limitsUsd: readonly number[];
  readonly siloedUsd: readonly number[];
}

/**
 * The least multiple of the limits that at most so many losses are beyond: the next largest loss ÷ limit. Null where no multiple is enough, because nothing was asked on more days of loss than that.
 * Checked in test/backtest/sameCoverage.test.ts: the hits are counted again at the multiple and just under it.
 */
export function atCoverage({ lossesUsd, limitsUsd, siloedUsd }: Asked, hits: number): SameCoverage | null {
  const ratios = lossesUsd
    .map((loss, day) => (loss > 0 ? loss / Math.max(0, at(limitsUsd, day)) : 0))
    .sort((a, b) => b - a);
  const scale = ratios[hits] ?? 0;
  if (!Number.isFinite(scale)) return null;
  const siloed = sum(siloedUsd);
  return { hits, scale, capitalToSiloed: siloed > 0 ? (scale * sum(limitsUsd)) / siloed : null };
}

/** How many hits a level allows. */
export function allowedHits(observations: number, level: number): number {
  return Math.floor(observations * (1 - level) + TOLERANCE);
}

/** Whole numbers by 1 − level are off by a rounding. */
const TOLERANCE = 1e-9;
