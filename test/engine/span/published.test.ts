import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../../src/engine/margin.ts';
import { span16 } from '../../../src/engine/models/span16.ts';
import { outcomeOf, riskGroup } from '../../../src/engine/scan/riskGroup.ts';
import { AS_OF, book, MARKET, MONTH, option, perp } from '../books.ts';

/**
 * L. G. McMillan, "Options as a Strategic Investment", chapter 34, "Futures and Futures Options": one S&P 500 future (500 USD a point, scan range 20 points,
 * extreme move 14 points) and one call, the sixteen entries of each in SPAN's order. The futures array is printed to 10 USD.
 */
const FUTURE = [
  0, 0, 3330, 3330, -3330, -3330, 6670, 6670, -6670, -6670, 10_000, 10_000, -10_000, -10_000, 7000, -7000,
];
const CALL = [460, -610, 2640, 1730, -1270, -2340, 5210, 4540, -2540, -3430, 8060, 7640, -3380, -3990, 3130, -1500];
const COVERED_WRITE = [
  -460, 610, 690, 1600, -2060, -990, 1460, 2130, -4130, -3240, 1940, 2360, -6620, -6010, 3870, -5500,
];

type Json = Readonly<Record<string, unknown>>;

/** Contracts of one future, its price chosen freely: only its scan range matters. */
function futures(positions: Readonly<Record<string, number>>, parameters: Json) {
  const names = Object.keys(positions);
  const quotes = Object.fromEntries(names.map((name) => [name, { usd: 10_000, confidence: 1 }]));
  return computeMargin(
    book(
      names.map((name) => perp(positions[name] ?? 0, { underlying: name })),
      { model: { preset: 'span16', parameters }, market: { assets: quotes, perps: quotes } },
    ),
  );
}

function scan(contracts: { readonly futures: number; readonly calls: number }) {
  const outcomes = span16.scenarios.map(({ id }, index) =>
    outcomeOf({ id, sentence: id }, [contracts.futures * (FUTURE[index] ?? 0), contracts.calls * (CALL[index] ?? 0)]),
  );
  return riskGroup({ name: 'SP', members: [0, 1], outcomes });
}

describe('the published example of risk arrays', () => {
  test('default: the array of the future', () => {
    const future = { usd: 400, confidence: 1 };
    const model = { preset: 'span16', parameters: { scanRanges: { SP: 20 / 400 } } };
    const market = { assets: { SP: future }, perps: { SP: future } };
    const { scenarios, maintenanceUsd } = computeMargin(book([perp(500, { underlying: 'SP' })], { model, market }));
    expect(scenarios.map(({ pnlUsd }) => Math.round(pnlUsd / 10) * 10 + 0)).toEqual(FUTURE);
    expect(maintenanceUsd).toBeCloseTo(10_000, 8);
  });

  test('default: the covered write needs 6,620, the long call 3,990', () => {
    const covered = scan({ futures: 1, calls: -1 });
    expect(covered.outcomes.map(({ totalUsd }) => totalUsd)).toEqual(COVERED_WRITE);
    expect(covered).toMatchObject({ lossUsd: 6620, worst: { id: 's13' } });
    expect(scan({ futures: 0, calls: 1 })).toMatchObject({ lossUsd: 3990, worst: { id: 's14' } });
    expect(scan({ futures: -1, calls: 0 })).toMatchObject({ lossUsd: 10_000, worst: { id: 's11' } });
  });

  test('behavior: the order of the scenarios is the published one', () => {
    const rows = span16.scenarios.map(({ range, vol, weight }) => [Math.round(range * 3), vol, weight]);
    const grid = [0, 1, -1, 2, -2, 3, -3].flatMap((third) => ['up', 'down'].map((vol) => [third, vol, 1]));
    expect(rows).toEqual([...grid, [6, 'none', 0.35], [-6, 'none', 0.35]]);
  });
});

describe('the published examples of charges and credits', () => {
  // solomonexamprep.com, Series 3, 3.4.4.1: 2 corn at 900 against 1 soybean at 2,100 with a credit of 55 %: 1,755.
  const parameters = {
    scanRanges: { CORN: 0.09, SOY: 0.21 },
    interCommodity: [{ legs: ['CORN', 'SOY'].map((commodity, at) => ({ commodity, delta: 2 - at })), credit: 0.55 }],
  };

  test('default: the corn and soybean spread', () => {
    const spread = futures({ CORN: 2, SOY: -1 }, parameters);
    expect(spread.binding.lossUsd).toBeCloseTo(3900, 8);
    expect(spread.addOns['interCommodity:CORN']).toBeCloseTo(-0.55 * 1800, 8);
    expect(spread.maintenanceUsd).toBeCloseTo(1755, 8);
  });

  test('behavior: no credit on the same side, and none for what is left over', () => {
    expect(futures({ CORN: 2, SOY: 1 }, parameters).maintenanceUsd).toBeCloseTo(3900, 8);
    expect(futures({ CORN: 5, SOY: -1 }, parameters).maintenanceUsd).toBeCloseTo(1755 + 3 * 900, 8);
  });

  test('behavior: what one spread used is not there for the next', () => {
    const legs = (other: string) => [
      { commodity: 'CORN', delta: 2 },
      { commodity: other, delta: 1 },
    ];
    const interCommodity = ['SOY', 'MEAL'].map((other) => ({ legs: legs(other), credit: 0.55 }));
    const scanRanges = { CORN: 0.09, SOY: 0.21, MEAL: 0.18 };
    const one = futures({ CORN: 2, SOY: -1, MEAL: -1 }, { scanRanges, interCommodity });
    expect(one.maintenanceUsd).toBeCloseTo(1755 + 1800, 8);
    const two = futures({ CORN: 4, SOY: -1, MEAL: -1 }, { scanRanges, interCommodity });
    expect(two.maintenanceUsd).toBeCloseTo(1755 + 0.45 * 3600, 8);
  });

  test('default: a maintenance of 1,400 is an initial margin of 1,540', () => {
    // cmegroup.com, "Performance Bonds/Margins": Canadian heavy crude, heightened risk profile.
    const { maintenanceUsd, initialUsd } = futures({ WCC: 1 }, { scanRanges: { WCC: 0.14 } });
    expect(maintenanceUsd).toBeCloseTo(1400, 8);
    expect(initialUsd).toBeCloseTo(1540, 8);
  });

  test('default: a minimum of 50 USD a short option: 20 of them need at least 1,000', () => {
    // benevolentdynamics.com, "Short option minimum". 50 USD are 2.5 % of 2,000.
    const model = { preset: 'span16', parameters: { shortOptionMinimum: 0.025 } };
    const vols = [{ underlying: 'ETH', expiry: MONTH, strike: 60_000, vol: 0.5 }];
    const far = book([option(-20, { strike: 60_000 })], { model, market: { ...MARKET, vols }, asOf: AS_OF });
    const margin = computeMargin(far);
    expect(margin.binding.lossUsd).toBeLessThan(1);
    expect(margin.maintenanceUsd).toBeCloseTo(1000, 9);
  });
});
