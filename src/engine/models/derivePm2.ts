import type { DeriveModel, DeriveScenario } from './model.ts';

const GRID_SPOTS = [1.135, 1.09, 1.045, 1, 0.955, 0.91, 0.865];

const EXTREMES: readonly (readonly [spot: number, weight: number])[] = [
  [1.18, 1],
  [0.82, 1],
  [0.34, 0.21],
  [0.67, 0.42],
  [1.5, 0.2772],
  [2, 0.1386],
  [3, 0.0693],
  [4, 0.0462],
  [5, 0.03465],
  [6, 0.02772],
];

/**
 * Derive v2's PMRM_2 with the live values of the design's margin-model page, section 6.
 * `collateral` is empty: which assets an account may post, and their haircuts, differ by market and belong in the book.
 */
export const derivePm2: DeriveModel = {
  preset: 'derive-pm2',
  parameters: {
    numeraire: 'USDC',
    mmFactor: 0.8,
    imFactor: 1,
    volShock: { up: 0.5, down: 0.3, floor: 0.4, shortPower: 0.3, longPower: 0.13, dteFloorDays: 1 },
    skewShock: {
      linearCap: 0.25,
      linearBase: -0.1,
      absCap: 0.25,
      absBase: -0.1,
      minK: 0.01,
      width: 4,
      volStatic: 0.6,
      volScale: 0,
    },
    staticDiscount: {
      longBase: 0.95,
      longRateMult: 1,
      longRateAdd: 0.08,
      shortBase: 1.04,
      shortRateMult: 0.5,
      shortRateAdd: 0.08,
    },
    basis: { up: 1.045, down: 0.955, add: 0.5, mult: 2 },
    charges: {
      pegThreshold: 0.99,
      pegFactor: 4,
      confidenceThreshold: 0.55,
      confidenceFactor: 1,
      perpMm: 0.03,
      perpIm: 0.01,
      optionMm: 0.003,
      optionIm: 0.002,
    },
    collateral: {},
  },
  scenarios: scenarios(),
};

function scenarios(): DeriveScenario[] {
  const grid = GRID_SPOTS.flatMap((spot) => (['up', 'none', 'down'] as const).map((vol) => ({ spot, vol, weight: 1 })));
  const extremes = EXTREMES.map(([spot, weight]) => ({ spot, vol: 'up' as const, weight }));
  const skews = (['linear', 'abs'] as const).map((vol) => ({ spot: 1, vol, weight: 1 }));
  return [...grid, ...extremes, ...skews].map((scenario, index) => ({ id: `s${index}`, ...scenario }));
}
