import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../bench/random.ts';
import { requireKernel } from '../../../bench/threads.ts';
import { workloadHoldings, workloadTable } from '../../../bench/workload.ts';
import { moveIn, moverOf } from '../../../src/engine/factors.ts';
import { readInputs } from '../../../src/engine/inputs.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { NotANumberError } from '../../../src/engine/table/arena.ts';
import { HoldingsError, loadHoldings, worstLosses } from '../../../src/engine/table/holdings.ts';
import { createMarginTable, type MarginTable } from '../../../src/engine/table/marginTable.ts';
import { unitValue } from '../../../src/engine/valuation.ts';
import { volIn } from '../../../src/engine/valuer.ts';
import { toFloat } from '../../../src/units/decimal.ts';

const WORKLOAD = workloadTable();
const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));
const TABLES = KERNELS.map((kernel) => createMarginTable(WORKLOAD, kernel));

function worst(table: MarginTable, holdings = workloadHoldings({ accounts: 200, options: 40 })) {
  const { marksUsd, lossesUsd, bindings } = worstLosses(table, loadHoldings(table, holdings));
  return { marksUsd: [...marksUsd], lossesUsd: [...lossesUsd], bindings: [...bindings] };
}

describe.each(TABLES.map((table, index) => ({ table, name: KERNELS[index]?.name })))(
  'a table by $name',
  ({ table }) => {
    test('behavior: every cell is the value of a unit, to the bit', () => {
      const { market } = readInputs({ portfolio: { positions: [], silos: [] }, market: WORKLOAD.market });
      const { parameters } = WORKLOAD.model;
      const cells = table.arena.floats(table.place, table.columns * table.units.length);
      table.units.forEach((leg, row) => {
        const exact = table.scenarios.map((scenario) => {
          const price = (asset: string) => moveIn(scenario, moverOf(market, asset, parameters.range));
          return unitValue(leg, { price, vol: (option) => volIn(scenario, option, parameters) });
        });
        expect([...cells.subarray(row * table.columns, row * table.columns + exact.length)]).toEqual(exact);
      });
      expect(table.units.length * table.scenarios.length).toBe(803 * 33);
    });

    test('behavior: worst losses are the binding losses of computeMargin, within 1e-12 of the exposure', () => {
      const holdings = workloadHoldings({ accounts: 12, options: 40 });
      const { marksUsd, lossesUsd } = worst(table, holdings);
      const { market, model, instruments } = WORKLOAD;
      lossesUsd.forEach((lossUsd, account) => {
        const [start, end] = [holdings.starts[account] ?? 0, holdings.starts[account + 1] ?? 0];
        const positions = Array.from(holdings.instruments.subarray(start, end), (instrument, index) => {
          const amount = Math.round((holdings.amounts[start + index] ?? 0) * 100);
          const position = instruments[instrument];
          if (position === undefined) throw new TypeError(`no instrument ${instrument}`);
          return { ...position, amount: { raw: BigInt(amount), decimals: 2 } };
        });
        const silo = { id: positions[0]?.silo ?? '', venue: 'wallet', rule: { kind: 'owned' } as const };
        const margin = computeMargin({ portfolio: { positions, silos: [silo] }, market, model });
        const exposure = positions.reduce((sum, { amount }) => sum + Math.abs(toFloat(amount)) * 60_000, 0);
        expect(Math.abs(margin.binding.lossUsd - lossUsd)).toBeLessThan(1e-12 * exposure);
        expect(Math.abs(margin.equityUsd - (marksUsd[account] ?? 0))).toBeLessThan(1e-12 * exposure);
        expect(lossUsd).toBeGreaterThan(0);
      });
    });

    test('behavior: worst losses are those of plain TypeScript, to the bit', () => {
      const [plain] = TABLES as [MarginTable];
      expect(worst(table)).toEqual(worst(plain));
    });

    test('behavior: any split of the accounts gives the same', () => {
      const all = workloadHoldings({ accounts: 200, options: 40 });
      const whole = worst(table, all);
      const random = createRandom(11);
      for (let from = 0; from < 200; ) {
        const to = Math.min(200, from + random.below(60));
        const [first, last] = [all.starts[from] ?? 0, all.starts[to] ?? 0];
        const part = worst(table, {
          starts: all.starts.subarray(from, to + 1).map((start) => start - first),
          instruments: all.instruments.subarray(first, last),
          amounts: all.amounts.subarray(first, last),
        });
        expect(part.lossesUsd).toEqual(whole.lossesUsd.slice(from, to));
        from = to;
      }
    });

    test('behavior: who holds nothing loses nothing', () => {
      const nobody = { starts: new Uint32Array(3), instruments: new Uint32Array(0), amounts: new Float64Array(0) };
      expect(worst(table, nobody)).toEqual({ marksUsd: [0, 0], lossesUsd: [0, 0], bindings: [0, 0] });
    });

    test('error: HoldingsError', () => {
      const good = {
        starts: new Uint32Array([0, 1]),
        instruments: new Uint32Array([1]),
        amounts: new Float64Array([1]),
      };
      for (const part of [
        { starts: new Uint32Array([0, 2]) },
        { starts: new Uint32Array([1, 1]) },
        { starts: new Uint32Array([0, 2, 1]) },
        { starts: new Uint32Array(0) },
        { instruments: new Uint32Array([803]) },
        { amounts: new Float64Array(2) },
      ]) {
        expect(() => loadHoldings(table, { ...good, ...part })).toThrow(HoldingsError);
      }
    });

    test('error: HoldingsError where others have been loaded since', () => {
      const first = loadHoldings(table, workloadHoldings({ accounts: 2, options: 3 }));
      loadHoldings(table, workloadHoldings({ accounts: 3, options: 2 }));
      expect(() => worstLosses(table, first)).toThrow(HoldingsError);
    });

    test('error: NotANumberError', () => {
      const starts = new Uint32Array([0, 1]);
      for (const amount of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const holdings = { starts, instruments: new Uint32Array([1]), amounts: new Float64Array([amount]) };
        expect(() => loadHoldings(table, holdings)).toThrow(NotANumberError);
      }
    });
  },
);
