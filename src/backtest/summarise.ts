import { sum } from '../engine/lookup.ts';
import { acerbiSzekely, type ShortfallTest } from '../statistics/acerbiSzekely.ts';
import { conditionalCoverage, independence } from '../statistics/christoffersen.ts';
import { countHits, type Hits, type TestResult } from '../statistics/hits.ts';
import { kupiec, underCoverage } from '../statistics/kupiec.ts';
import { expectedShortfall, valueAtRisk } from '../statistics/tail.ts';
import { timeBetweenFailures } from '../statistics/timeBetweenFailures.ts';
import { trafficLight, type Zone } from '../statistics/trafficLight.ts';
import type { BacktestDay, BacktestOptions } from './run.ts';

/** What a year of days says. */
export interface YearCount {
  readonly observations: number;
  readonly hits: number;
  readonly zone: Zone;
}

/** How one book fared under one model and measure. */
export interface BookResult {
  readonly name: string;
  /** The method of a forecast, or the preset of a margin. */
  readonly model: string;
  readonly measure: 'var' | 'es' | 'margin';
  readonly level: number;
  readonly observations: number;
  readonly hits: number;
  readonly kupiec: TestResult;
  /** One-sided: the probability of so many hits or more. */
  readonly underCoverage: number;
  readonly independence: TestResult;
  readonly conditional: TestResult;
  /** Waits between hits; null without one. */
  readonly waits: TestResult | null;
  readonly zone: Zone;
  /** Σ of the measure ÷ Σ of `siloed`; null where `siloed` is not among the models, or asks nothing. */
  readonly capitalToSiloed: number | null;
  readonly byYear: Readonly<Record<string, YearCount>>;
  /** Of measure `es`. */
  readonly shortfall?: ShortfallTest;
}

/** A model that has no margin for a book. */
export interface RefusedResult {
  readonly name: string;
  readonly model: string;
  readonly measure: 'margin';
  /** The error's code. */
  readonly refused: string;
}

export const VAR_LEVELS = [0.95, 0.975, 0.99];
export const ES_LEVEL = 0.975;
/** A margin is judged as if it were VaR at this level. */
export const MARGIN_LEVEL = 0.99;
const SIMULATIONS = 200;
const SEED = 1;

/** The results of a book: VaR at three levels and ES by each method, and the margin of each model. A day without a next one counts for nothing. */
export function summarise(
  name: string,
  days: readonly BacktestDay[],
  { methods, models }: Pick<BacktestOptions, 'methods' | 'models'>,
): (BookResult | RefusedResult)[] {
  const forecasts = methods.flatMap((model) => {
    const of = (day: BacktestDay) => day.forecasts[model] ?? new Float64Array();
    const vars = VAR_LEVELS.map((level) =>
      resultOf(days, { name, model, measure: 'var', level, askedUsd: (day) => valueAtRisk(of(day), level) }),
    );
    return [...vars, shortfallOf(days, { name, model, losses: of })];
  });
  const margins = models.map((model) => marginResult(days, { name, model }));
  return [...forecasts, ...margins];
}

interface Measured extends Pick<BookResult, 'name' | 'model' | 'measure' | 'level'> {
  readonly askedUsd: (day: BacktestDay) => number;
}

function marginResult(days: readonly BacktestDay[], { name, model }: { name: string; model: string }) {
  const refused = days.map((day) => day.refused[model]).find((code) => code !== undefined);
  if (refused !== undefined) return { name, model, measure: 'margin' as const, refused };
  const askedUsd = (day: BacktestDay) => day.margins[model] ?? Number.NaN;
  return resultOf(days, { name, model, measure: 'margin', level: MARGIN_LEVEL, askedUsd });
}

function resultOf(days: readonly BacktestDay[], { askedUsd, ...what }: Measured): BookResult {
  const asked = days.map(askedUsd);
  const hits: Hits = days.map(({ lossUsd }, index) => (lossUsd === null ? null : lossUsd > (asked[index] ?? 0)));
  const count = countHits(hits);
  const { level } = what;
  return {
    ...what,
    ...count,
    kupiec: kupiec(count, level),
    underCoverage: underCoverage(count, level),
    independence: independence(hits),
    conditional: conditionalCoverage(hits, level),
    waits: timeBetweenFailures(hits, level)?.independence ?? null,
    zone: trafficLight(count, level),
    capitalToSiloed: capitalToSiloed(days, asked),
    byYear: byYear(days, hits, level),
  };
}

function shortfallOf(
  days: readonly BacktestDay[],
  { name, model, losses }: { name: string; model: string; losses: (day: BacktestDay) => Float64Array },
): BookResult {
  const askedUsd = (day: BacktestDay) => valueAtRisk(losses(day), ES_LEVEL);
  const result = resultOf(days, { name, model, measure: 'es', level: ES_LEVEL, askedUsd });
  const observed = days.flatMap((day) => (day.lossUsd === null ? [] : [{ losses: losses(day), loss: day.lossUsd }]));
  const shortfall = acerbiSzekely(observed, { level: ES_LEVEL, seed: SEED, simulations: SIMULATIONS });
  const asked = days.map((day) => expectedShortfall(losses(day), ES_LEVEL));
  return { ...result, capitalToSiloed: capitalToSiloed(days, asked), shortfall };
}

function capitalToSiloed(days: readonly BacktestDay[], asked: readonly number[]): number | null {
  const siloedUsd = sum(days.map(({ margins }) => margins.siloed ?? 0));
  return siloedUsd > 0 ? sum(asked) / siloedUsd : null;
}

function byYear(days: readonly BacktestDay[], hits: Hits, level: number): Record<string, YearCount> {
  const years = new Map<number, (boolean | null)[]>();
  days.forEach(({ time }, index) => {
    const year = yearOf(time);
    years.set(year, [...(years.get(year) ?? []), hits[index] ?? null]);
  });
  const counted = [...years]
    .map(([year, of]) => [year, countHits(of)] as const)
    .filter(([, { observations }]) => observations > 0);
  return Object.fromEntries(counted.map(([year, count]) => [year, { ...count, zone: trafficLight(count, level) }]));
}

function yearOf(seconds: number): number {
  let year = 1970 + Math.floor(seconds / 31_556_952);
  while (Date.UTC(year, 0, 1) > seconds * 1000) year -= 1;
  while (Date.UTC(year + 1, 0, 1) <= seconds * 1000) year += 1;
  return year;
}
