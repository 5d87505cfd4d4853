import { describe, expect, test } from 'vitest';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { shockedVol, termWeight } from '../../src/engine/volShock.ts';

const DAY = 86_400;
const shock = crossmargin1.parameters.volShock;

describe('termWeight', () => {
  test('default', () => {
    expect(termWeight(30 * DAY, shock)).toBe(1);
    expect(termWeight(7 * DAY, shock)).toBeCloseTo((30 / 7) ** 0.3, 14);
    expect(termWeight(180 * DAY, shock)).toBeCloseTo((30 / 180) ** 0.13, 14);
  });

  test('behavior: flat under the floor of one day, at expiry too', () => {
    expect(termWeight(DAY / 2, shock)).toBe(termWeight(DAY, shock));
    expect(termWeight(0, shock)).toBeCloseTo(30 ** 0.3, 13);
  });

  test('behavior: the powers change at 30 days', () => {
    expect(termWeight(30 * DAY + 1, shock)).toBeCloseTo(1, 6);
    expect(termWeight(300 * DAY, shock)).toBeGreaterThan((30 / 300) ** 0.3);
  });
});

describe('shockedVol', () => {
  const option = { vol: 0.8, seconds: 30 * DAY };

  test('default', () => {
    expect(shockedVol(option, 'up', shock)).toBeCloseTo(1.2, 14);
    expect(shockedVol(option, 'none', shock)).toBe(0.8);
    expect(shockedVol(option, 'down', shock)).toBeCloseTo(0.56, 14);
  });

  test('behavior: up is held above the floor; down is not, and ends at zero', () => {
    expect(shockedVol({ ...option, vol: 0.2 }, 'up', shock)).toBe(0.45);
    expect(shockedVol({ ...option, vol: 0.2 }, 'down', shock)).toBeCloseTo(0.14, 14);
    expect(shockedVol({ ...option, seconds: 0 }, 'down', { ...shock, down: 0.5 })).toBe(0);
  });
});
