import { describe, expect, test } from 'vitest';
import { requireKernel } from '../../../bench/threads.ts';
import { workloadHoldings } from '../../../bench/workload.ts';
import { exp } from '../../../src/engine/math.ts';
import { createDrawTable, type DrawTable } from '../../../src/engine/table/drawTable.ts';
import { HoldingsError } from '../../../src/engine/table/holdings.ts';
import { joinLosses, keepLosses, type MarkedHoldings, tailsOf } from '../../../src/engine/table/tails.ts';
import { drawTableInput } from './drawBooks.ts';

const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));
const DRAWS = 1000;
const ACCOUNTS = 40;
const RANKS = [51, 26, 11, 1];
const INPUT = drawTableInput(DRAWS);
const HOLDINGS: MarkedHoldings = {
  ...workloadHoldings({ accounts: ACCOUNTS, options: 12 }),
  marksUsd: Float64Array.from({ length: ACCOUNTS }, (_, account) => 1000 * account),
};

/** Every loss of every account, in the order of the draws. */
function allLosses(table: DrawTable): Float64Array[] {
  const { starts, instruments, amounts, marksUsd } = HOLDINGS;
  const losses = Array.from({ length: ACCOUNTS }, () => new Float64Array(DRAWS));
  for (let tile = 0; tile < table.tiles; tile += 1) {
    const [first, count] = [tile * table.columns, table.fill(tile)];
    const cells = table.arena.floats(table.place, table.columns * table.units.length);
    losses.forEach((row, account) => {
      for (let draw = 0; draw < count; draw += 1) {
        let total = 0;
        for (let held = starts[account] ?? 0; held < (starts[account + 1] ?? 0); held += 1)
          total += (amounts[held] ?? 0) * (cells[(instruments[held] ?? 0) * table.columns + draw] ?? 0);
        row[first + draw] = (marksUsd[account] ?? 0) - total;
      }
    });
  }
  return losses;
}

describe.each(KERNELS)('tails by $name', (kernel) => {
  const table = createDrawTable(INPUT, kernel);
  const tails = tailsOf(table, HOLDINGS, { ranks: RANKS });

  test('default: the losses at their ranks and what exceeds them, of sorting all, to the bit', () => {
    allLosses(table).forEach((losses, account) => {
      const sorted = losses.slice().sort();
      RANKS.forEach((rank, level) => {
        const edge = sorted[DRAWS - rank] ?? Number.NaN;
        const excesses = [...losses].map((loss) => Math.max(0, loss - edge));
        const place = account * RANKS.length + level;
        expect(tails.edgesUsd[place]).toBe(edge);
        expect(tails.excessUsd[place]).toBe(excesses.reduce((total, one) => total + one, 0));
        expect(tails.squares[place]).toBe(excesses.reduce((total, one) => total + one * one, 0));
      });
    });
  });

  test('behavior: the same bits for every tile, every block of accounts, and the draws in parts', () => {
    for (const tile of [18, 90, DRAWS]) {
      const other = createDrawTable({ ...INPUT, tile }, kernel);
      expect(tailsOf(other, HOLDINGS, { ranks: RANKS, block: 7 })).toEqual(tails);
      const cuts = [0, Math.floor(other.tiles / 5), Math.floor(other.tiles / 2), other.tiles];
      const parts = [0, 1, 2].map((part) =>
        keepLosses(other, HOLDINGS, { ranks: RANKS, first: cuts[part] ?? 0, last: cuts[part + 1] ?? 0 }),
      );
      expect(joinLosses(other.arena, parts, RANKS)).toEqual(tails);
      const kept = parts.reduce((total, { lossesUsd }) => total + lossesUsd.length, 0);
      expect(kept).toBeLessThan(0.5 * DRAWS * ACCOUNTS);
    }
  });

  test('behavior: equal losses, more than fit: who holds nothing loses nothing in every draw', () => {
    const nobody = {
      starts: new Uint32Array(3),
      instruments: new Uint32Array(0),
      amounts: new Float64Array(0),
      marksUsd: Float64Array.from([0, 5]),
    };
    const { edgesUsd, excessUsd } = tailsOf(table, nobody, { ranks: [51, 11] });
    expect([[...edgesUsd], [...excessUsd]]).toEqual([
      [0, 0, 5, 5],
      [0, 0, 0, 0],
    ]);
  });

  test.each([
    ['ascending', (draw: number) => draw / 5000],
    ['descending', (draw: number) => -draw / 5000],
    ['rising and falling', (draw: number) => Math.abs(500 - draw) / 5000],
    ['in a few values only', (draw: number) => ((draw * 7919) % 5) / 100],
    ['all but one alike', (draw: number) => (draw === 617 ? -0.3 : 0)],
  ])('behavior: losses that come %s', (_, moveAt) => {
    const column = Float64Array.from({ length: DRAWS }, (_draw, index) => moveAt(index));
    const units = INPUT.units.slice(800, 801);
    const moved = createDrawTable({ ...INPUT, units, moves: { ...INPUT.moves, price: () => column } }, kernel);
    const holdings = {
      starts: Uint32Array.from([0, 1, 2]),
      instruments: new Uint32Array(2),
      amounts: Float64Array.from([1, -1]),
      marksUsd: Float64Array.from([60_000, -60_000]),
    };
    const ranks = [51, 26, 11, 2, 1];
    const { edgesUsd } = tailsOf(moved, holdings, { ranks });
    [1, -1].forEach((amount, account) => {
      const sorted = column.map((log) => amount * 60_000 - amount * (60_000 * exp(log))).sort();
      const edges = [...edgesUsd.subarray(5 * account, 5 * account + 5)];
      expect(edges).toEqual(ranks.map((rank) => expect.closeTo(sorted[DRAWS - rank] ?? Number.NaN, 9)));
    });
  });

  test('behavior: fewer draws than a tile, and a tail of all of them', () => {
    const few = createDrawTable(drawTableInput(5), kernel);
    const { edgesUsd } = tailsOf(few, HOLDINGS, { ranks: [5, 1] });
    for (let account = 0; account < ACCOUNTS; account += 1)
      expect(edgesUsd[2 * account]).toBeLessThan(edgesUsd[2 * account + 1] ?? 0);
  });

  test('error: HoldingsError', () => {
    const wrong = { ...HOLDINGS, instruments: HOLDINGS.instruments.map(() => 9999) };
    expect(() => tailsOf(table, wrong, { ranks: RANKS })).toThrow(HoldingsError);
  });
});
