import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, log, millsRatio, normalCdf, normalDensity, power } from '../../src/engine/math.ts';
import * as reference from './reference.ts';

/** |got − exact| ÷ |exact|, the difference taken in 320 bits. */
function relativeError(got: number, exact: bigint): number {
  const difference = reference.fix(got) - exact;
  return Math.abs(reference.unfix(reference.div(difference, exact)));
}

describe('the reference itself', () => {
  test('default', () => {
    expect(reference.unfix(reference.exp(reference.ONE))).toBe(Math.E);
    expect(reference.unfix(reference.log(2n * reference.ONE))).toBe(Math.LN2);
    expect(reference.unfix(reference.PI)).toBe(Math.PI);
    expect(reference.unfix(reference.cdf(reference.fix(1.96)))).toBe(0.9750021048517795);
    expect(reference.unfix(reference.sqrt(2n * reference.ONE))).toBe(Math.SQRT2);
    // 100 digits of e, from OEIS A001113.
    const e = '2718281828459045235360287471352662497757247093699959574966967627724076630353547594571382178525166427';
    const digits = (reference.exp(reference.ONE) * 10n ** 85n) >> 320n;
    expect(digits.toString()).toBe(e.slice(0, 86));
  });
});

describe('exp', () => {
  test('default', () => {
    expect(exp(0)).toBe(1);
    expect(exp(1)).toBeCloseTo(Math.E, 15);
  });

  test('behavior: within 2e-16 of the exact value over the range of prices and discounts', () => {
    for (let x = -60; x <= 60; x += 0.0937)
      expect(relativeError(exp(x), reference.exp(reference.fix(x)))).toBeLessThan(2e-16);
    for (let x = -1e-3; x <= 1e-3; x += 3.7e-6) {
      expect(relativeError(exp(x), reference.exp(reference.fix(x)))).toBeLessThan(2e-16);
    }
  });

  test('behavior: ends where floats end, subnormals included', () => {
    expect(exp(709.7827)).toBeGreaterThan(1.79e308);
    expect(exp(709.783)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(-745.13)).toBe(5e-324);
    expect(exp(-745.2)).toBe(0);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(-700) * exp(700)).toBeCloseTo(1, 14);
    expect(exp(-740)).toBe(4.2e-322);
  });

  test('behavior: monotone', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -700, max: 700, noNaN: true }),
        fc.double({ min: 1e-9, max: 1, noNaN: true }),
        (x, step) => {
          expect(exp(x + step)).toBeGreaterThanOrEqual(exp(x));
        },
      ),
    );
  });
});

describe('log', () => {
  test('default', () => {
    expect(log(1)).toBe(0);
    expect(log(Math.E)).toBeCloseTo(1, 15);
  });

  test('behavior: within 2.3e-16 of the exact value', () => {
    for (let x = 0.5; x < 2; x += 0.00173) {
      if (x !== 1) expect(relativeError(log(x), reference.log(reference.fix(x)))).toBeLessThan(2.3e-16);
    }
    for (let k = -80; k <= 90; k += 1) {
      const x = 1.2345678 * 2 ** k;
      expect(relativeError(log(x), reference.log(reference.fix(x)))).toBeLessThan(2.3e-16);
    }
    for (const x of [1 + 2 ** -52, 1 - 2 ** -53, 1 + 1e-9, Math.SQRT2, Math.SQRT1_2]) {
      expect(relativeError(log(x), reference.log(reference.fix(x)))).toBeLessThan(2.3e-16);
    }
  });

  test('behavior: its edges', () => {
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-1)).toBeNaN();
    expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12);
    expect(log(Number.NaN)).toBeNaN();
  });
});

describe('power', () => {
  test('default', () => {
    expect(power(30, 0.3)).toBeCloseTo(2.774191114672181, 14);
    expect(power(2, 10)).toBeCloseTo(1024, 10);
    expect(power(0, 0)).toBe(1);
    expect(power(0, 2)).toBe(0);
    expect(power(1, 0.13)).toBe(1);
  });
});

describe('millsRatio', () => {
  test('behavior: within 1e-15 up to z = 6, and its error in a price within 2.5e-16 everywhere', () => {
    for (let z = 0; z <= 16; z += 0.0313) {
      const x = reference.fix(z);
      const exact = reference.div(reference.cdf(-x), reference.density(x));
      const error = relativeError(millsRatio(z), exact);
      if (z <= 6) expect(error).toBeLessThan(1e-15);
      expect(error * normalDensity(z) * millsRatio(z)).toBeLessThan(2.5e-16);
    }
  });

  test('behavior: tends to 1/z', () => {
    expect(millsRatio(1e4) * 1e4).toBeCloseTo(1, 7);
  });
});

describe('normalCdf', () => {
  test('default', () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 15);
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
  });

  test('behavior: within 3e-16 of the exact value', () => {
    for (let x = -12; x <= 12; x += 0.0471) {
      const error = reference.unfix(reference.fix(normalCdf(x)) - reference.cdf(reference.fix(x)));
      expect(Math.abs(error)).toBeLessThan(3e-16);
    }
  });
});
