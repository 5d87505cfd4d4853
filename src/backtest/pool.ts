import { at, sum } from '../engine/lookup.ts';
import { type BookRecord, isTrack, marginOf, type Track } from './record.ts';

/** Days of several books under one model and measure, put one after another: days without a loss to compare are left out. */
export interface Pool extends Pick<Track, 'model' | 'measure' | 'level'> {
  readonly books: number;
  readonly lossesUsd: readonly number[];
  readonly limitsUsd: readonly number[];
  readonly capitalUsd: readonly number[];
  /** What `siloed` asks on the same days; empty where it is not among the models, or refuses one of the books. */
  readonly siloedUsd: readonly number[];
}

/** How much was exceeded, and what it took. */
export interface PoolCount {
  readonly books: number;
  readonly observations: number;
  readonly hits: number;
  /** The share of days that were not hits; days of different books are not independent of each other. */
  readonly coverage: number;
  /** Σ capital ÷ Σ of `siloed` on the same days; null without it. */
  readonly capitalToSiloed: number | null;
}

/** What every preset is compared with where the coverage is to be the same. */
export const BASELINE = 'crossmargin-1';

/** One pool for each model, measure and level, of the days that are asked for. */
export function poolsOf(
  records: readonly BookRecord[],
  isIn: (record: BookRecord, day: number) => boolean = () => true,
): Pool[] {
  const keys = new Map<string, Pick<Track, 'model' | 'measure' | 'level'>>();
  for (const { tracks } of records)
    for (const { model, measure, level } of tracks.filter(isTrack))
      keys.set(`${measure} ${level} ${model}`, { model, measure, level });
  return [...keys.values()]
    .map((key) => poolOf(records, { key, isIn }))
    .filter(({ lossesUsd }) => lossesUsd.length > 0);
}

/** Counts a pool. */
export function countPool({ books, lossesUsd, limitsUsd, capitalUsd, siloedUsd }: Pool): PoolCount {
  const observations = lossesUsd.length;
  const hits = lossesUsd.filter((loss, day) => loss > at(limitsUsd, day)).length;
  const siloed = sum(siloedUsd);
  return {
    books,
    observations,
    hits,
    coverage: 1 - hits / observations,
    capitalToSiloed: siloed > 0 ? sum(capitalUsd) / siloed : null,
  };
}

interface Pooling {
  readonly key: Pick<Track, 'model' | 'measure' | 'level'>;
  readonly isIn: (record: BookRecord, day: number) => boolean;
}

function poolOf(records: readonly BookRecord[], { key, isIn }: Pooling): Pool {
  const parts = records.flatMap((record) => {
    const track = record.tracks.filter(isTrack).find((one) => isSame(one, key));
    const days = [...record.times.keys()].filter((day) => record.lossesUsd[day] !== null && isIn(record, day));
    return track === undefined || days.length === 0 ? [] : [{ record, track, days }];
  });
  const siloed = parts.map(({ record }) => marginOf(record, 'siloed'));
  const isComparable = siloed.every((track) => track !== undefined);
  return {
    ...key,
    books: parts.length,
    lossesUsd: parts.flatMap(({ record, days }) => days.map((day) => record.lossesUsd[day] ?? 0)),
    limitsUsd: parts.flatMap(({ track, days }) => days.map((day) => at(track.limitsUsd, day))),
    capitalUsd: parts.flatMap(({ track, days }) => days.map((day) => at(track.capitalUsd, day))),
    siloedUsd: isComparable
      ? parts.flatMap(({ days }, part) => days.map((day) => siloed[part]?.limitsUsd[day] ?? 0))
      : [],
  };
}

function isSame(a: Pick<Track, 'model' | 'measure' | 'level'>, b: Pick<Track, 'model' | 'measure' | 'level'>): boolean {
  return a.model === b.model && a.measure === b.measure && a.level === b.level;
}
