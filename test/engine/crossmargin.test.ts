import { describe, expect, test } from 'vitest';
import { NO_ADD_ONS } from '../../src/engine/addOns.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { optionValue } from '../../src/engine/value.ts';
import { AAVE, book, LYRA, MARKET, MONTH, NO_TRADE_CHARGES, option, perp, scenarios, token } from './books.ts';

const DOWN = { id: 'down', range: -1, vol: 'none', weight: 1 };
const VOL = 0.8;
const YEARS = 30 / 365;

function call(forwardUsd: number, vol = VOL, strikeUsd = 2500): number {
  return optionValue({ type: 'call', forwardUsd, strikeUsd, vol, years: YEARS, discount: 1 });
}

function put(forwardUsd: number, vol = VOL, strikeUsd = 1500): number {
  return optionValue({ type: 'put', forwardUsd, strikeUsd, vol, years: YEARS, discount: 1 });
}

describe('computeMargin of crossmargin-1', () => {
  test('default: ETH against a dollar debt, by hand', () => {
    const margin = computeMargin(book([token('WETH', 10), token('USDC', -15_000)]));
    // 2020-03-12, weight 0.37: ether −47.78 %, the dollar coin +4.06 %. More than the grid's 18 % of 20,000.
    const buffer = 1e-12 * 35_000;
    const [fall, rise] = [0.37 * 0.4778 * 20_000, 0.37 * 0.0406 * 15_000];
    expect(margin.equityUsd).toBe(5000);
    expect(margin.scenarios.find(({ id }) => id === 'grid:-3/3:none')?.pnlUsd).toBeCloseTo(-3600, 9);
    expect(margin.maintenanceUsd).toBeCloseTo(fall + rise + buffer, 9);
    expect(margin.initialUsd).toBeCloseTo(1.25 * (fall + rise) + buffer, 9);
    expect(margin.netMaintenanceUsd).toBeCloseTo(5000 - fall - rise, 6);
    expect(margin.netInitialUsd).toBeCloseTo(5000 - 1.25 * (fall + rise), 6);
    expect(margin.freeUsd).toBe(margin.netInitialUsd);
    expect(margin.health).toBeCloseTo((20_000 - fall) / (15_000 + rise), 10);
    expect(margin.binding).toEqual({
      id: 'crisis:2020-03-12',
      sentence: 'as on 2020-03-12: ETH −47.8 %, USDC +4.1 %, volatility +64 %',
      lossUsd: expect.closeTo(fall + rise, 9),
    });
    expect(margin.legs).toHaveLength(2);
    expect(margin.legs[0]).toMatchObject({ index: 0, valueUsd: 20_000, bindingUsd: expect.closeTo(fall, 9) });
    expect(margin.legs[1]).toMatchObject({ index: 1, valueUsd: -15_000, bindingUsd: expect.closeTo(rise, 9) });
    expect(margin.addOns).toEqual({ ...NO_ADD_ONS, numericalBuffer: buffer });
    expect(margin.model).toBe('crossmargin-1');
  });

  test('behavior: unhedged ETH needs more than Aave V3 (17.5 %) and Morpho (14 %) ask for it, whatever its volatility', () => {
    for (const vol of [0, 0.3, 0.7, 1, 3, undefined]) {
      const { ETH, ...others } = MARKET.assets;
      const assets = { ...others, ETH: vol === undefined ? { usd: 2000, confidence: 1 } : { ...ETH, vol } };
      const { maintenanceUsd } = computeMargin(
        book([token('WETH', 1), token('USDC', -1)], { market: { ...MARKET, assets } }),
      );
      expect(maintenanceUsd / 2000).toBeGreaterThan(0.175);
      expect(maintenanceUsd / 2000).toBeLessThanOrEqual(0.5 + 1e-9);
    }
  });

  test('behavior: the range is k·σ·√horizon between floor and cap, and the cap where no volatility is known', () => {
    // 3·2·√(2/365) = 44.4 % of BTC; NEW has no volatility: 50 %.
    const parameters = { addOns: NO_TRADE_CHARGES, tailAverage: { regimes: [] } };
    const model = { preset: 'crossmargin-1', parameters };
    const margin = (asset: string, usd: number) =>
      computeMargin(book([token(asset, 100 / usd), token('USDC', -1)], { model })).maintenanceUsd;
    expect(margin('BTC', 50_000)).toBeCloseTo(100 * 6 * Math.sqrt(2 / 365), 8);
    expect(margin('NEW', 10)).toBeCloseTo(50, 8);
  });

  test('behavior: the tails are damped', () => {
    const { scenarios: all } = computeMargin(book([token('ETH', -1), token('USDC', 10_000)]));
    const pnl = (id: string) => all.find((scenario) => scenario.id === id)?.pnlUsd;
    expect(pnl('tail:6')).toBeCloseTo(-10_000 * 0.02772, 8);
    expect(pnl('tail:1.5')).toBeCloseTo(-1000 * 0.2772, 8);
    expect(pnl('tail:0.34')).toBeCloseTo(1320 * 0.21, 8);
    expect(pnl('unshocked')).toBe(0);
    expect(all.filter(({ id }) => /^(unshocked|grid:|tail:)/.test(id))).toHaveLength(1 + 20 + 8);
  });

  test('behavior: in the grid a stablecoin does not move, a wrapped asset moves as what it wraps', () => {
    const grid = scenarios(DOWN, { ...DOWN, id: 'up', range: 1 });
    const hedged = computeMargin(book([token('WSTETH', 5), token('ETH', -6)], grid));
    expect(hedged.binding.lossUsd).toBeLessThan(1e-9);
    const dollars = computeMargin(book([token('USDC', 100), token('USDC', -90)], grid));
    expect(dollars.maintenanceUsd).toBe(1e-12 * 190);
    expect(dollars.health).toBeCloseTo(100 / 90, 10);
    expect(dollars.binding).toEqual({ id: 'unshocked', sentence: 'no price moves', lossUsd: 0 });
  });

  test('behavior: who owes nothing in any scenario needs nothing', () => {
    const margin = computeMargin(book([token('ETH', 3), option(2)]));
    expect(margin).toMatchObject({ maintenanceUsd: 0, initialUsd: 0, health: null, addOns: { numericalBuffer: 0 } });
    expect(margin.freeUsd).toBe(margin.equityUsd);
    expect(margin.binding.lossUsd).toBeGreaterThan(0);
    expect(computeMargin(book([]))).toMatchObject({
      equityUsd: 0,
      maintenanceUsd: 0,
      health: null,
      pledgedHealth: 0,
      legs: [],
    });
  });

  test('behavior: a short call under every shock of volatility, by hand', () => {
    const shocks = ['up', 'none', 'down'].map((vol) => ({ id: vol, range: 1, vol, weight: 1 }));
    const margin = computeMargin(book([option(-2), token('USDC', 5000)], scenarios(...shocks)));
    const today = 2 * call(2000);
    // At 30 days the term weight is 1: +50 %, −30 %.
    expect(margin.scenarios.map(({ pnlUsd }) => pnlUsd)).toEqual([
      0,
      expect.closeTo(today - 2 * call(2360, VOL * 1.5), 9),
      expect.closeTo(today - 2 * call(2360, VOL), 9),
      expect.closeTo(today - 2 * call(2360, VOL * 0.7), 9),
    ]);
    expect(margin.equityUsd).toBeCloseTo(5000 - today, 9);
    expect(margin.binding).toMatchObject({ id: 'up', sentence: 'ETH +18 %, volatility up' });
    expect(margin.health).toBeCloseTo(5000 / (2 * call(2360, VOL * 1.5)), 9);
  });

  test('behavior: a shocked volatility is held above the floor, and never below zero', () => {
    const calm = { ...MARKET, vols: [{ underlying: 'ETH', expiry: MONTH, strike: 2500, vol: 0.1 }] };
    const shocks = { id: 'up', vol: 'up', weight: 1 };
    const up = computeMargin(book([option(-1), token('USDC', 5000)], { ...scenarios(shocks), market: calm }));
    expect(up.scenarios[1]?.pnlUsd).toBeCloseTo(call(2000, 0.1) - call(2000, 0.45), 9);
    const drop = {
      preset: 'crossmargin-1',
      parameters: { volShock: { down: 3 } },
      scenarios: [{ id: 'd', vol: 'down', weight: 1 }],
    };
    const down = computeMargin(book([option(1, { strike: 1500 }), token('USDC', -1)], { model: drop }));
    expect(down.scenarios[1]?.pnlUsd).toBeCloseTo(500 - call(2000, VOL, 1500), 9);
  });

  test('behavior: a perp is worth what it has earned, and moves by its own price', () => {
    const positions = [perp(-3, { unrealisedUsd: 50, fundingUsd: -20 }), token('USDC', 4000)];
    const margin = computeMargin(book(positions, scenarios({ id: 'up', range: 1, vol: 'none', weight: 1 })));
    expect(margin.equityUsd).toBe(4030);
    expect(margin.maintenanceUsd).toBeCloseTo(3 * 2010 * 0.18, 6);
    expect(margin.health).toBeCloseTo(4000 / (3 * 2010 * 0.18 - 30), 9);
  });

  test('behavior: a forward by carry, an option discounted by its rate', () => {
    const expiries = [
      { underlying: 'ETH', expiry: MONTH, carry: 0.1, rate: 0.05, confidence: { forward: 1, rate: 1, vol: 1 } },
    ];
    const { equityUsd } = computeMargin(book([option(1)], { market: { ...MARKET, expiries } }));
    expect(equityUsd).toBeCloseTo(call(2000 * Math.exp(0.1 * YEARS)) * Math.exp(-0.05 * YEARS), 9);
  });

  test('behavior: an option at or past expiry is worth its intrinsic value', () => {
    const { equityUsd } = computeMargin(book([option(2, { strike: 1500 })], { asOf: MONTH + 5 }));
    expect(equityUsd).toBe(1000);
  });

  test('behavior: a volatility quoted for a type goes before one for both', () => {
    const vols = [...MARKET.vols, { underlying: 'ETH', expiry: MONTH, strike: 2500, type: 'call', vol: 1.2 }];
    const value = (type: string) =>
      computeMargin(book([option(1, { type })], { market: { ...MARKET, vols } })).equityUsd;
    expect(value('call')).toBeCloseTo(call(2000, 1.2), 9);
    expect(value('put')).toBeCloseTo(put(2000, VOL, 2500), 9);
  });

  test('behavior: own scenarios name shocks by asset; a peg that breaks takes along what is pegged to it', () => {
    const shock = { id: 'depeg', range: -1, shocks: { USDC: 0.9, WETH: 0.5 }, vol: 'none', weight: 1 };
    const positions = [token('USDC', 1000), token('WSTETH', 1), token('ETH', 1), token('BTC', -0.01)];
    const margin = computeMargin(book(positions, scenarios(shock)));
    const btc = 500 * 6 * Math.sqrt(2 / 365);
    expect(margin.binding.lossUsd).toBeCloseTo(100 + 1200 + 360 - btc, 8);
    expect(margin.binding.sentence).toBe('BTC −44.4 %, ETH −18 %, USDC −10 %, WETH −50 %');
  });

  test('behavior: a move of the dollar itself moves what is pegged to it, and is said', () => {
    const shock = { id: 'dollar', shocks: { USD: 0.95 }, vol: 'none', weight: 1 };
    const { binding } = computeMargin(book([token('USDC', 1000), token('ETH', -0.1)], scenarios(shock)));
    expect(binding).toEqual({ id: 'dollar', sentence: 'USD −5 %', lossUsd: expect.closeTo(50, 9) });
  });

  test('behavior: the numerical buffer covers the gross exposure of every kind of leg', () => {
    const positions = [
      token('USDC', -100),
      option(-2),
      option(3, { type: 'put', strike: 1500 }),
      perp(-1, { fundingUsd: -7 }),
    ];
    const { addOns } = computeMargin(book(positions));
    expect(addOns.numericalBuffer).toBeCloseTo(1e-12 * (100 + 2 * 2500 + 3 * 2000 + 2010 + 7), 18);
  });

  test('behavior: the weight pulls assets and liabilities toward today', () => {
    const half = { id: 'half', spot: 0.5, vol: 'none', weight: 0.4 };
    const margin = computeMargin(book([token('ETH', 10), token('WETH', -4), token('USDC', -1000)], scenarios(half)));
    expect(margin.binding.lossUsd).toBeCloseTo(0.4 * 0.5 * 12_000, 8);
    expect(margin.health).toBeCloseTo((20_000 - 0.4 * 10_000) / (9000 - 0.4 * 4000), 9);
    expect(margin.legs.map(({ bindingUsd }) => bindingUsd)).toEqual([4000, -1600, 0]);
  });

  test('behavior: a silo that its venue would liquidate costs the bonus there, shared by what is owed', () => {
    const home = { silo: 'aaveV3' };
    const positions = [
      token('WETH', 10, home),
      token('USDC', -12_000, home),
      token('USDC', -3000, home),
      token('ETH', -5),
    ];
    const margin = computeMargin(book(positions, { silos: [AAVE], ...scenarios(DOWN) }));
    // 16,400 · 0.825 = 13,530 < 15,000; health 0.902 < 0.95: all of the debt, at 5 %.
    expect(margin.binding.lossUsd).toBeCloseTo(3600 - 1800 + 750, 8);
    expect(margin.legs.map(({ bindingUsd }) => bindingUsd)).toEqual(
      [3600, 600, 150, -1800].map((x) => expect.closeTo(x, 8)),
    );
    expect(margin.silos.find(({ silo }) => silo === 'aaveV3')).toEqual({
      silo: 'aaveV3',
      venue: 'aaveV3',
      requirementUsd: expect.closeTo(20_000 * 0.175, 8),
      health: expect.closeTo((20_000 * 0.825) / 15_000, 12),
      bindingUsd: expect.closeTo(750, 8),
    });
    expect(margin.siloedUsd).toBeCloseTo(3500, 8);
    expect(margin.freedUsd).toBeCloseTo(3500 - margin.maintenanceUsd, 8);
    expect(margin.health).toBeCloseTo(16_400 / (15_000 + 8200 + 750), 9);
  });

  test('behavior: a silo that is liquidated already counts so today, and only the change is a loss', () => {
    const home = { silo: 'aaveV3' };
    const positions = [token('WETH', 10, home), token('USDC', -16_700, home)];
    const margin = computeMargin(book(positions, { silos: [AAVE], ...scenarios(DOWN) }));
    // Today 16,500 < 16,700 and health 0.988: half, at 5 %, in the unshocked scenario. Down: 0.81, all of it, held by the collateral to 16,400/1.05.
    const today = 0.05 * 8350;
    expect(margin.scenarios[0]?.pnlUsd).toBeCloseTo(-today, 8);
    const then = 0.05 * (16_400 / 1.05);
    expect(margin.equityUsd).toBeCloseTo(20_000 - 16_700, 8);
    expect(margin.binding.lossUsd).toBeCloseTo(3600 + then, 8);
    expect(margin.legs[1]?.bindingUsd).toBeCloseTo(then, 8);
    expect(margin.silos[0]?.bindingUsd).toBeCloseTo(then, 8);
    expect(margin.silos[0]?.health).toBeLessThan(1);
  });

  test('behavior: a short option at its own venue, hedged elsewhere: the hedge nets, the break does not', () => {
    const home = { silo: 'lyra:1' };
    const positions = [option(-1, home), token('USDC', 300, home), option(1)];
    const up = { id: 'up', range: 1, vol: 'none', weight: 1 };
    const margin = computeMargin(book(positions, { silos: [LYRA], ...scenarios(up) }));
    // The minimum at spot 2360·1.2 and 150 % exceeds 300; the penalty is the larger of 10 % of what is left and 20.
    expect(margin.equityUsd).toBeCloseTo(300, 8);
    expect(margin.binding.lossUsd).toBeCloseTo(Math.max(breakOf(2000), breakOf(2360)), 8);
    expect(margin.scenarios[0]?.pnlUsd).toBeCloseTo(-breakOf(2000), 8);

    function breakOf(spotUsd: number): number {
      const rest = 300 - call(spotUsd);
      const minimum = optionValue({
        type: 'call',
        forwardUsd: 1.2 * spotUsd,
        strikeUsd: 2500,
        vol: 1.5,
        years: YEARS,
        discount: 1,
      });
      return Math.max(200, minimum) > 300 ? Math.max(0, Math.min(rest, Math.max(20, 0.1 * rest))) : 0;
    }
  });
});
