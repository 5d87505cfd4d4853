import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Balance, requirementOf } from '../../src/engine/requirement.ts';
import { leastRatio, type Tail, worstMean } from '../../src/engine/tail.ts';

const DRAWS: readonly Balance[] = [
  { assetsUsd: 100, liabilitiesUsd: 50 },
  { assetsUsd: 70, liabilitiesUsd: 60 },
  { assetsUsd: 90, liabilitiesUsd: 78 },
  { assetsUsd: 20, liabilitiesUsd: 6 },
];
const TAIL: Tail = { draws: DRAWS, days: Float64Array.of(1, 2, 1, 3), worstDays: 2.5 };

const usd = fc.integer({ min: 0, max: 1000 });
const draws = fc.array(fc.record({ assetsUsd: usd, liabilitiesUsd: usd, days: fc.integer({ min: 1, max: 3 }) }), {
  minLength: 1,
  maxLength: 6,
});

function tailOf(list: readonly (Balance & { readonly days: number })[], share: number): Tail {
  const days = list.map((draw) => draw.days);
  return { draws: list, days: Float64Array.from(days), worstDays: Math.max(0.5, share * days.reduce((a, b) => a + b)) };
}

/** Every mean whose draws are taken whole but for one at its edge: the corners of what a mean can be. */
function corners({ draws: all, days, worstDays }: Tail): Balance[] {
  const walk = (rest: readonly number[], left: number, sums: Balance): Balance[] => {
    if (left < 1e-12) return [sums];
    return rest.flatMap((index) => {
      const take = Math.min(left, days[index] ?? 0);
      const { assetsUsd = 0, liabilitiesUsd = 0 } = all[index] ?? {};
      return walk(
        rest.filter((other) => other !== index),
        left - take,
        {
          assetsUsd: sums.assetsUsd + (take * assetsUsd) / worstDays,
          liabilitiesUsd: sums.liabilitiesUsd + (take * liabilitiesUsd) / worstDays,
        },
      );
    });
  };
  return walk([...all.keys()], worstDays, { assetsUsd: 0, liabilitiesUsd: 0 });
}

describe('a tail average', () => {
  test('default: the mean of the worst, by what is left, the edge in part', () => {
    // 10 is left in the second draw (2 periods), 12 in the third, of which half a period is missing.
    expect(worstMean(TAIL)).toEqual({
      assetsUsd: (2 * 70 + 0.5 * 90) / 2.5,
      liabilitiesUsd: (2 * 60 + 0.5 * 78) / 2.5,
    });
  });

  test('behavior: of equals the first', () => {
    const even: readonly Balance[] = [
      { assetsUsd: 5, liabilitiesUsd: 1 },
      { assetsUsd: 4, liabilitiesUsd: 0 },
    ];
    expect(worstMean({ draws: even, days: Float64Array.of(1, 1), worstDays: 1 })).toEqual(even[0]);
  });

  test('behavior: no mean loses more, and no mean has less for what it owes', () => {
    fc.assert(
      fc.property(draws, fc.double({ min: 0.05, max: 1, noNaN: true }), usd, (list, share, addOnsUsd) => {
        const tail = tailOf(list, share);
        const { assetsUsd, liabilitiesUsd } = worstMean(tail);
        const means = corners(tail);
        expect(assetsUsd - liabilitiesUsd).toBeCloseTo(
          Math.min(...means.map((m) => m.assetsUsd - m.liabilitiesUsd)),
          8,
        );
        const ratios = means.map((m) =>
          m.liabilitiesUsd + addOnsUsd > 0 ? m.assetsUsd / (m.liabilitiesUsd + addOnsUsd) : Infinity,
        );
        const least = leastRatio(tail, { addOnsUsd, least: Number.POSITIVE_INFINITY });
        const brute = Math.min(...ratios);
        if (brute === Number.POSITIVE_INFINITY) expect(least).toBe(brute);
        else expect(least).toBeCloseTo(brute, 8);
        expect(leastRatio(tail, { addOnsUsd, least: 0.5 })).toBeCloseTo(Math.min(0.5, brute), 8);
      }),
    );
  });

  test('behavior: health < 1 exactly when equity < maintenance, with draws too', () => {
    fc.assert(
      fc.property(
        draws,
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (list, share, addOnsUsd) => {
          const mark = { assetsUsd: 900, liabilitiesUsd: 500 };
          const tail = tailOf(list, share);
          const balances = { mark, scenarios: [mark, worstMean(tail)], tails: [tail] };
          const { equityUsd, maintenanceUsd, health } = requirementOf(balances, { addOnsUsd, imFactor: 1 });
          if (Math.abs(equityUsd - maintenanceUsd) > 1e-9) expect((health ?? 2) < 1).toBe(equityUsd < maintenanceUsd);
        },
      ),
    );
  });

  test('behavior: what is given never lowers the health, though other draws are now the worst', () => {
    const charges = { addOnsUsd: 0, imFactor: 1 };
    const before: Tail = {
      draws: [
        { assetsUsd: 10, liabilitiesUsd: 9 },
        { assetsUsd: 100, liabilitiesUsd: 98 },
      ],
      days: Float64Array.of(1, 1),
      worstDays: 1,
    };
    const after: Tail = {
      ...before,
      draws: [
        { assetsUsd: 15, liabilitiesUsd: 9 },
        { assetsUsd: 100, liabilitiesUsd: 98 },
      ],
    };
    const healthOf = (tail: Tail) =>
      requirementOf(
        { mark: { assetsUsd: 110, liabilitiesUsd: 50 }, scenarios: [worstMean(tail)], tails: [tail] },
        charges,
      ).health;
    expect(healthOf(before)).toBe(100 / 98);
    expect(healthOf(after)).toBe(100 / 98);
  });
});
