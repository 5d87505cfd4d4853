import { describe, expect, test } from 'vitest';
import { requireKernel } from '../../../bench/threads.ts';
import type { OptionLeg } from '../../../src/engine/legs.ts';
import { exp, log } from '../../../src/engine/math.ts';
import { volAt } from '../../../src/engine/stickyDelta.ts';
import { createDrawTable, type DrawTableInput } from '../../../src/engine/table/drawTable.ts';
import { MoveRangeError } from '../../../src/engine/table/moves.ts';
import { unitValue } from '../../../src/engine/valuation.ts';
import { shockedVol } from '../../../src/engine/volShock.ts';
import { drawTableInput } from './drawBooks.ts';

const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));
const DRAWS = 100;
const INPUT = drawTableInput(DRAWS);

/** Every cell, row by row. */
function cellsOf(input: DrawTableInput, kernel: (typeof KERNELS)[number]): Float64Array[] {
  const table = createDrawTable(input, kernel);
  const rows = input.units.map(() => new Float64Array(input.moves.count));
  for (let tile = 0; tile < table.tiles; tile += 1) {
    const [first, count] = [tile * table.columns, table.fill(tile)];
    rows.forEach((row, index) => {
      row.set(table.arena.floats(table.place + 8 * table.columns * index, count), first);
    });
  }
  return rows;
}

describe.each(KERNELS)('a table of draws by $name', (kernel) => {
  test('default: every cell is the value of a unit at its own price and volatility, the smile gone with the forward', () => {
    const rows = cellsOf(INPUT, kernel);
    let largest = 0;
    INPUT.units.forEach((unit, row) => {
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const moveOf = (asset: string) => INPUT.moves.price(asset)?.[draw] ?? 0;
        const vol = (option: OptionLeg) => {
          const k = log(option.strikeUsd / option.forwardUsd) - moveOf(option.underlying);
          const move = exp(INPUT.moves.vol(option.underlying)[draw] ?? 0) - 1;
          return shockedVol({ ...option, vol: volAt(INPUT.smileOf(option), k) }, move, INPUT.volShock);
        };
        const exact = unitValue(unit, { price: (asset) => exp(moveOf(asset)), vol });
        const scale = unit.kind === 'option' ? Math.max(unit.forwardUsd * 1.5, unit.strikeUsd) : exact;
        largest = Math.max(largest, Math.abs((rows[row]?.[draw] ?? Number.NaN) - exact) / scale);
      }
    });
    expect(largest).toBeLessThan(4e-15);
    expect(new Set(rows.map((row) => row[7])).size).toBeGreaterThan(790);
  });

  test('behavior: the bits of plain TypeScript, for every tile', () => {
    const plain = cellsOf(INPUT, KERNELS[0] as (typeof KERNELS)[number]);
    for (const tile of [1, 36, 1000]) expect(cellsOf({ ...INPUT, tile }, kernel)).toEqual(plain);
  });

  test('behavior: an odd number of options, at expiry, without volatility, with only a put', () => {
    const options = INPUT.units.filter((unit) => unit.kind === 'option').slice(0, 5);
    const odd = [
      ...options.slice(0, 3),
      { ...(options[3] as OptionLeg), seconds: 0 },
      { ...(options[4] as OptionLeg), type: 'put' as const, strikeUsd: 61_000 },
    ];
    const fallen = { ...INPUT.moves, vol: () => new Float64Array(DRAWS).fill(-100) };
    for (const moves of [INPUT.moves, fallen]) {
      const rows = cellsOf({ ...INPUT, units: odd, moves }, kernel);
      expect(rows).toEqual(cellsOf({ ...INPUT, units: odd, moves }, KERNELS[0] as (typeof KERNELS)[number]));
      rows
        .flatMap((row) => [...row])
        .forEach((value) => {
          expect(value).toBeGreaterThanOrEqual(0);
        });
    }
  });

  test('error: MoveRangeError', () => {
    for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY, 101]) {
      const column = new Float64Array(DRAWS).fill(wrong, 3, 4);
      expect(() => createDrawTable({ ...INPUT, moves: { ...INPUT.moves, price: () => column } }, kernel)).toThrow(
        MoveRangeError,
      );
      expect(() => createDrawTable({ ...INPUT, moves: { ...INPUT.moves, vol: () => column } }, kernel)).toThrow(
        MoveRangeError,
      );
    }
  });
});
