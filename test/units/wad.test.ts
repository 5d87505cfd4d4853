import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mulDivDown, mulDivUp, NotFiniteError, toWad, WAD } from '../../src/units/wad.ts';

describe('toWad', () => {
  test('default', () => {
    expect(toWad(1.5, 'Down')).toBe(1_500_000_000_000_000_000n);
    expect(toWad(-2, 'Up')).toBe(-2n * WAD);
    expect(toWad(0, 'Up')).toBe(0n);
    expect(toWad(-0, 'Down')).toBe(0n);
  });

  test('behavior: toward +∞ up and −∞ down, also below zero', () => {
    // 0.1 is 0.10000000000000000555…
    expect([toWad(0.1, 'Down'), toWad(0.1, 'Up')]).toEqual([10n ** 17n + 5n, 10n ** 17n + 6n]);
    expect([toWad(-0.1, 'Down'), toWad(-0.1, 'Up')]).toEqual([-(10n ** 17n) - 6n, -(10n ** 17n) - 5n]);
    expect([toWad(5e-324, 'Down'), toWad(5e-324, 'Up')]).toEqual([0n, 1n]);
  });

  test('behavior: down ≤ x ≤ up, never more than 1 wei apart, and equal only where x is a whole number of wei', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const down = toWad(x, 'Down');
        const up = toWad(x, 'Up');
        const { numerator, denominator } = fraction(x);
        expect(down * denominator <= numerator * WAD).toBe(true);
        expect(up * denominator >= numerator * WAD).toBe(true);
        expect(up - down).toBe((numerator * WAD) % denominator === 0n ? 0n : 1n);
      }),
      { numRuns: 1000 },
    );
  });

  test('error: NotFiniteError', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => toWad(value, 'Up')).toThrow(NotFiniteError);
    }
  });
});

describe('mulDiv', () => {
  test('default', () => {
    expect([mulDivDown(7n, 3n, 2n), mulDivUp(7n, 3n, 2n)]).toEqual([10n, 11n]);
    expect([mulDivDown(6n, 3n, 2n), mulDivUp(6n, 3n, 2n)]).toEqual([9n, 9n]);
  });

  test('behavior: down ≤ a·b/c ≤ up', () => {
    const operand = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(operand, operand, fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (a, b, c) => {
        expect(mulDivDown(a, b, c) * c <= a * b).toBe(true);
        expect(mulDivUp(a, b, c) * c >= a * b).toBe(true);
        expect(mulDivUp(a, b, c) - mulDivDown(a, b, c) <= 1n).toBe(true);
      }),
    );
  });
});

function fraction(x: number): { numerator: bigint; denominator: bigint } {
  let numerator = x;
  let denominator = 1n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(numerator), denominator };
}
