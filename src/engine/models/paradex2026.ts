import type { ParadexModel, ParadexScenario } from './venueModels.ts';

/** Up, then down, as the venue numbers them; the ends of the range only with volatility up. */
const GRID: readonly (readonly [spot: number, directions: readonly ('up' | 'down')[]])[] = [
  [1.16, ['up']],
  [1.12, ['up', 'down']],
  [1.08, ['up', 'down']],
  [1.04, ['up', 'down']],
  [1, ['up', 'down']],
  [0.96, ['up', 'down']],
  [0.92, ['up', 'down']],
  [0.88, ['up', 'down']],
  [0.84, ['up']],
];

const TAILS: readonly (readonly [spot: number, weight: number])[] = [
  [0.34, 0.24],
  [0.67, 0.48],
  [1.5, 0.32],
  [2, 0.16],
  [3, 0.08],
  [4, 0.0533],
  [5, 0.04],
  [6, 0.032],
];

/** Paradex's portfolio margin. Source of every number: docs.paradex.trade/risk/portfolio-margin, whose 24 scenarios these are, `s1` to `s24`. */
export const paradex2026: ParadexModel = {
  preset: 'paradex-2026',
  parameters: {
    cash: 'USDC',
    mmFactor: 0.5,
    volShock: { up: 0.4, down: 0.22, floor: 0, shortPower: 0.3, longPower: 0.13, dteFloorDays: 1 },
    floor: { netDelta: 0.02, hedgedDelta: 0.01 },
    provisionsUsd: 0,
  },
  scenarios: scenarios(),
};

function scenarios(): ParadexScenario[] {
  const grid = GRID.flatMap(([spot, directions]) => directions.map((vol) => ({ spot, vol, weight: 1 })));
  const tails = TAILS.map(([spot, weight]) => ({ spot, vol: 'up' as const, weight }));
  return [...grid, ...tails].map((scenario, index) => ({ id: `s${index + 1}`, ...scenario }));
}
