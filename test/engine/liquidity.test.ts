import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cheapestSale, costOf, type Trade } from '../../src/engine/liquidity.ts';

const liquidity = { impact: 0.25, participation: 0.1, dailyVolumeUsd: {}, others: 1 };
const TRADING = { liquidity, horizonDays: 2 };
const ETHER: Trade = { sizeUsd: 1e6, dailyVolumeUsd: 1e8, range: 0.2 };

const trade = fc.record({
  sizeUsd: fc.double({ min: 1, max: 1e7, noNaN: true }),
  dailyVolumeUsd: fc.double({ min: 1e3, max: 1e10, noNaN: true }),
  range: fc.oneof(fc.constant(0), fc.double({ min: 1e-4, max: 0.5, noNaN: true })),
});
const trades = fc.array(trade, { minLength: 1, maxLength: 6 });

describe('costOf', () => {
  test('default: the square root of the size ÷ volume, by hand', () => {
    const { impactUsd, delayUsd } = costOf(ETHER, TRADING);
    expect(impactUsd).toBeCloseTo(1e6 * 0.25 * 0.2 * 0.1, 9);
    expect(delayUsd).toBe(0);
  });

  test('behavior: beyond the horizon the price has longer to move', () => {
    // 8e7 at a tenth of 1e8 a day takes 8 days, four times the horizon: twice the range.
    const { delayUsd } = costOf({ ...ETHER, sizeUsd: 8e7 }, TRADING);
    expect(delayUsd).toBeCloseTo(8e7 * 0.2, 4);
    expect(costOf({ ...ETHER, sizeUsd: 2e7 }, TRADING).delayUsd).toBe(0);
  });

  test('behavior: neither part is more than the size; nothing costs nothing', () => {
    const { impactUsd, delayUsd } = costOf({ ...ETHER, sizeUsd: 1e12 }, TRADING);
    expect([impactUsd, delayUsd]).toEqual([1e12, 1e12]);
    expect(costOf({ ...ETHER, sizeUsd: 0 }, TRADING)).toEqual({ impactUsd: 0, delayUsd: 0 });
    expect(costOf({ ...ETHER, range: 0 }, TRADING)).toEqual({ impactUsd: 0, delayUsd: 0 });
  });
});

describe('cheapestSale', () => {
  const impactOf = (holdings: readonly Trade[], sizes: readonly number[]) =>
    holdings.reduce(
      (total, { range, dailyVolumeUsd }, index) => total + range * Math.sqrt((sizes[index] ?? 0) ** 3 / dailyVolumeUsd),
      0,
    );

  test('default: two alike are sold alike, and the deeper one more, by the square of its depth', () => {
    expect(cheapestSale([ETHER, ETHER], 1e6)).toEqual([5e5, 5e5]);
    const deeper = { ...ETHER, dailyVolumeUsd: 4e8 };
    const [shallow = 0, deep = 0] = cheapestSale([ETHER, deeper], 1e6);
    expect(deep / shallow).toBeCloseTo(4, 9);
    expect(shallow + deep).toBeCloseTo(1e6, 6);
  });

  test('behavior: what does not move is sold first, and all where all does not suffice', () => {
    const dollars = { ...ETHER, range: 0, sizeUsd: 3e5 };
    expect(cheapestSale([ETHER, dollars], 5e5)).toEqual([2e5, 3e5]);
    expect(cheapestSale([ETHER, dollars], 1e9)).toEqual([1e6, 3e5]);
  });

  test('behavior: it raises what is needed, and no other split that does costs less', () => {
    fc.assert(
      fc.property(
        trades,
        fc.double({ min: 0, max: 1.2, noNaN: true }),
        fc.infiniteStream(fc.nat(1000)),
        (holdings, share, dice) => {
          const heldUsd = holdings.reduce((total, { sizeUsd }) => total + sizeUsd, 0);
          const sizes = cheapestSale(holdings, share * heldUsd);
          const raised = sizes.reduce((total, size) => total + size, 0);
          expect(Math.abs(raised - Math.min(1, share) * heldUsd)).toBeLessThanOrEqual(1e-9 * heldUsd);
          for (const [index, { sizeUsd }] of holdings.entries()) expect(sizes[index]).toBeLessThanOrEqual(sizeUsd);
          const least = impactOf(holdings, sizes);
          const from = dice.next().value as number;
          const to = dice.next().value as number;
          const [a, b] = [from % holdings.length, to % holdings.length];
          const room = Math.min(sizes[a] ?? 0, (holdings[b]?.sizeUsd ?? 0) - (sizes[b] ?? 0)) * ((from % 97) / 97);
          const other = sizes.map((size, index) => size + (index === b ? room : 0) - (index === a ? room : 0));
          expect(impactOf(holdings, other)).toBeGreaterThanOrEqual(least * (1 - 1e-9));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('behavior: more to choose from never costs more', () => {
    fc.assert(
      fc.property(trades, trade, fc.double({ min: 0, max: 1, noNaN: true }), (holdings, more, share) => {
        const neededUsd = share * holdings.reduce((total, { sizeUsd }) => total + sizeUsd, 0);
        const before = impactOf(holdings, cheapestSale(holdings, neededUsd));
        const after = impactOf([...holdings, more], cheapestSale([...holdings, more], neededUsd));
        expect(after).toBeLessThanOrEqual(before * (1 + 1e-9) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });
});
