import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OptionLeg } from '../../../src/engine/legs.ts';
import { deltaOf } from '../../../src/engine/scan/delta.ts';
import { legValue } from '../../../src/engine/valuation.ts';

const HOME = { index: 0, silo: 'book', venue: 'v', custody: 'pledged', confidence: 1 } as const;
const CALL: OptionLeg = {
  ...HOME,
  kind: 'option',
  underlying: 'ETH',
  type: 'call',
  expiry: 0,
  amount: 1,
  strikeUsd: 2000,
  forwardUsd: 2000,
  vol: 0.8,
  rate: 0.05,
  seconds: 30 * 86_400,
  settlement: 'linear',
  spotUsd: 1980,
};

/** The slope of the value by its own price, over what one unit of the underlying gains. */
function slope(leg: OptionLeg): number {
  const step = 1e-4;
  const at = (price: number) =>
    legValue(leg, { price: () => price, vol: () => leg.vol }) / (leg.settlement === 'inverse' ? price : 1);
  return (at(1 + step) - at(1 - step)) / (2 * step * leg.spotUsd);
}

describe('deltaOf', () => {
  test('default: a perp, a future and a token stand for their amounts', () => {
    const perp = { ...HOME, kind: 'perp', underlying: 'ETH', amount: -3, priceUsd: 2100, accruedUsd: 7 } as const;
    const terms = { settlement: 'linear', spotUsd: 2000 } as const;
    expect(deltaOf({ ...perp, ...terms, seconds: null })).toBe(-3);
    expect(deltaOf({ ...perp, ...terms, seconds: 5, settlement: 'inverse' })).toBe(-3);
    expect(deltaOf({ ...HOME, kind: 'token', asset: 'ETH', amount: 2, priceUsd: 2000 })).toBe(2);
  });

  test('behavior: the slope of the value, linear in USD and inverse in coins', () => {
    const option = fc.record({
      type: fc.constantFrom('call' as const, 'put' as const),
      settlement: fc.constantFrom('linear' as const, 'inverse' as const),
      strikeUsd: fc.integer({ min: 1000, max: 4000 }),
      vol: fc.double({ min: 0.3, max: 2, noNaN: true }),
      seconds: fc.integer({ min: 5 * 86_400, max: 400 * 86_400 }),
      amount: fc.integer({ min: -5, max: 5 }),
    });
    fc.assert(
      fc.property(option, (terms) => {
        const leg = { ...CALL, ...terms };
        expect(Math.abs(deltaOf(leg) - slope(leg))).toBeLessThan(2e-6);
      }),
    );
  });

  test('default: the published net transaction delta: a 7000 call of delta 1.0 and mark price 0.3', () => {
    // support.deribit.com, "Delta decay during settlement": half of 1.0 − 0.3 after half of the settlement, so 0.7 before it.
    const certain = { ...CALL, strikeUsd: 7000, forwardUsd: 10_000, spotUsd: 9990, vol: 0.01 };
    expect(deltaOf({ ...certain, settlement: 'inverse' })).toBeCloseTo(0.7, 12);
  });

  test('behavior: at expiry all, none or half of it', () => {
    const expired = { ...CALL, seconds: 0, spotUsd: 2000 };
    expect(deltaOf({ ...expired, strikeUsd: 1999 })).toBe(1);
    expect(deltaOf({ ...expired, strikeUsd: 2001 })).toBe(0);
    expect(deltaOf(expired)).toBe(0.5);
    expect(deltaOf({ ...expired, type: 'put', strikeUsd: 2001 })).toBe(-1);
    expect(deltaOf({ ...expired, forwardUsd: 0 })).toBe(0);
  });
});
