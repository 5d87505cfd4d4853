import type { SpanModel, SpanScenario } from './venueModels.ts';

const STEPS = [0, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 1, -1];
const EXTREMES = [2, -2];
/** The share of an extreme move's loss that counts: 35 % of twice the range; 33 % goes with three times it. */
const EXTREME_COVER = 0.35;

/**
 * SPAN with its sixteen scenarios in their usual order, `s1` to `s16`: cme.com, "Components of SPAN".
 * The exchange sets the other numbers for each commodity. Here, unless the book does: scan ranges as under `crossmargin-1`; 35 % of volatility, as CME for the
 * S&P 500; charges for calendar spreads and short options of 1 % of the underlying, as Deribit had them (deribit.com/pages/docs/portfoliomargin);
 * initial 110 % of maintenance (CME's heightened risk profile, cmegroup.com, "Performance Bonds/Margins"); no credit between commodities.
 */
export const span16: SpanModel = {
  preset: 'span16',
  parameters: {
    range: { k: 3, horizonDays: 2, floor: 0.18, cap: 0.5 },
    scanRanges: {},
    volShock: { up: 0.35, down: 0.35, floor: 0, shortPower: 0, longPower: 0, dteFloorDays: 1 },
    calendarCharge: 0.01,
    shortOptionMinimum: 0.01,
    interCommodity: [],
    imFactor: 1.1,
  },
  scenarios: scenarios(),
};

function scenarios(): SpanScenario[] {
  const grid = STEPS.flatMap((range) => (['up', 'down'] as const).map((vol) => ({ range, vol, weight: 1 })));
  const extremes = EXTREMES.map((range) => ({ range, vol: 'none' as const, weight: EXTREME_COVER }));
  return [...grid, ...extremes].map((scenario, index) => ({ id: `s${index + 1}`, ...scenario }));
}
