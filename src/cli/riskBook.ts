import { parseBook } from '../book/parseBook.ts';
import type { Kernel } from '../engine/kernel/kernel.ts';
import { assetsOf } from '../engine/legs.ts';
import { at } from '../engine/lookup.ts';
import { crossmargin1 } from '../engine/models/crossmargin1.ts';
import { MarginError } from '../errors.ts';
import { type Changes, changesOf } from '../history/changes.ts';
import type { PriceSeries } from '../history/prices.ts';
import { contributionsOf } from '../risk/contributions.ts';
import type { VarianceFilter } from '../risk/ewma.ts';
import { type Forecast, type Forecasting, forecastDraws } from '../risk/forecast.ts';
import { type HeldLegs, MissingFactorError, readHeld, volFactor } from '../risk/held.ts';
import { liquidationDays, type SellingTerms } from '../risk/liquidation.ts';
import { LEVELS, riskOf, type TailRisk } from '../risk/riskOf.ts';
import { type SpotVol, spotVolOf } from '../risk/spotVol.ts';
import { standInVols } from '../risk/volHistory.ts';

/** What risk is asked for. */
export interface RiskRequest extends Omit<Forecasting, 'steps'> {
  readonly prices: readonly PriceSeries[];
  /** Annual volatilities, 0.5 is 50 %; an asset without them has a stand-in. */
  readonly vols: readonly PriceSeries[];
  /** Present: each asset is held for as long as selling it takes. */
  readonly selling?: SellingTerms;
  readonly kernel: Kernel;
}

/** What a book can lose, and what that is made of. */
export interface RiskJson {
  readonly asOf: number;
  readonly method: string;
  readonly seed: number;
  readonly draws: number;
  /** Periods that all factors have, Unix seconds. */
  readonly history: { readonly from: number; readonly to: number; readonly periods: number; readonly missing: number };
  readonly factors: readonly FactorJson[];
  /** Of Student's t, where that is fitted. */
  readonly degrees: number | null;
  readonly levels: readonly TailRisk[];
  /** USD by position, in the order of the book, at each of the levels: they sum to ES. */
  readonly contributions: readonly (readonly number[])[];
}

/** What moves the book. */
export interface FactorJson {
  readonly name: string;
  readonly horizonSeconds: number;
  readonly filter: VarianceFilter | null;
  /** Of a volatility: how it moved with its price; whether its history is a stand-in. */
  readonly spotVol: SpotVol | null;
  readonly standIn: boolean;
}

/** Fewer draws have no worst hundredth. */
const FEWEST_DRAWS = 100;

/**
 * VaR and ES of a book from the history of what moves it. An asset with a history moves by it, another by that of what it is pegged to.
 *
 * @throws {BookError} {@link MissingFactorError} {@link NoCommonHistoryError} {@link FlatSeriesError} {@link TooFewDrawsError}
 */
export function riskBook(json: unknown, request: RiskRequest): RiskJson {
  const { portfolio, market } = parseBook(json);
  const { volShock } = crossmargin1.parameters;
  const legs = readHeld({ portfolio, market, horizonSeconds: 0, volShock });
  const { changes, standIns } = historyOf(legs, request);
  const steps = stepsOf(legs, changes, request);
  const forecast = forecastDraws(changes, { ...request, steps });
  if (forecast.draws.rows.length < FEWEST_DRAWS) throw new TooFewDrawsError(forecast.draws.rows.length);
  const horizonSeconds = (underlying: string) => {
    const mover = moverOf(underlying, { chainOf: legs.chainOf, prices: request.prices });
    return (mover === null ? 1 : at(steps, changes.factors.indexOf(mover))) * request.stepSeconds;
  };
  const holding = { market, volShock, horizonSeconds };
  const { kernel, method, seed } = request;
  const levels = at(riskOf({ ...holding, portfolios: [portfolio] }, forecast.draws, { kernel }), 0);
  return {
    asOf: market.asOf,
    method,
    seed,
    draws: forecast.draws.rows.length,
    history: describeHistory(changes),
    factors: changes.factors.map((_, factor) =>
      describeFactor(changes, { factor, steps, standIns, forecast, request }),
    ),
    degrees: forecast.degrees ?? null,
    levels,
    contributions: LEVELS.map((level) => contributionsOf({ ...holding, portfolio }, forecast.draws, level)),
  };
}

/** The changes of everything that moves the legs. */
function historyOf({ today, chainOf }: HeldLegs, { prices, vols, stepSeconds }: RiskRequest) {
  const names = new Set(today.flatMap(assetsOf).flatMap((asset) => moverOf(asset, { chainOf, prices }) ?? []));
  const underlyings = new Set(today.flatMap((leg) => (leg.kind === 'option' ? [leg.underlying] : [])));
  const standIns: string[] = [];
  const volSeries = [...underlyings].sort().map((underlying) => {
    const name = volFactor(underlying);
    const known = vols.find(({ asset }) => asset === underlying);
    if (known !== undefined) return { ...known, asset: name };
    standIns.push(name);
    const mover = moverOf(underlying, { chainOf, prices });
    if (mover === null) throw new MissingFactorError(name);
    return { ...standInVols(seriesOf(prices, mover), stepSeconds), asset: name };
  });
  const series = [...[...names].sort().map((name) => seriesOf(prices, name)), ...volSeries];
  return { changes: changesOf(series, stepSeconds), standIns };
}

interface Known {
  readonly chainOf: HeldLegs['chainOf'];
  readonly prices: readonly PriceSeries[];
}

/** Whose history an asset moves by; null for what only follows USD. */
function moverOf(asset: string, { chainOf, prices }: Known): string | null {
  const chain = chainOf(asset);
  const found = chain.find((name) => prices.some((one) => one.asset === name));
  if (found === undefined && chain.at(-1) !== 'USD') throw new MissingFactorError(asset);
  return found ?? null;
}

function stepsOf({ today, chainOf }: HeldLegs, { factors }: Changes, { prices, selling }: RiskRequest): number[] {
  if (selling === undefined) return factors.map(() => 1);
  const days = liquidationDays(today, (asset) => moverOf(asset, { chainOf, prices }), selling);
  return factors.map((name) => {
    const asset = name.startsWith('vol:') ? moverOf(name.slice(4), { chainOf, prices }) : name;
    return days.get(asset ?? name) ?? 1;
  });
}

function describeHistory({ times, missing }: Changes): RiskJson['history'] {
  return { from: at(times, 0), to: at(times, times.length - 1), periods: times.length, missing };
}

interface Described {
  readonly factor: number;
  readonly steps: readonly number[];
  readonly standIns: readonly string[];
  readonly forecast: Forecast;
  readonly request: RiskRequest;
}

function describeFactor(changes: Changes, { factor, steps, standIns, forecast, request }: Described): FactorJson {
  const name = at(changes.factors, factor);
  const price = changes.factors.indexOf(name.replace(/^vol:/, ''));
  const isVol = name.startsWith('vol:') && price >= 0;
  return {
    name,
    horizonSeconds: at(steps, factor) * request.stepSeconds,
    filter: forecast.filters[factor] ?? null,
    spotVol: isVol ? spotVolOf(at(changes.columns, price), at(changes.columns, factor)) : null,
    standIn: standIns.includes(name),
  };
}

function seriesOf(prices: readonly PriceSeries[], asset: string): PriceSeries {
  const found = prices.find((one) => one.asset === asset);
  if (found === undefined) throw new MissingFactorError(asset);
  return found;
}

/** Too little in common history for a tail. */
export class TooFewDrawsError extends MarginError {
  readonly code = 'TooFewDrawsError';

  constructor(draws: number) {
    super(
      `What moves the book has ${draws} periods in common, and a tail needs ${FEWEST_DRAWS}. Give a longer history, or a method that simulates (--method student).`,
    );
  }
}
