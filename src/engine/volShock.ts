import { power } from './math.ts';
import type { VolShockParameters } from './models/model.ts';

const SECONDS_PER_DAY = 86_400;
const PIVOT_DAYS = 30;

/**
 * How strongly a volatility shock acts at a term: (30/max(days, dteFloorDays))^p, p the short power up to 30 days, else the long one.
 * Source: design margin-model §3. Checked: 1 at 30 days, both powers by hand, flat under the floor (test/engine/volShock.test.ts).
 */
export function termWeight(seconds: number, shock: VolShockParameters): number {
  const days = seconds / SECONDS_PER_DAY;
  const exponent = days <= PIVOT_DAYS ? shock.shortPower : shock.longPower;
  return power(PIVOT_DAYS / Math.max(days, shock.dteFloorDays), exponent);
}

/** A volatility after the shock: up = max(floor, σ·(1 + up·x)), down = σ·max(0, 1 − down·x), a number v = σ·max(0, 1 + v·x). */
export function shockedVol(
  option: { readonly vol: number; readonly seconds: number },
  direction: 'up' | 'down' | 'none' | number,
  shock: VolShockParameters,
): number {
  if (typeof direction === 'number') return option.vol * Math.max(0, 1 + direction * termWeight(option.seconds, shock));
  switch (direction) {
    case 'none':
      return option.vol;
    case 'up':
      return Math.max(shock.floor, option.vol * (1 + shock.up * termWeight(option.seconds, shock)));
    case 'down':
      return option.vol * Math.max(0, 1 - shock.down * termWeight(option.seconds, shock));
  }
}
