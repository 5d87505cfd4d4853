import { at, sum } from '../engine/lookup.ts';
import { incompleteBeta } from './gamma.ts';
import { createRandom, type Random } from './random.ts';
import { expectedShortfall, valueAtRisk } from './tail.ts';

/** What was forecast for one period, and what came. */
export interface ForecastDay {
  /** Equally likely losses, ascending. */
  readonly losses: ArrayLike<number>;
  /** What came. */
  readonly loss: number;
}

/** Near 0 where the forecast is right, negative where losses in the tail are larger than it says. */
export interface ShortfallScores {
  /** Mean loss beyond VaR against ES, given that it was exceeded; null where it never was. */
  readonly z1: number | null;
  /** The same without the condition: number and size of the losses together. */
  readonly z2: number;
  /** ES of the ranks of what came, against its expectation under each forecast. */
  readonly z3: number;
}

/** The scores of a backtest, and the probability of one at most so large, were the forecasts right. */
export interface ShortfallTest extends ShortfallScores {
  readonly p1: number | null;
  readonly p2: number;
  readonly p3: number;
}

/** How critical values are found. */
export interface ShortfallOptions {
  readonly level: number;
  readonly seed: number;
  readonly simulations: number;
}

/**
 * The three tests of expected shortfall, with critical values simulated from the forecasts themselves.
 * Source: Acerbi and Székely, "Back-testing Expected Shortfall" (2014), §2. Checked: the 5 % critical value of Z2 for 250 days at 97.5 % is −0.70, as published,
 * and the share of rejections of right and of wrong forecasts (test/statistics/acerbiSzekely.test.ts).
 */
export function acerbiSzekely(
  days: readonly ForecastDay[],
  { level, seed, simulations }: ShortfallOptions,
): ShortfallTest {
  const weights = rankWeights(days, level);
  const tails = days.map(({ losses }) => ({
    losses,
    varUsd: valueAtRisk(losses, level),
    esUsd: expectedShortfall(losses, level),
    rankedUsd: expectedRanked(losses, weights),
  }));
  const ranks = days.map(({ losses, loss }) => rankOf(losses, loss));
  const score = (came: readonly number[], uniforms: readonly number[]) => scores({ tails, came, uniforms, level });
  const seen = score(
    days.map(({ loss }) => loss),
    ranks,
  );
  const random = createRandom(seed);
  const simulated = Array.from({ length: simulations }, () => simulate(tails, random, score));
  return {
    ...seen,
    p1:
      seen.z1 === null
        ? null
        : shareBelow(
            seen.z1,
            simulated.flatMap(({ z1 }) => (z1 === null ? [] : [z1])),
          ),
    p2: shareBelow(
      seen.z2,
      simulated.map(({ z2 }) => z2),
    ),
    p3: shareBelow(
      seen.z3,
      simulated.map(({ z3 }) => z3),
    ),
  };
}

interface Tail {
  readonly losses: ArrayLike<number>;
  readonly varUsd: number;
  readonly esUsd: number;
  /** The mean of the worst ranks that is to be expected. */
  readonly rankedUsd: number;
}

interface Scoring {
  readonly tails: readonly Tail[];
  readonly came: readonly number[];
  readonly uniforms: readonly number[];
  readonly level: number;
}

function scores({ tails, came, uniforms, level }: Scoring): ShortfallScores {
  let ratios = 0;
  let hits = 0;
  tails.forEach(({ varUsd, esUsd }, day) => {
    if (!(at(came, day) > varUsd)) return;
    ratios += at(came, day) / esUsd;
    hits += 1;
  });
  const z2 = 1 - ratios / (tails.length * (1 - level));
  return { z1: hits === 0 ? null : 1 - ratios / hits, z2, z3: rankScore({ tails, came, uniforms, level }) };
}

/** The worst ranks, put through each day's forecast. */
function rankScore({ tails, uniforms, level }: Scoring): number {
  const worst = Float64Array.from(uniforms).sort().slice(-tailCount(tails.length, level));
  const total = sum(
    tails.map(({ losses, rankedUsd }) => {
      let shortfall = 0;
      for (const uniform of worst) shortfall += quantileOf(losses, uniform);
      return shortfall / worst.length / rankedUsd;
    }),
  );
  return 1 - total / tails.length;
}

function simulate(
  tails: readonly Tail[],
  random: Random,
  score: (came: number[], uniforms: number[]) => ShortfallScores,
) {
  const uniforms = tails.map(() => random.uniform());
  const came = tails.map(({ losses }, day) => quantileOf(losses, at(uniforms, day)));
  return score(came, uniforms);
}

/** By the number of forecast losses: how much each counts in the expected mean of the worst ranks, I_p(T − k, k) over its share of p. */
function rankWeights(days: readonly ForecastDay[], level: number): Map<number, Float64Array> {
  const count = tailCount(days.length, level);
  const inTail = (p: number) => incompleteBeta(p, days.length - count, count);
  const lengths = new Set(days.map(({ losses }) => losses.length));
  return new Map(
    [...lengths].map((length) => {
      const cells = Float64Array.from({ length }, (_, cell) => {
        const ends = inTail(cell / length) + inTail((cell + 1) / length);
        return (ends + 4 * inTail((cell + 0.5) / length)) / 6;
      });
      const total = sum([...cells]);
      return [length, cells.map((cell) => cell / total)];
    }),
  );
}

function expectedRanked(losses: ArrayLike<number>, weights: ReadonlyMap<number, Float64Array>): number {
  const shares = weights.get(losses.length) ?? [];
  let total = 0;
  for (let cell = 0; cell < losses.length; cell += 1) total += at(shares, cell) * at(losses, cell);
  return total;
}

function tailCount(days: number, level: number): number {
  return Math.max(1, Math.floor(days * (1 - level) + 1e-9));
}

function quantileOf(losses: ArrayLike<number>, p: number): number {
  return at(losses, Math.min(losses.length - 1, Math.floor(p * losses.length)));
}

/** Where a loss stands among those forecast, 0…1. */
function rankOf(losses: ArrayLike<number>, loss: number): number {
  let [low, high] = [0, losses.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (at(losses, middle) < loss) low = middle + 1;
    else high = middle;
  }
  return low / losses.length;
}

function shareBelow(value: number, simulated: readonly number[]): number {
  return (1 + simulated.filter((other) => other <= value).length) / (1 + simulated.length);
}
