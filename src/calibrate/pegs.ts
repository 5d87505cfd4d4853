import { sizeOf } from '../engine/families/peg.ts';
import { at } from '../engine/lookup.ts';
import type { PegParameters, PegSize } from '../engine/models/families.ts';
import { pricesByTime } from '../history/prices.ts';
import { dayOf } from './day.ts';
import type { PegHistory } from './periods.ts';

/** How far an asset was off its peg at its worst. */
export interface PegRecord {
  readonly asset: string;
  readonly before: PegSize;
  /** To the next whole percent; never less than before: a record is not broken by what came later. */
  readonly after: PegSize;
  readonly reason: string;
}

/** The worst daily closes of each peg on record, against what it follows. */
export function pegRecords(pegs: readonly PegHistory[], before: PegParameters): PegRecord[] {
  return pegs.map(({ asset, prices, follows }) => {
    const base = follows === undefined ? undefined : pricesByTime(follows);
    const ratios = prices.times.flatMap((time, index) => {
      const under = base === undefined ? 1 : base.get(time);
      return under === undefined ? [] : [{ time, ratio: at(prices.prices, index) / under }];
    });
    const old = sizeOf({ asset, peg: follows === undefined ? 'USD' : follows.asset }, before);
    const low = ratios.reduce((least, one) => (one.ratio < least.ratio ? one : least), { time: 0, ratio: 1 });
    const high = ratios.reduce((most, one) => (one.ratio > most.ratio ? one : most), { time: 0, ratio: 1 });
    const after = { down: worse(old.down, 1 - low.ratio), up: worse(old.up, high.ratio - 1) };
    return { asset, before: old, after, reason: reasonOf({ low, high, days: ratios.length }) };
  });
}

/** The sizes with those of the records. */
export function withRecords(before: PegParameters, records: readonly PegRecord[]): PegParameters {
  const changed = records.filter(
    (record) => record.after.down !== record.before.down || record.after.up !== record.before.up,
  );
  return {
    ...before,
    assets: { ...before.assets, ...Object.fromEntries(changed.map(({ asset, after }) => [asset, after])) },
  };
}

/** 1e-9 so that a whole percent stays one. */
function worse(old: number, measured: number): number {
  return Math.max(old, Math.ceil(100 * measured - 1e-9) / 100);
}

interface Extremes {
  readonly low: { readonly time: number; readonly ratio: number };
  readonly high: { readonly time: number; readonly ratio: number };
  readonly days: number;
}

function reasonOf({ low, high, days }: Extremes): string {
  const say = ({ time, ratio }: Extremes['low']) =>
    time === 0 ? '1' : `${Math.round(ratio * 10_000) / 10_000} on ${dayOf(time)}`;
  return `${days} daily closes: lowest ${say(low)}, highest ${say(high)}; sizes never shrink`;
}
