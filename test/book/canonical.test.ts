import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, NotJsonError } from '../../src/book/canonical.ts';

describe('canonical', () => {
  test('default: the example of RFC 8785, section 3.2.3', () => {
    const example = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('behavior: keys by UTF-16 code units, no spaces, negative zero as zero', () => {
    expect(canonical({ '€': 1, '\r': 2, \ufb33: 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    );
    expect(canonical([-0, { b: 1, a: [] }])).toBe('[0,{"a":[],"b":1}]');
  });

  test('behavior: says the same value, and one text whatever the order of the keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).toReversed());
        expect(canonical(reversed)).toBe(canonical(record));
        expect(JSON.parse(canonical(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  test('error: NotJsonError', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 1]) {
      expect(() => canonical({ a: [value] })).toThrow(NotJsonError);
      expect(() => canonical({ a: [value] })).toThrow(/^\$\.a\[0\] is /);
    }
    expect(() => canonical(undefined)).toThrow(NotJsonError);
  });
});
