import { lookup } from '../engine/lookup.ts';
import type { CrossModel, CrossParameters } from '../engine/models/model.ts';
import { DAY_SECONDS, type PriceSeries } from '../history/prices.ts';
import { compareText } from '../portfolio/order.ts';
import { stressedCorrelations, withPairs } from './correlation.ts';
import { dayOf } from './day.ts';
import { CalibrationError, StaleHistoryError } from './errors.ts';
import { pegRecords, withRecords } from './pegs.ts';
import type { PegHistory } from './periods.ts';
import { describeTails, tailsWithIndex } from './tails.ts';
import { holdVol } from './volatility.ts';
import { volMoves } from './volShock.ts';

/** What a model is calibrated from. */
export interface CalibrationInput {
  readonly base: CrossModel;
  readonly prices: readonly PriceSeries[];
  /** Indices of volatility, by the asset that they are of. */
  readonly vols: readonly PriceSeries[];
  /** What the assets that follow others follow. */
  readonly pegs: Readonly<Record<string, string>>;
  /** Unix seconds of the last day that may be looked at; absent: the last on which every factor has a price. */
  readonly asOf?: number;
}

/** One parameter, before and after. */
export interface ParameterChange {
  readonly parameter: string;
  readonly before: number | string | null;
  readonly after: number | string | null;
  /** The statistic behind it. */
  readonly reason: string;
}

/** A new model, and what it says differently. */
export interface Calibration {
  readonly asOf: string;
  readonly model: CrossModel;
  /** Every parameter that was measured, changed or not. */
  readonly measured: readonly ParameterChange[];
  /** What could not be measured, and why it stays. */
  readonly kept: readonly { readonly parameter: string; readonly reason: string }[];
}

/**
 * A new model from history: least volatilities, stressed correlations, peg sizes, shocks of volatility and the draws of the tail averages. Everything else is the base's. Nothing after `asOf` is looked at; the
 * same files give the same model.
 *
 * @throws {CalibrationError} {@link StaleHistoryError} `FewPeriodsError` `FlatSeriesError`
 */
export function calibrate(input: CalibrationInput): Calibration {
  const known = knownOn(input);
  const parts = [measureVols(known), measurePairs(known), measurePegs(known), measureShock(known), measureDraws(known)];
  const parameters: CrossParameters = Object.assign({}, input.base.parameters, ...parts.map((part) => part.parameters));
  return {
    asOf: dayOf(known.asOf),
    model: { ...input.base, parameters },
    measured: parts.flatMap(({ measured }) => measured ?? []),
    kept: parts.flatMap(({ kept }) => (kept === undefined ? [] : [kept])),
  };
}

/** The history up to the day of the calibration. */
interface Known {
  readonly base: CrossModel;
  readonly asOf: number;
  readonly factors: readonly PriceSeries[];
  readonly pegs: readonly PegHistory[];
  readonly index: PriceSeries | undefined;
}

/** What one measurement says of the parameters. */
interface Part {
  readonly parameters: Partial<CrossParameters>;
  readonly measured?: readonly ParameterChange[];
  readonly kept?: Calibration['kept'][number];
}

function knownOn({ base, prices, vols, pegs, asOf }: CalibrationInput): Known {
  const follows = (asset: string) => lookup(pegs, asset);
  const factors = prices.filter(({ asset }) => follows(asset) === undefined);
  if (factors.length === 0) throw new CalibrationError('there are prices of no asset that follows no other');
  const day = asOf ?? lastCommonDay(factors);
  for (const { asset, times } of factors) {
    if (times.includes(day)) continue;
    throw new StaleHistoryError(asset, { last: times.filter((time) => time < day).at(-1), asOf: day });
  }
  const cut = (series: PriceSeries) => upTo(series, day);
  return {
    base,
    asOf: day,
    factors: factors.map(cut),
    pegs: prices.flatMap((series) => pegHistory(series, { prices, follows, cut })),
    index: vols.map(cut).find(({ times }) => times.length > 0),
  };
}

interface Cutting {
  readonly prices: readonly PriceSeries[];
  readonly follows: (asset: string) => string | undefined;
  readonly cut: (series: PriceSeries) => PriceSeries;
}

function pegHistory(series: PriceSeries, { prices, follows, cut }: Cutting): PegHistory[] {
  const { asset } = series;
  const followed = follows(asset);
  if (followed === undefined) return [];
  if (followed === 'USD') return [{ asset, prices: cut(series), follows: undefined }];
  const base = prices.find((one) => one.asset === followed);
  if (base === undefined) throw new CalibrationError(`${asset} follows ${followed}, which has no prices`);
  return [{ asset, prices: cut(series), follows: cut(base) }];
}

function upTo({ asset, times, prices }: PriceSeries, day: number): PriceSeries {
  const count = times.filter((time) => time < day + DAY_SECONDS).length;
  return { asset, times: times.slice(0, count), prices: prices.slice(0, count) };
}

function lastCommonDay(factors: readonly PriceSeries[]): number {
  const last = factors[0]?.times.findLast((time) => factors.every(({ times }) => times.includes(time)));
  if (last === undefined) throw new CalibrationError('there is no day on which every factor has a price');
  return last;
}

function measureVols({ base, factors }: Known): Part {
  const { range } = base.parameters;
  const held = factors.map((series) => ({ asset: series.asset, ...holdVol(series, range.halfLifeDays) }));
  const digits = (vol: number) => Math.ceil(vol * 10_000 - 1e-9) / 10_000;
  const vols = { ...range.leastVols, ...Object.fromEntries(held.map((one) => [one.asset, digits(one.held)])) };
  const leastVols = Object.fromEntries(Object.entries(vols).sort(([a], [b]) => compareText(a, b)));
  return {
    parameters: { range: { ...range, leastVols } },
    measured: held.map(({ asset, today, held: vol, since }) => ({
      parameter: `range.leastVols.${asset}`,
      before: lookup(range.leastVols, asset) ?? null,
      after: digits(vol),
      reason: `${digits(today)} a year by EWMA; highest on ${dayOf(since)}, half of it lost every ${range.halfLifeDays} days since`,
    })),
  };
}

function measurePairs({ base, factors }: Known): Part {
  const before = base.parameters.correlation;
  const pairs = stressedCorrelations(factors);
  if (pairs.length === 0) {
    return { parameters: {}, kept: { parameter: 'correlation', reason: 'no two factors have a year in common' } };
  }
  const correlation = withPairs(before, pairs);
  const measured = pairs.map(({ pair, stressed, days }) => ({
    parameter: `correlation.pairs.${pair}`,
    before: lookup(before.pairs, pair) ?? before.others,
    after: stressed,
    reason: `1 % quantile of ${days} days' EWMA correlations`,
  }));
  const others = {
    parameter: 'correlation.others',
    before: before.others,
    after: correlation.others,
    reason: pairs.length < 3 ? 'kept: fewer than three pairs' : 'the least of the pairs measured',
  };
  return { parameters: { correlation }, measured: [...measured, others] };
}

function measurePegs({ base, pegs }: Known): Part {
  const { peg } = base.parameters;
  const records = pegRecords(pegs, peg);
  const measured = records.flatMap(({ asset, before, after, reason }) =>
    (['down', 'up'] as const).map((side) => ({
      parameter: `peg.assets.${asset}.${side}`,
      before: before[side],
      after: after[side],
      reason,
    })),
  );
  return { parameters: { peg: withRecords(peg, records) }, measured };
}

function measureShock({ base, index }: Known): Part {
  const { volShock, range } = base.parameters;
  if (index === undefined) return { parameters: {}, kept: { parameter: 'volShock', reason: 'no index of volatility' } };
  const { up, down, periods } = volMoves(index, range.horizonDays);
  const reason = `of ${periods} periods of ${range.horizonDays} days of the index of ${index.asset}, a thousandth went further`;
  return {
    parameters: { volShock: { ...volShock, up, down } },
    measured: [
      { parameter: 'volShock.up', before: volShock.up, after: up, reason },
      { parameter: 'volShock.down', before: volShock.down, after: down, reason },
    ],
  };
}

function measureDraws({ base, factors, pegs, index }: Known): Part {
  const tails = tailsWithIndex(base.parameters, { factors, pegs, index });
  if (typeof tails === 'string') return { parameters: {}, kept: { parameter: 'tailAverage', reason: tails } };
  return { parameters: { tailAverage: tails }, measured: describeTails(base.parameters.tailAverage, tails) };
}
