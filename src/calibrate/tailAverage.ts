import { at, sum } from '../engine/lookup.ts';
import type { TailDraw, TailParameters, TailRegime } from '../engine/models/families.ts';
import { FewPeriodsError } from './errors.ts';
import { type Cluster, mergeNearest } from './merge.ts';
import { type Period, type PeriodHistory, readPeriods } from './periods.ts';
import { outermost, whiten } from './shell.ts';

/** Of the periods, that are averaged. */
export const TAIL_SHARE = 0.01;
/** Below it the worst hundredth is not five periods. */
const LEAST_PERIODS = 500;
/** Draws that a regime keeps: seven tiles of the table's columns together. */
const CALM_DRAWS = 90;
const STRESS_DRAWS = 36;

/** What tail averages are measured on. */
export interface TailHistory extends PeriodHistory {
  /** The multiple of the range's deviation at which every peg is off by its whole size, under stress. */
  readonly pegBreak: number;
}

/**
 * Draws of the two regimes by filtered historical simulation: what each period of the history did in units of what was usual then, of which are kept those that can be among the worst
 * {@link TAIL_SHARE} for a book, and of these the nearest put together until few are left. Calm: as it was. Stress: every factor moves by one multiple, the sum of all at the mean square of each, as where their correlation is 1.
 * With `keepsAll` every period is a draw, which is what the few are compared with, for random books, in test/calibrate/tailAverage.test.ts.
 *
 * @throws {FewPeriodsError}
 */
export function measureTails(history: TailHistory, { keepsAll = false }: { keepsAll?: boolean } = {}): TailParameters {
  const periods = readPeriods(history);
  if (periods.length < LEAST_PERIODS) {
    throw new FewPeriodsError('a tail average', { has: periods.length, needs: LEAST_PERIODS });
  }
  const percent = `average of the worst ${100 * TAIL_SHARE} %`;
  const calm = {
    regime: 'calm',
    title: percent,
    draws: keepsAll ? periods.length : CALM_DRAWS,
    at: calmPoint,
  };
  const stress = {
    regime: 'stress',
    title: `${percent} under stress`,
    draws: keepsAll ? periods.length : STRESS_DRAWS,
    at: stressPoint,
  };
  const names = { factors: history.factors.map(({ asset }) => asset), pegs: history.pegs.map(({ asset }) => asset) };
  const { pegBreak } = history;
  return {
    share: TAIL_SHARE,
    regimes: [
      { ...regimeOf(calm, periods), ...names },
      { ...regimeOf(stress, asOne(periods)), factors: [], pegs: [], pegBreak },
    ].map(ordered),
  };
}

interface Kept {
  readonly regime: string;
  readonly title: string;
  readonly draws: number;
  /** Where a period lies among the others. */
  readonly at: (period: Period) => readonly number[];
}

function regimeOf(kept: Kept, periods: readonly Period[]) {
  const points = whiten(periods.map(kept.at));
  const shell = kept.draws < periods.length ? outermost(points, TAIL_SHARE * periods.length) : [...points.keys()];
  const clusters = mergeNearest(
    shell.map((index) => at(points, index)),
    kept.draws,
  );
  const draws = clusters.map((cluster) => drawOf(cluster, (member) => at(periods, at(shell, member))));
  return { regime: kept.regime, title: kept.title, periods: periods.length, draws };
}

function calmPoint({ multiples, vol }: Period): number[] {
  return [...multiples, vol];
}

function stressPoint({ others, vol }: Period): number[] {
  return [others, vol];
}

/** All factors by one multiple: their sum, scaled to their mean square. */
function asOne(periods: readonly Period[]): Period[] {
  const sums = periods.map(({ multiples }) => sum(multiples));
  const squares = periods.map(
    ({ multiples }) => sum(multiples.map((multiple) => multiple * multiple)) / multiples.length,
  );
  const scale = Math.sqrt(sum(squares) / sum(sums.map((total) => total * total)));
  return periods.map(({ vol }, index) => ({ others: scale * at(sums, index), vol, multiples: [], pegs: [] }));
}

/** The mean of the periods that stand together, to four digits; of pegs to five. */
function drawOf(cluster: Cluster, periodOf: (member: number) => Period): TailDraw {
  const members = cluster.members.map(periodOf);
  const mean = (of: (period: Period) => number, digits: number) => round(sum(members.map(of)) / members.length, digits);
  const [first] = members;
  return {
    days: members.length,
    vol: mean(({ vol }) => vol, 4),
    others: mean(({ others }) => others, 4),
    factors: (first?.multiples ?? []).map((_, index) => mean(({ multiples }) => at(multiples, index), 4)),
    pegs: (first?.pegs ?? []).map((_, index) => mean(({ pegs }) => at(pegs, index), 5)),
  };
}

/** Adding 0 turns −0 into 0. */
function round(value: number, digits: number): number {
  const scale = digits === 5 ? 100_000 : 10_000;
  return Math.round(value * scale) / scale + 0;
}

/** Names before numbers. */
function ordered({ draws, ...rest }: TailRegime): TailRegime {
  return { ...rest, draws };
}
