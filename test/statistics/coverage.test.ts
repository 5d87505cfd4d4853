import { expect, test } from 'vitest';
import { conditionalCoverage, independence } from '../../src/statistics/christoffersen.ts';
import { countHits, HitCountError, type Hits } from '../../src/statistics/hits.ts';
import { kupiec, underCoverage } from '../../src/statistics/kupiec.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { timeBetweenFailures, timeUntilFirstFailure } from '../../src/statistics/timeBetweenFailures.ts';
import { trafficLight } from '../../src/statistics/trafficLight.ts';

test.each([
  [57, 0.95, 0.46147, 0.49694],
  [17, 0.99, 3.51181, 0.06093],
])('default: %d of 1,043 at %d gives the published likelihood ratio', (...[hits, level, lr, p]) => {
  const result = kupiec({ observations: 1043, hits }, level);
  expect(result.lr).toBeCloseTo(lr, 5);
  expect(result.p).toBeCloseTo(p, 5);
});

test('behavior: exactly as many hits as expected reject nothing; none and all can be tested', () => {
  expect(kupiec({ observations: 200, hits: 10 }, 0.95).lr).toBeCloseTo(0, 12);
  // −2·n·ln(0.99) and −2·n·ln(0.01).
  expect(kupiec({ observations: 250, hits: 0 }, 0.99).lr).toBeCloseTo(-500 * Math.log(0.99), 10);
  expect(kupiec({ observations: 3, hits: 3 }, 0.99).lr).toBeCloseTo(-6 * Math.log(0.01), 10);
});

test('behavior: the one-sided probability falls with every hit, from one', () => {
  const probabilities = [0, 1, 5, 10, 20].map((hits) => underCoverage({ observations: 1000, hits }, 0.99));
  expect(probabilities[0]).toBe(1);
  expect(probabilities[1]).toBeCloseTo(1 - 0.99 ** 1000, 12);
  expect([...probabilities].sort((a, b) => b - a)).toEqual(probabilities);
});

test('default: of 250 at 99 % green to 4, yellow 5 to 9, red from 10', () => {
  const zones = Array.from({ length: 13 }, (_, hits) => trafficLight({ observations: 250, hits }, 0.99));
  expect(zones).toEqual([...Array(5).fill('green'), ...Array(5).fill('yellow'), ...Array(3).fill('red')]);
});

test('default: independence by hand: 2 of 3 after a hit, 1 of 4 after none', () => {
  const hits = [false, true, true, true, false, false, false, false].map(Boolean);
  // After a hit: hit, hit, none. After none: hit, none, none, none. Together 3 of 7.
  const apart = 2 * Math.log(2 / 3) + Math.log(1 / 3) + Math.log(1 / 4) + 3 * Math.log(3 / 4);
  const together = 3 * Math.log(3 / 7) + 4 * Math.log(4 / 7);
  expect(independence(hits).lr).toBeCloseTo(-2 * (together - apart), 12);
  const both = conditionalCoverage(hits, 0.95);
  expect(both.lr).toBeCloseTo(independence(hits).lr + kupiec({ observations: 8, hits: 3 }, 0.95).lr, 12);
  expect(both.p).toBeCloseTo(Math.exp(-both.lr / 2), 12);
});

test('behavior: nothing follows across a gap', () => {
  const joined: Hits = [true, true];
  const apart: Hits = [true, null, true];
  expect(countHits(apart)).toEqual(countHits(joined));
  expect(independence(apart)).toEqual({ lr: 0, p: 1 });
});

test('behavior: hits in one block are not independent, alternating ones neither, random ones mostly are', () => {
  const block = Array.from({ length: 500 }, (_, day) => day < 10);
  expect(independence(block).p).toBeLessThan(1e-6);
  expect(independence(Array.from({ length: 100 }, (_, day) => day % 2 === 0)).p).toBeLessThan(1e-6);
  const random = createRandom(3);
  const rejected = Array.from({ length: 400 }, () =>
    independence(Array.from({ length: 500 }, () => random.uniform() < 0.05)),
  ).filter(({ p }) => p < 0.05);
  expect(rejected.length).toBeGreaterThan(4);
  expect(rejected.length).toBeLessThan(48);
});

test('default: the waits for hits by hand', () => {
  const hits = [false, false, true, null, false, true, false];
  const wait = (v: number) =>
    -2 * (Math.log(0.05) + (v - 1) * Math.log(0.95) - (v === 1 ? 0 : Math.log(1 / v) + (v - 1) * Math.log(1 - 1 / v)));
  expect(timeUntilFirstFailure(hits, 0.95)?.lr).toBeCloseTo(wait(3), 12);
  const between = timeBetweenFailures(hits, 0.95);
  expect(between?.independence.lr).toBeCloseTo(wait(3) + wait(2), 12);
  expect(between?.mixed.lr).toBeCloseTo(wait(3) + wait(2) + kupiec({ observations: 6, hits: 2 }, 0.95).lr, 12);
  expect(timeBetweenFailures([false, null], 0.95)).toBeUndefined();
  expect(timeUntilFirstFailure([false], 0.95)).toBeUndefined();
});

test('error: counts that no backtest can have', () => {
  for (const [observations, hits, level] of [
    [0, 0, 0.99],
    [3, 4, 0.99],
    [3, -1, 0.99],
    [3, 1, 1],
    [3.5, 1, 0.9],
  ] as const) {
    expect(() => kupiec({ observations, hits }, level)).toThrow(HitCountError);
    expect(() => trafficLight({ observations, hits }, level)).toThrow(HitCountError);
  }
});
