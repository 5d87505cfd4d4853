import { countPool, type PoolCount, poolsOf } from './pool.ts';
import { type BookRecord, type Track, yearOf } from './record.ts';

/** All books that have days of one kind, under one model and measure. */
export interface BreakdownRow extends PoolCount, Pick<Track, 'model' | 'measure' | 'level'> {}

/** What the days say by year, by what is held, and by regime; books are pooled, so no test is made of it. */
export interface Breakdowns {
  readonly byYear: readonly (BreakdownRow & { readonly year: number })[];
  /** The assets that a book needs, sorted: `BTC`, or `BTC+ETH`. */
  readonly byAsset: readonly (BreakdownRow & { readonly asset: string })[];
  readonly byRegime: readonly (BreakdownRow & { readonly regime: string })[];
}

/** Breaks the days of all books down. */
export function breakDown(records: readonly BookRecord[]): Breakdowns {
  const years = records.flatMap(({ times }) => times.map(yearOf));
  const assets = records.map(assetsOf);
  return {
    byYear: groups(years.sort((a, b) => a - b)).flatMap((year) =>
      rows(records, (record, day) => yearOf(record.times[day] ?? 0) === year).map((row) => ({ year, ...row })),
    ),
    byAsset: groups(assets).flatMap((asset) =>
      rows(records, (record) => assetsOf(record) === asset).map((row) => ({ asset, ...row })),
    ),
    byRegime: ['calm', 'stress'].flatMap((regime) =>
      rows(records, ({ regimes }, day) => regimes[day] === regime).map((row) => ({ regime, ...row })),
    ),
  };
}

function rows(records: readonly BookRecord[], isIn: (record: BookRecord, day: number) => boolean): BreakdownRow[] {
  return poolsOf(records, isIn).map((pool) => {
    const { model, measure, level } = pool;
    return { model, measure, level, ...countPool(pool) };
  });
}

function assetsOf({ assets }: BookRecord): string {
  return [...assets].sort().join('+');
}

function groups<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
