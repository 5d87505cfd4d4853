import { describe, expect, test } from 'vitest';
import { requireKernel } from '../../../bench/threads.ts';
import type { Kernel } from '../../../src/engine/kernel/kernel.ts';
import { plainKernel } from '../../../src/engine/kernel/plain.ts';
import type { OptionLeg } from '../../../src/engine/legs.ts';
import type { CrossScenario } from '../../../src/engine/models/model.ts';
import { SECONDS_PER_YEAR } from '../../../src/engine/quotes.ts';
import { NotANumberError, openArena } from '../../../src/engine/table/arena.ts';
import { gridOf, writeGridJob } from '../../../src/engine/table/grid.ts';
import { discountOf } from '../../../src/engine/valuation.ts';
import { optionValue } from '../../../src/engine/value.ts';

const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));

const HOME = { index: 0, silo: 's', venue: 'v', custody: 'pledged', confidence: 1, amount: 1 } as const;

function optionLeg(terms: Partial<OptionLeg> = {}): OptionLeg {
  const linear = { settlement: 'linear', type: 'call', underlying: 'ETH', expiry: 0, spotUsd: 1, vol: 1 } as const;
  return {
    ...HOME,
    ...linear,
    kind: 'option',
    strikeUsd: 100,
    forwardUsd: 100,
    rate: 0,
    seconds: SECONDS_PER_YEAR,
    ...terms,
  };
}

/** Strikes from a ten-thousandth of the forward to ten thousand times it, dense at the money. */
const STRIKES = [
  1e-4,
  0.02,
  0.5,
  0.7499,
  0.7501,
  0.9,
  0.999,
  1 - 1e-9,
  1,
  1 + 1e-12,
  1.0003,
  1.05,
  1.2499,
  1.26,
  2,
  7,
  40,
  1e4,
];
const YEARS = [0, 5e-324, 1e-310, 1e-300, 1e-30, 1 / SECONDS_PER_YEAR, 1 / 365, 7 / 365, 0.5, 1, 3, 50];
const VOLS = [0, 1e-300, 1e-8, 0.001, 0.0099, 0.0101, 0.03, 0.2, 0.81, 1.5, 4, 30, 200, 1e10, 1e300];
const FACTORS = [1, 0, 1e-300, 0.34, 0.9, 1.0001, 6, 1e300];

/** The values of call and put of some options on a grid of factors and volatilities, by option and type. */
function priceAll(kernel: Kernel, options: readonly OptionLeg[]): Float64Array[] {
  const scenarios: CrossScenario[] = FACTORS.flatMap(() => VOLS.map((vol) => ({ id: 's', vol, weight: 1 })));
  const grid = gridOf(
    scenarios,
    FACTORS.flatMap((factor) => VOLS.map(() => factor)),
  );
  const arena = openArena(kernel);
  const rows = options.map(() => [arena.take(8 * scenarios.length), arena.take(8 * scenarios.length)] as const);
  const nodes = options.map((option, index) => {
    const [call = 0, put = 0] = rows[index] ?? [];
    return { option, call, put };
  });
  arena.price(writeGridJob(arena, { grid, nodes, volIn: ({ vol }) => vol as number }));
  return rows.flat().map((place) => new Float64Array(arena.floats(place, scenarios.length)));
}

const OPTIONS = STRIKES.flatMap((strike) =>
  YEARS.map((years, index) =>
    optionLeg({
      strikeUsd: 2681.6 * strike,
      forwardUsd: 2681.6,
      seconds: years * SECONDS_PER_YEAR,
      rate: index % 2 === 0 ? 0.03 : -0.02,
      settlement: index % 5 === 0 ? 'inverse' : 'linear',
    }),
  ),
);

describe.each(KERNELS)('the kernel $name', (kernel) => {
  test('behavior: every value is that of optionValue, to the bit, and never NaN', () => {
    const rows = priceAll(kernel, OPTIONS);
    let values = 0;
    OPTIONS.forEach((option, index) => {
      const { strikeUsd, seconds } = option;
      const terms = { strikeUsd, years: seconds / SECONDS_PER_YEAR, discount: discountOf(option) };
      FACTORS.forEach((factor, price) => {
        VOLS.forEach((vol, shock) => {
          (['call', 'put'] as const).forEach((type, side) => {
            const exact = optionValue({ ...terms, type, forwardUsd: option.forwardUsd * factor, vol });
            const got = rows[2 * index + side]?.[price * VOLS.length + shock] ?? Number.NaN;
            values += 1;
            if (!Object.is(got, exact))
              expect({ strikeUsd, seconds, factor, vol, type, value: got }).toEqual({ value: exact });
          });
        });
      });
    });
    expect(values).toBe(STRIKES.length * YEARS.length * FACTORS.length * VOLS.length * 2);
  });

  test('behavior: an odd number of options', () => {
    for (const count of [1, 3]) {
      const options = OPTIONS.slice(60, 60 + count);
      expect(priceAll(kernel, options)).toEqual(priceAll(plainKernel, options));
    }
  });

  test('error: NotANumberError', () => {
    for (const terms of [{ forwardUsd: Number.NaN }, { strikeUsd: Number.POSITIVE_INFINITY }, { rate: Number.NaN }]) {
      expect(() => priceAll(kernel, [optionLeg(terms)])).toThrow(NotANumberError);
    }
  });
});
