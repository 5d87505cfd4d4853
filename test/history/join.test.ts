import { expect, test } from 'vitest';
import { joinPrices, PricesDisagreeError } from '../../src/history/join.ts';

const series = (asset: string, ...points: readonly (readonly [number, number])[]) => ({
  asset,
  times: points.map(([time]) => time),
  prices: points.map(([, price]) => price),
});

test('default: an asset of several files is one series, whatever their order; others stay as they are', () => {
  const early = [series('BTC', [0, 10], [1, 11]), series('ETH', [0, 5])];
  const late = [series('BTC', [2, 12], [4, 14])];
  const { series: joined, overlaps } = joinPrices([late, early]);
  expect(joined).toEqual([series('BTC', [0, 10], [1, 11], [2, 12], [4, 14]), series('ETH', [0, 5])]);
  expect(overlaps).toEqual([]);
});

test('behavior: where two files have a time the first one stands, and how far they differ is said', () => {
  const { series: joined, overlaps } = joinPrices([
    [series('BTC', [0, 10], [1, 100])],
    [series('BTC', [1, 101], [2, 12])],
  ]);
  expect(joined).toEqual([series('BTC', [0, 10], [1, 100], [2, 12])]);
  expect(overlaps).toEqual([{ asset: 'BTC', times: 1, largestDifference: expect.closeTo(0.01, 12) }]);
});

test('error: PricesDisagreeError beyond 2 %', () => {
  expect(() => joinPrices([[series('BTC', [1, 100])], [series('BTC', [1, 103])]])).toThrow(PricesDisagreeError);
});
