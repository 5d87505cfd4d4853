import { expect, test } from 'vitest';
import { workloadTable } from '../../bench/workload.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import type { Position } from '../../src/portfolio/position.ts';
import { contributionsOf } from '../../src/risk/contributions.ts';
import { lossesIn } from '../../src/risk/revalue.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { expectedShortfall } from '../../src/statistics/tail.ts';

const { market, instruments } = workloadTable();
const { volShock } = crossmargin1.parameters;
const of = (instrument: number, amount: number): Position =>
  ({ ...instruments[instrument], amount: { raw: BigInt(Math.round(1e6 * amount)), decimals: 6 } }) as Position;
const book = (...positions: Position[]) => ({
  market,
  volShock,
  horizonSeconds: 86_400,
  portfolio: { positions, silos: [] },
});
const random = createRandom(9);
const factors = ['BTC', 'ETH', 'vol:BTC', 'vol:ETH'];
const rows = Array.from({ length: 900 }, () => Float64Array.from(factors, () => 0.06 * random.normal()));
const DRAWS = { factors, rows };
const shortfall = (held: ReturnType<typeof book>, level: number) =>
  expectedShortfall(lossesIn(held, DRAWS).sort(), level);

test.each([0.95, 0.975, 0.99])('default: contributions sum to ES at %d, a hedge has less than nothing', (level) => {
  const held = book(of(800, 1), of(25, -2), of(801, -3), of(802, 100));
  const parts = contributionsOf(held, DRAWS, level);
  const es = shortfall(held, level);
  expect(parts.reduce((total, part) => total + part, 0)).toBeCloseTo(es, 7);
  expect(parts[3]).toBe(0);
  const hedged = contributionsOf(book(of(800, 10), of(800, -4)), DRAWS, level);
  expect(hedged[1]).toBeLessThan(0);
  expect((hedged[1] ?? 0) / (hedged[0] ?? 1)).toBeCloseTo(-0.4, 12);
});

test('behavior: a contribution is how fast ES grows with the position (Euler)', () => {
  const level = 0.975;
  const amounts = [1, -2, -3];
  const bookOf = (sizes: readonly number[]) =>
    book(...sizes.map((size, index) => of([800, 25, 801][index] ?? 0, size)));
  const parts = contributionsOf(bookOf(amounts), DRAWS, level);
  amounts.forEach((amount, index) => {
    const bump = 1e-5 * Math.abs(amount);
    const [more, less] = [bump, -bump].map((by) => shortfall(bookOf(amounts.with(index, amount + by)), level));
    const slope = (((more ?? 0) - (less ?? 0)) / (2 * bump)) * amount;
    expect(Math.abs(slope - (parts[index] ?? 0))).toBeLessThan(0.01 * Math.abs(parts[index] ?? 1));
  });
});

test('behavior: equal losses at the edge share what is left of the tail', () => {
  const still = { factors, rows: Array.from({ length: 50 }, () => Float64Array.from([-0.1, 0, 0, 0])) };
  const parts = contributionsOf(book(of(800, 1), of(801, 1)), still, 0.95);
  expect(parts[0]).toBeCloseTo(60_000 * (1 - Math.exp(-0.1)), 7);
  expect(parts[1]).toBe(0);
});
