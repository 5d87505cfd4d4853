import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alignDecimals,
  DecimalError,
  formatDecimal,
  minDecimal,
  multiplyDecimals,
  normaliseDecimal,
  parseDecimal,
  scaled,
  toFloat,
} from '../../src/units/decimal.ts';

const decimals = fc.record({
  raw: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
  decimals: fc.nat({ max: 30 }),
});

describe('parseDecimal', () => {
  test('default', () => {
    expect(parseDecimal('-1000.5')).toEqual({ raw: -10005n, decimals: 1 });
    expect(parseDecimal('1e-7')).toEqual({ raw: 1n, decimals: 7 });
    expect(parseDecimal(1e21)).toEqual({ raw: 10n ** 21n, decimals: 0 });
    expect(parseDecimal('-0')).toEqual({ raw: 0n, decimals: 0 });
  });

  test('behavior: a float is read by its shortest digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(toFloat(parseDecimal(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test('error: DecimalError', () => {
    for (const text of ['', ' 1', '1 ', '.5', '1.', '+1', '0x10', '1_000', 'NaN', 'Infinity', '1e401', '--1', '1,5']) {
      expect(() => parseDecimal(text)).toThrow(DecimalError);
    }
    expect(() => parseDecimal(Number.NaN)).toThrow(DecimalError);
    expect(() => parseDecimal(Number.NEGATIVE_INFINITY)).toThrow(/"-Infinity" is not a decimal number/);
  });
});

describe('formatDecimal', () => {
  test('default', () => {
    expect(formatDecimal({ raw: -10050n, decimals: 2 })).toBe('-100.5');
    expect(formatDecimal({ raw: 5n, decimals: 3 })).toBe('0.005');
    expect(formatDecimal({ raw: 0n, decimals: 18 })).toBe('0');
    expect(formatDecimal({ raw: 1200n, decimals: 0 })).toBe('1200');
  });

  test('behavior: the inverse of parsing, one text for equal numbers', () => {
    fc.assert(
      fc.property(decimals, fc.nat({ max: 9 }), (decimal, zeros) => {
        const padded = { raw: decimal.raw * 10n ** BigInt(zeros), decimals: decimal.decimals + zeros };
        expect(formatDecimal(padded)).toBe(formatDecimal(decimal));
        const { raw, decimals: places } = parseDecimal(formatDecimal(decimal));
        expect(raw * 10n ** BigInt(decimal.decimals)).toBe(decimal.raw * 10n ** BigInt(places));
      }),
    );
  });
});

describe('normaliseDecimal', () => {
  test('default', () => {
    expect(normaliseDecimal({ raw: 1_500_000n, decimals: 6 })).toEqual({ raw: 15n, decimals: 1 });
    expect(normaliseDecimal({ raw: 0n, decimals: 6 })).toEqual({ raw: 0n, decimals: 0 });
  });

  test('behavior: changes the writing, not the number', () => {
    fc.assert(
      fc.property(decimals, (decimal) => {
        const normal = normaliseDecimal(decimal);
        expect(normaliseDecimal(normal)).toEqual(normal);
        expect(toFloat(normal)).toBe(toFloat(decimal));
      }),
    );
  });
});

describe('toFloat', () => {
  test('default', () => {
    expect(toFloat({ raw: 123456789012345678n, decimals: 18 })).toBe(0.12345678901234568);
    expect(toFloat({ raw: -5n, decimals: 0 })).toBe(-5);
  });

  test('behavior: the nearest float, by exact integers', () => {
    fc.assert(
      fc.property(decimals, (decimal) => {
        const got = toFloat(decimal);
        const error = distance(got, decimal);
        // The next floats up and down, by one unit of the 53-bit significand, are no nearer.
        for (const other of [got * (1 + 2 ** -52), got * (1 - 2 ** -53)]) {
          if (other !== got) expect(distance(other, decimal) >= error).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** |x − decimal| · 2^1100 · 10^decimals, exactly enough. */
function distance(x: number, { raw, decimals: places }: { raw: bigint; decimals: number }): bigint {
  let mantissa = x;
  let shift = 0n;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift += 1n;
  }
  const exact = (BigInt(mantissa) << (1100n - shift)) * 10n ** BigInt(places);
  const difference = exact - (raw << 1100n);
  return difference < 0n ? -difference : difference;
}

describe('scaled', () => {
  test('default: an exponent above zero multiplies', () => {
    expect(scaled(15n, 1)).toEqual({ raw: 15n, decimals: 1 });
    expect(scaled(-15n, -3)).toEqual({ raw: -15_000n, decimals: 0 });
    expect(scaled(15n, -0)).toEqual({ raw: 15n, decimals: 0 });
  });
});

describe('alignDecimals', () => {
  test('behavior: both keep their value, in one unit; the product and the smaller one are exact', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const [x, y] = alignDecimals(a, b);
        const places = Math.max(a.decimals, b.decimals);
        expect(formatDecimal({ raw: x, decimals: places })).toBe(formatDecimal(a));
        expect(formatDecimal({ raw: y, decimals: places })).toBe(formatDecimal(b));
        expect(minDecimal(a, b)).toEqual(y < x ? b : a);
        const product = multiplyDecimals(a, b);
        expect(product.raw * 10n ** BigInt(2 * places)).toBe(x * y * 10n ** BigInt(product.decimals));
      }),
    );
  });
});
