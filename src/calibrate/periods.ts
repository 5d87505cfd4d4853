import { at } from '../engine/lookup.ts';
import { changesOf } from '../history/changes.ts';
import { DAY_SECONDS, type PriceSeries, pricesByTime } from '../history/prices.ts';
import { EWMA_START, ewmaVariances } from '../risk/ewma.ts';
import { leastSquares } from './leastSquares.ts';

/** What periods are read from: days, and everything known of them. */
export interface PeriodHistory {
  readonly factors: readonly PriceSeries[];
  /** Assets that follow another one, and its prices; without them they follow USD. */
  readonly pegs: readonly PegHistory[];
  /** An index of the volatility of one of the factors, by its name. */
  readonly index: PriceSeries;
  readonly horizonDays: number;
  /** Of the squares of daily changes in a factor's volatility. */
  readonly decay: number;
}

/** Prices of an asset, and of what it follows. */
export interface PegHistory {
  readonly asset: string;
  readonly prices: PriceSeries;
  readonly follows: PriceSeries | undefined;
}

/** What one period did. */
export interface Period {
  /** Relative change of each factor ÷ its σ√horizon as it was known when the period began. */
  readonly multiples: readonly number[];
  /** The one furthest from 0: what assets without a history are taken to do. */
  readonly others: number;
  /** Relative change of volatility. */
  readonly vol: number;
  /** Relative change of each peg against what it follows; 0 where a price is missing. */
  readonly pegs: readonly number[];
}

/**
 * Every period of the horizon that begins on a day, of which each factor has all daily prices: they overlap. σ is the EWMA of the daily changes up to the day on which the period begins.
 * Where the index of volatility has no value, its change is the one that it has on average at such a move of its asset: a + b · max(0, −multiple) + c · max(0, multiple), by least
 * squares over the periods where it has.
 */
export function readPeriods(history: PeriodHistory): Period[] {
  const { factors, horizonDays } = history;
  const prices = factors.map(pricesByTime);
  const deviations = factors.map((series) => deviationsOf(series, history));
  const steps = Array.from({ length: horizonDays + 1 }, (_, day) => day * DAY_SECONDS);
  const times = (factors[0]?.times ?? []).filter(
    (time) =>
      deviations.every((known) => known.has(time)) &&
      prices.every((known) => steps.every((step) => known.has(time + step))),
  );
  const over = horizonDays * DAY_SECONDS;
  const multiples = times.map((time) =>
    prices.map((known, index) => changeOf(known, time, over) / (deviations[index]?.get(time) ?? Number.NaN)),
  );
  const vols = volChanges(history, { times, multiples, over });
  const pegs = history.pegs.map((peg) => pegChanges(peg, { times, over }));
  return times.map((_, index) => ({
    multiples: at(multiples, index),
    others: furthest(at(multiples, index)),
    vol: at(vols, index),
    pegs: pegs.map((changes) => at(changes, index)),
  }));
}

/** σ√horizon at the end of each day, by EWMA of the daily logarithmic changes to it. */
function deviationsOf(series: PriceSeries, { decay, horizonDays }: PeriodHistory): ReadonlyMap<number, number> {
  const { times, columns } = changesOf([series]);
  const variances = ewmaVariances(at(columns, 0), decay);
  return new Map(
    times
      .map((time, index) => [time, Math.sqrt(horizonDays * at(variances, index + 1))] as const)
      .slice(EWMA_START - 1),
  );
}

type Known = ReadonlyMap<number, number>;

/** Relative; NaN where a price is missing. */
function changeOf(prices: Known, time: number, over: number): number {
  return (prices.get(time + over) ?? Number.NaN) / (prices.get(time) ?? Number.NaN) - 1;
}

interface Times {
  readonly times: readonly number[];
  readonly over: number;
}

function volChanges(
  { factors, index }: PeriodHistory,
  { times, multiples, over }: Times & { readonly multiples: readonly (readonly number[])[] },
): number[] {
  const known = pricesByTime(index);
  const place = factors.findIndex(({ asset }) => asset === index.asset);
  const sizes = multiples.map((of) => of[place] ?? furthest(of));
  const changes = times.map((time) => changeOf(known, time, over));
  const measured = changes.flatMap((change, period) => (Number.isNaN(change) ? [] : [period]));
  const [level = 0, down = 0, up = 0] = leastSquares(
    measured.map((period) => shapeOf(at(sizes, period))),
    measured.map((period) => at(changes, period)),
  );
  return changes.map((change, period) => {
    const [, fall = 0, rise = 0] = shapeOf(at(sizes, period));
    return Number.isNaN(change) ? level + down * fall + up * rise : change;
  });
}

function shapeOf(multiple: number): number[] {
  return [1, Math.max(0, -multiple), Math.max(0, multiple)];
}

function pegChanges({ prices, follows }: PegHistory, { times, over }: Times): number[] {
  const own = pricesByTime(prices);
  const base = follows === undefined ? undefined : pricesByTime(follows);
  return times.map((time) => {
    const change = (1 + changeOf(own, time, over)) / (base === undefined ? 1 : 1 + changeOf(base, time, over)) - 1;
    return Number.isNaN(change) ? 0 : change;
  });
}

function furthest(multiples: readonly number[]): number {
  return multiples.reduce((far, one) => (Math.abs(one) > Math.abs(far) ? one : far), 0);
}
