import { at, sum } from '../engine/lookup.ts';
import type { CorrelationParameters } from '../engine/models/families.ts';
import { changesOf } from '../history/changes.ts';
import type { PriceSeries } from '../history/prices.ts';
import { compareText } from '../portfolio/order.ts';
import { standardise } from '../risk/draws.ts';
import { cholesky, NotPositiveDefiniteError, nearestCorrelation } from '../risk/matrix.ts';
import { VOL_DECAY } from './volatility.ts';

/** Of correlation: a mean age of 50 days. */
const CORRELATION_DECAY = 0.98;
/** Toward what it is on average over the history. */
const SHRINKAGE = 0.05;
/** Before the average has forgotten how it began. */
const BURN_IN = 120;
const LEAST_CHANGES = 365;
/** Of the days, on which it was lower. */
const STRESSED_SHARE = 0.01;

/** What a history says of two factors. */
export interface PairCorrelation {
  readonly pair: string;
  /** Its 1 % quantile, to two digits downwards. */
  readonly stressed: number;
  readonly days: number;
}

/**
 * Stressed correlations of all pairs with a year in common: of each day's EWMA of products of standardised daily changes, shrunk by 5 % toward its mean, the 1 % quantile; together made the nearest that some variables can have
 * (Higham), to two digits downwards. Low ones are the stress: what the family decorrelation asks for grows with √(1 − ρ²).
 * Checked in test/calibrate/calibrate.test.ts: the correlation that changes were drawn with is found again.
 */
export function stressedCorrelations(series: readonly PriceSeries[]): PairCorrelation[] {
  const sorted = [...series].sort((a, b) => compareText(a.asset, b.asset));
  const measured = sorted.map((a, i) => sorted.map((b, j) => (i < j ? quantileOf(a, b) : undefined)));
  const matrix = sorted.map((_, i) =>
    sorted.map((__, j) => (i === j ? 1 : (measured[Math.min(i, j)]?.[Math.max(i, j)]?.quantile ?? 0))),
  );
  const possible = makePossible(matrix);
  return sorted.flatMap((a, i) =>
    sorted.flatMap((b, j) => {
      const days = measured[i]?.[j]?.days;
      if (days === undefined) return [];
      return [{ pair: `${a.asset}/${b.asset}`, stressed: Math.floor(100 * at(at(possible, i), j)) / 100, days }];
    }),
  );
}

/** The parameters with what was measured in place of what they had; of pairs without a name the least, where three or more were measured. */
export function withPairs(before: CorrelationParameters, measured: readonly PairCorrelation[]): CorrelationParameters {
  const pairs = { ...before.pairs, ...Object.fromEntries(measured.map(({ pair, stressed }) => [pair, stressed])) };
  const others = measured.length < 3 ? before.others : Math.min(...measured.map(({ stressed }) => stressed));
  return { others, pairs: Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareText(a, b))) };
}

/** Undefined where they have less than a year in common. */
function quantileOf(a: PriceSeries, b: PriceSeries): { readonly quantile: number; readonly days: number } | undefined {
  const common = a.times.filter((time) => b.times.includes(time));
  if (common.length <= LEAST_CHANGES) return undefined;
  const { columns } = standardise(changesOf([a, b]), [VOL_DECAY, VOL_DECAY]);
  const [x, y] = [at(columns, 0), at(columns, 1)];
  if (x.length < LEAST_CHANGES) return undefined;
  let [xx, yy, xy] = [1, 1, 0];
  const all: number[] = [];
  for (let index = 0; index < x.length; index += 1) {
    const step = (old: number, product: number) => CORRELATION_DECAY * old + (1 - CORRELATION_DECAY) * product;
    xx = step(xx, at(x, index) * at(x, index));
    yy = step(yy, at(y, index) * at(y, index));
    xy = step(xy, at(x, index) * at(y, index));
    if (index >= BURN_IN) all.push(xy / Math.sqrt(xx * yy));
  }
  const mean = sum(all) / all.length;
  const shrunk = all.map((rho) => (1 - SHRINKAGE) * rho + SHRINKAGE * mean).sort((one, other) => one - other);
  return { quantile: at(shrunk, Math.floor(STRESSED_SHARE * shrunk.length)), days: shrunk.length };
}

function makePossible(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  try {
    cholesky(matrix);
    return matrix;
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return nearestCorrelation(matrix);
    throw error;
  }
}
