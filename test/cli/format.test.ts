import { expect, test } from 'vitest';
import { showHealth, showHealthWad, showUsd } from '../../src/cli/numbers.ts';
import { toJson } from '../../src/cli/output.ts';
import { renderTable } from '../../src/cli/table.ts';
import { MAX_UINT256 } from '../../src/units/wad.ts';

test('default: dollars for a person', () => {
  expect(showUsd(1234567.4)).toBe('1,234,567');
  expect(showUsd(-56.2)).toBe('−56');
  expect(showUsd(0)).toBe('0');
  expect(showUsd(-0)).toBe('0');
  expect(showUsd(0.0000021)).toBe('0.0000021');
});

test('behavior: a health is never shown larger than it is', () => {
  expect(showHealth(0.9999)).toBe('0.999');
  expect(showHealth(1)).toBe('1.000');
  expect(showHealth(null)).toBe('∞');
  expect(showHealth(4321)).toBe('>1000');
  expect(showHealthWad(999_999_999_999_999_999n)).toBe('0.999');
  expect(showHealthWad(MAX_UINT256)).toBe('∞');
  expect(showHealthWad(null)).toBe('∞');
});

test('default: a table lines up by what is visible', () => {
  const table = renderTable(
    [{ title: 'A' }, { title: 'Bee', align: 'right' }],
    [
      ['\u001b[31mred\u001b[39m', '1'],
      ['x', '22'],
    ],
  );
  expect(table.split('\n')).toEqual(['A    Bee', '───  ───', '\u001b[31mred\u001b[39m    1', 'x     22']);
});

test('behavior: JSON keeps integers beyond float64', () => {
  expect(toJson({ wad: 2n ** 200n, usd: 1.5 })).toBe(`{"wad":"${2n ** 200n}","usd":1.5}`);
});
