import { expect, test } from 'vitest';
import type { OptionLeg } from '../../src/engine/legs.ts';
import { smilesOf, volAt } from '../../src/engine/stickyDelta.ts';
import { createRandom } from '../../src/statistics/random.ts';

const option = (strikeUsd: number, type: 'call' | 'put' = 'call') =>
  ({ underlying: 'ETH', expiry: 7, forwardUsd: 2000, strikeUsd, type }) as OptionLeg;
const quote = (strike: number, vol: number, type?: 'call' | 'put') => ({
  underlying: 'ETH',
  expiry: 7,
  strike,
  vol,
  ...(type === undefined ? {} : { type }),
});

test('default: linear in log-moneyness between quoted strikes, flat beyond, by hand', () => {
  const smile = smilesOf({ vols: [quote(2200, 0.6), quote(1800, 0.8), quote(2000, 0.5)] })(option(2000));
  const [low, mid, high] = [1800, 2000, 2200].map((strike) => Math.log(strike / 2000)) as [number, number, number];
  expect(volAt(smile, (low + mid) / 2)).toBeCloseTo(0.65, 14);
  expect(volAt(smile, mid + 0.25 * (high - mid))).toBeCloseTo(0.525, 14);
  expect([volAt(smile, -5), volAt(smile, 5)]).toEqual([0.8, 0.6]);
});

test('behavior: where nothing moves an option has its own volatility, to the bit; a flat surface has one everywhere', () => {
  const random = createRandom(3);
  const strikes = Array.from({ length: 40 }, (_, index) => 1000 + 50 * index + random.uniform());
  const vols = strikes.map((strike) => quote(strike, 0.3 + random.uniform()));
  const smileOf = smilesOf({ vols });
  for (const { strike, vol } of vols) {
    const smile = smileOf(option(strike));
    const line = smile.vols.lastIndexOf(vol);
    expect(volAt(smile, smile.knots[line] ?? 0)).toBe(vol);
  }
  const flat = smilesOf({ vols: strikes.map((strike) => quote(strike, 0.7)) })(option(2000));
  for (let round = 0; round < 500; round += 1) expect(volAt(flat, 2 * random.normal())).toBe(0.7);
});

test('behavior: what is quoted for a type is the smile of that type; else both have the same', () => {
  const smileOf = smilesOf({ vols: [quote(2000, 0.5), quote(2100, 0.9, 'put'), quote(2100, 0.6, 'call')] });
  expect(volAt(smileOf(option(2100, 'put')), 1)).toBe(0.9);
  expect(volAt(smileOf(option(2100, 'call')), 1)).toBe(0.6);
  const both = smilesOf({ vols: [quote(2000, 0.5), quote(2100, 0.6)] });
  expect(both(option(2100, 'put'))).toBe(both(option(2000, 'call')));
});
