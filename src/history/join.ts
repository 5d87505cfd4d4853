import { MarginError } from '../errors.ts';
import { type PriceSeries, pricesByTime } from './prices.ts';

/** Times of an asset for which two files have a price. */
export interface Overlap {
  readonly asset: string;
  readonly times: number;
  /** |one ÷ the other − 1|, the largest. */
  readonly largestDifference: number;
}

/** More than two sources of one close differ by. */
const MAX_DIFFERENCE = 0.02;

/**
 * One series an asset out of those of several files, in any order. Of a time that two files have, the price of the file named first stands; where they differ by more than 2 % neither does.
 *
 * @throws {PricesDisagreeError}
 */
export function joinPrices(files: readonly (readonly PriceSeries[])[]): {
  readonly series: readonly PriceSeries[];
  readonly overlaps: readonly Overlap[];
} {
  const all = files.flat();
  const assets = [...new Set(all.map(({ asset }) => asset))];
  const joined = assets.map((asset) =>
    joinAsset(
      asset,
      all.filter((one) => one.asset === asset),
    ),
  );
  return { series: joined.map(({ series }) => series), overlaps: joined.flatMap(({ overlap }) => overlap) };
}

function joinAsset(asset: string, parts: readonly PriceSeries[]): { series: PriceSeries; overlap: Overlap[] } {
  const known = new Map<number, number>();
  const differences: number[] = [];
  for (const part of parts) {
    for (const [time, price] of pricesByTime(part)) {
      const first = known.get(time);
      if (first === undefined) known.set(time, price);
      else differences.push(requireClose(asset, { time, first, second: price }));
    }
  }
  const times = [...known.keys()].sort((a, b) => a - b);
  const series = { asset, times, prices: times.map((time) => known.get(time) ?? Number.NaN) };
  if (differences.length === 0) return { series, overlap: [] };
  const largestDifference = differences.reduce((a, b) => Math.max(a, b));
  return { series, overlap: [{ asset, times: differences.length, largestDifference }] };
}

interface Twice {
  readonly time: number;
  readonly first: number;
  readonly second: number;
}

function requireClose(asset: string, { time, first, second }: Twice): number {
  const difference = Math.abs(second / first - 1);
  if (difference > MAX_DIFFERENCE) throw new PricesDisagreeError(asset, { time, first, second });
  return difference;
}

/** Two files with different prices of one asset at one time. */
export class PricesDisagreeError extends MarginError {
  readonly code = 'PricesDisagreeError';

  constructor(asset: string, { time, first, second }: Twice) {
    super(
      `Two files have prices of ${asset} at ${time} (Unix seconds) that differ by more than 2 %: ${first} and ${second}. Correct one of them, or leave those rows out of it.`,
    );
  }
}
