import { expect, test } from 'vitest';
import { ETH_AFTER_FALL_USD } from '../../scripts/protocols/accounts.ts';
import { ethUsdAtStep, WALK_BAND_RATIO } from '../../scripts/protocols/move.ts';

const STEPS = Array.from({ length: 500 }, (_, step) => ethUsdAtStep(step));

test('default', () => {
  expect(STEPS[0]).toBe(ETH_AFTER_FALL_USD);
  expect(STEPS.slice(1, 5)).toEqual([1_549.78, 1_545.43, 1_542.83, 1_545.3]);
  expect(STEPS[100]).toBe(1_561.4);
});

test('behavior: stays in its band, and moves', () => {
  for (const usd of STEPS) expect(Math.abs(usd / ETH_AFTER_FALL_USD - 1)).toBeLessThanOrEqual(WALK_BAND_RATIO + 1e-5);
  expect(new Set(STEPS).size).toBeGreaterThan(100);
  expect(Math.max(...STEPS) - Math.min(...STEPS)).toBeGreaterThan(10);
});
