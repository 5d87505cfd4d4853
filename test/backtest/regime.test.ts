import { expect, test } from 'vitest';
import { regimesOf } from '../../src/backtest/regime.ts';
import { createRandom } from '../../src/statistics/random.ts';

/** Normal changes, of another size from a period on. */
function changes(sizes: (period: number) => number, count = 600): Float64Array {
  const random = createRandom(7);
  return Float64Array.from({ length: count }, (_, period) => sizes(period) * random.normal());
}

test('default: calm while volatility is what it was, stressed soon after it trebles, and calm again when it has been so for long', () => {
  const regimes = regimesOf([changes((period) => (period < 300 || period >= 340 ? 0.02 : 0.06))]);
  expect(regimes.slice(310, 340).every((regime) => regime === 'stress')).toBe(true);
  expect(regimes.slice(450).filter((regime) => regime === 'stress').length).toBeLessThan(30);
  expect(regimes.slice(0, 60).every((regime) => regime === 'calm')).toBe(true);
});

test('behavior: one asset is enough, whatever its size: a stablecoin that leaves its peg stresses a book of it', () => {
  const calm = changes(() => 0.03);
  const stable = changes((period) => (period < 500 ? 0.0005 : 0.005));
  expect(regimesOf([calm, stable]).slice(510, 540)).toEqual(regimesOf([stable]).slice(510, 540));
  expect(regimesOf([calm, stable])[520]).toBe('stress');
});

test('behavior: another future changes no regime', () => {
  const one = changes(() => 0.02);
  const other = changes((period) => (period < 400 ? 0.02 : 0.2));
  expect(regimesOf([other]).slice(0, 400)).toEqual(regimesOf([one]).slice(0, 400));
  expect(regimesOf([other]).slice(400)).not.toEqual(regimesOf([one]).slice(400));
});
