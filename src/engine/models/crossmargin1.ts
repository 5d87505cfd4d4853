import { correlation } from './correlation.ts';
import { crises } from './crises.ts';
import { liquidity, venue } from './liquidity.ts';
import type { CrossModel, CrossScenario } from './model.ts';
import { pegSizes } from './pegSizes.ts';
import { tailAverage } from './tailAverage.ts';

const VOL_DIRECTIONS = ['none', 'up', 'down'] as const;
const GRID_STEPS = [-1, -2 / 3, -1 / 3, 0, 1 / 3, 2 / 3, 1];

/** Factor on every price, and the weight of the loss: large moves count less as they become less likely. */
const TAILS = [
  { spot: 0.34, weight: 0.21 },
  { spot: 0.67, weight: 0.42 },
  { spot: 1.5, weight: 0.2772 },
  { spot: 2, weight: 0.1386 },
  { spot: 3, weight: 0.0693 },
  { spot: 4, weight: 0.0462 },
  { spot: 5, weight: 0.03465 },
  { spot: 6, weight: 0.02772 },
];

/**
 * Crossmargin's own model, families grid, tails, decorrelation, peg, smile, crisis, tail average and silo break.
 * docs/model.md gives the reason for each number; above all, unhedged ETH needs 18 %, more than Aave V3 (17.5 %) and Morpho (14 %) ask.
 */
export const crossmargin1: CrossModel = {
  preset: 'crossmargin-1',
  parameters: {
    range: { k: 3, horizonDays: 2, floor: 0.18, cap: 0.5, leastVols: {}, halfLifeDays: 90 },
    volShock: { up: 0.5, down: 0.3, floor: 0.45, shortPower: 0.3, longPower: 0.13, dteFloorDays: 1 },
    correlation,
    peg: pegSizes,
    smile: { cap: 0.25, capSlope: -0.1, width: 2.4, minK: 0.01, twist: 0.25 },
    crises,
    tailAverage,
    addOns: { shortOption: 0.003, basis: { annual: 0.075, floor: 0.01 }, oracle: 1, liquidity, venue },
    imFactor: 1.25,
    numericalBuffer: 1e-12,
  },
  scenarios: [
    ...grid(),
    ...tails(),
    { family: 'decorrelation' },
    { family: 'peg' },
    { family: 'smile' },
    { family: 'crisis' },
    { family: 'tailAverage' },
  ],
};

function grid(): CrossScenario[] {
  return GRID_STEPS.flatMap((range) =>
    VOL_DIRECTIONS.filter((vol) => range !== 0 || vol !== 'none').map((vol) => ({
      id: `grid:${Math.round(range * 3)}/3:${vol}`,
      range,
      vol,
      weight: 1,
    })),
  );
}

function tails(): CrossScenario[] {
  return TAILS.map(({ spot, weight }) => ({ id: `tail:${spot}`, spot, vol: 'up', weight }));
}
