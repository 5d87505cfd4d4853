import { expect, test } from 'vitest';
import { accruedIndices, type CometCurve, creditOf, healthOf, presentValue } from '../../src/venues/compoundV3Math.ts';

const WAD = 10n ** 18n;
const ONE = 10n ** 15n;
const FLAT: CometCurve = { kink: WAD, base: 0n, slopeLow: 0n, slopeHigh: 0n };

/** The rate per second of a curve at a utilisation: what an index of 1 grows by in 1,000 seconds. */
function rateAt(curve: CometCurve, { supplied, owed }: { readonly supplied: bigint; readonly owed: bigint }): bigint {
  const totals = {
    ...{ baseSupplyIndex: ONE, baseBorrowIndex: ONE, lastAccrualTime: 5_000 },
    ...{ totalSupplyBase: supplied, totalBorrowBase: owed },
  };
  return accruedIndices({ totals, supplyCurve: FLAT, borrowCurve: curve }, 6_000).borrow - ONE;
}

test('default: below, at and above the kink, by hand', () => {
  const curve = { kink: (8n * WAD) / 10n, base: 10n ** 9n, slopeLow: 2n * 10n ** 9n, slopeHigh: 10n ** 10n };
  const at = (percent: bigint) => rateAt(curve, { supplied: 1_000n, owed: 10n * percent });
  expect([at(0n), at(50n), at(80n), at(90n), at(110n)]).toEqual([
    1_000_000_000n,
    2_000_000_000n,
    2_600_000_000n,
    3_600_000_000n,
    5_600_000_000n,
  ]);
});

test('behavior: each product of a rate is rounded down by itself', () => {
  const curve = { kink: WAD / 2n, base: 7n, slopeLow: 3n, slopeHigh: 3n };
  // 3 · ½ and 3 · ¼ are 1 and 0, where 3 · ¾ would be 2.
  expect(rateAt(curve, { supplied: 4n, owed: 3n })).toBe(8n);
});

test('behavior: without supply nothing is utilised, and without time nothing grows', () => {
  const curve = { kink: WAD, base: 5n, slopeLow: WAD, slopeHigh: WAD };
  expect(rateAt(curve, { supplied: 0n, owed: 100n })).toBe(5n);
  const totals = { baseSupplyIndex: ONE + 3n, baseBorrowIndex: ONE + 7n, totalSupplyBase: 9n, totalBorrowBase: 9n };
  const market = { totals: { ...totals, lastAccrualTime: 77 }, supplyCurve: curve, borrowCurve: curve };
  expect(accruedIndices(market, 77)).toEqual({ supply: ONE + 3n, borrow: ONE + 7n });
});

test('behavior: utilisation is that of the stored indices, and interest is linear between touches', () => {
  const totals = { baseSupplyIndex: 2n * ONE, baseBorrowIndex: 4n * ONE, totalSupplyBase: 100n, totalBorrowBase: 10n };
  const market = (seconds: number) =>
    accruedIndices(
      {
        totals: { ...totals, lastAccrualTime: 0 },
        supplyCurve: { ...FLAT, slopeLow: 10n ** 12n },
        borrowCurve: { ...FLAT, slopeLow: 10n ** 13n },
      },
      seconds,
    );
  // 40 of 200 are owed: a fifth of each slope.
  expect(market(1_000)).toEqual({ supply: 2n * ONE + 400_000_000_000n, borrow: 4n * ONE + 8_000_000_000_000n });
  expect(market(2_000)).toEqual({ supply: 2n * ONE + 800_000_000_000n, borrow: 4n * ONE + 16_000_000_000_000n });
});

test('behavior: values, credit and health are rounded down, each in its turn', () => {
  expect(presentValue(1n, 2n * ONE - 1n)).toBe(1n);
  // 3 · 5 / 2 is 7, and two thirds of it 4; the two thirds of 7.5 would be 5.
  const pledge = { amount: 3n, price: 5n, scale: 2n, factor: (2n * WAD) / 3n + 1n };
  expect(creditOf([pledge, pledge])).toBe(8n);
  expect(healthOf(2n, 3n)).toBe(666_666_666_666_666_666n);
  expect(healthOf(3n, 3n)).toBe(WAD);
  expect(healthOf(3n, 0n)).toBeNull();
});
