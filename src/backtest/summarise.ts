import { sum } from '../engine/lookup.ts';
import type { ShortfallTest } from '../statistics/acerbiSzekely.ts';
import { conditionalCoverage, independence } from '../statistics/christoffersen.ts';
import { countHits, type HitCount, type Hits, type TestResult } from '../statistics/hits.ts';
import { kupiec, underCoverage } from '../statistics/kupiec.ts';
import { timeBetweenFailures, timeUntilFirstFailure } from '../statistics/timeBetweenFailures.ts';
import { trafficLight, type Zone } from '../statistics/trafficLight.ts';
import { BASELINE } from './pool.ts';
import { type BookRecord, isTrack, marginOf, type RefusedTrack, type Track, yearOf } from './record.ts';
import { type Asked, allowedHits, atCoverage, type SameCoverage } from './sameCoverage.ts';

/** What days of one kind say. */
export interface ZoneCount extends HitCount {
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
  /** The wait for the first hit; null without one. */
  readonly firstFailure: TestResult | null;
  /** Waits between hits; null without one. */
  readonly waits: TestResult | null;
  readonly zone: Zone;
  /** Σ of the measure ÷ Σ of `siloed`; null where `siloed` is not among the models, or asks nothing. */
  readonly capitalToSiloed: number | null;
  /** The first and the last day on which it was asked, Unix seconds. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly byYear: Readonly<Record<string, ZoneCount>>;
  readonly byRegime: Readonly<Record<string, ZoneCount>>;
  /** Of measure `es`. */
  readonly shortfall?: ShortfallTest;
  /** Of measure `margin`: multiplied until it is exceeded as often as that of `crossmargin-1`; null where there is none, or where no multiple does that. */
  readonly sameCoverage?: SameCoverage | null;
  /** Of measure `margin`: multiplied until it is exceeded as often as the level allows. */
  readonly atLevel?: SameCoverage | null;
}

/** A model that has no margin for a book. */
export interface RefusedResult extends RefusedTrack {
  readonly name: string;
}

/** The results of a book: a row for each model and measure. A day without a next one counts for nothing. */
export function summarise(record: BookRecord): (BookResult | RefusedResult)[] {
  const { name } = record;
  return record.tracks.map((track) => (isTrack(track) ? resultOf(record, track) : { name, ...track }));
}

/** Whether losses were beyond the limits of a track. */
export function hitsOf({ lossesUsd }: BookRecord, { limitsUsd }: Track): Hits {
  return lossesUsd.map((loss, day) => (loss === null ? null : loss > (limitsUsd[day] ?? 0)));
}

function resultOf(record: BookRecord, track: Track): BookResult {
  const { name, times, regimes } = record;
  const { model, measure, level, shortfall } = track;
  const hits = hitsOf(record, track);
  const count = countHits(hits);
  return {
    name,
    model,
    measure,
    level,
    ...count,
    kupiec: kupiec(count, level),
    underCoverage: underCoverage(count, level),
    independence: independence(hits),
    conditional: conditionalCoverage(hits, level),
    firstFailure: timeUntilFirstFailure(hits, level) ?? null,
    waits: timeBetweenFailures(hits, level)?.independence ?? null,
    zone: trafficLight(count, level),
    capitalToSiloed: capitalToSiloed(record, track),
    firstDay: times[0] ?? 0,
    lastDay: times.at(-1) ?? 0,
    byYear: countBy(hits, (day) => `${yearOf(times[day] ?? 0)}`, level),
    byRegime: countBy(hits, (day) => regimes[day] ?? 'calm', level),
    ...(shortfall !== undefined && { shortfall }),
    ...(measure === 'margin' && scaled(record, track, count)),
  };
}

function scaled(record: BookRecord, track: Track, { observations }: HitCount) {
  const asked = askedOf(record, track);
  const baseline = marginOf(record, BASELINE);
  const hits = baseline === undefined ? null : countHits(hitsOf(record, baseline)).hits;
  return {
    sameCoverage: hits === null ? null : atCoverage(asked, hits),
    atLevel: atCoverage(asked, allowedHits(observations, track.level)),
  };
}

function askedOf(record: BookRecord, { limitsUsd }: Track): Asked {
  const days = [...record.times.keys()].filter((day) => record.lossesUsd[day] !== null);
  const siloed = marginOf(record, 'siloed')?.limitsUsd ?? [];
  return {
    lossesUsd: days.map((day) => record.lossesUsd[day] ?? 0),
    limitsUsd: days.map((day) => limitsUsd[day] ?? 0),
    siloedUsd: siloed.length === 0 ? [] : days.map((day) => siloed[day] ?? 0),
  };
}

function capitalToSiloed(record: BookRecord, { capitalUsd }: Track): number | null {
  const siloedUsd = sum(marginOf(record, 'siloed')?.limitsUsd ?? []);
  return siloedUsd > 0 ? sum(capitalUsd) / siloedUsd : null;
}

function countBy(hits: Hits, keyOf: (day: number) => string, level: number): Record<string, ZoneCount> {
  const kinds = new Map<string, (boolean | null)[]>();
  hits.forEach((hit, day) => {
    const of = kinds.get(keyOf(day)) ?? [];
    of.push(hit);
    kinds.set(keyOf(day), of);
  });
  const counted = [...kinds]
    .map(([kind, of]) => [kind, countHits(of)] as const)
    .filter(([, { observations }]) => observations > 0);
  return Object.fromEntries(counted.map(([kind, count]) => [kind, { ...count, zone: trafficLight(count, level) }]));
}
