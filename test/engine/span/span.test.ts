import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../../src/engine/margin.ts';
import { normalCdf } from '../../../src/engine/math.ts';
import { optionValue } from '../../../src/engine/value.ts';
import { book, DAY, MARKET, MONTH, option, perp, token } from '../books.ts';

type Json = Readonly<Record<string, unknown>>;

const AWAY = { silo: 'wallet', custody: 'observed' };
/** As a range of ETH gives: 3 · 0.7 · √(2/365), below the floor of 18 %. */
const RANGE = 0.18;

function span(positions: readonly Json[], { parameters = {}, scenarios, ...parts }: Json = {}) {
  const model = { preset: 'span16', parameters, ...(scenarios === undefined ? {} : { scenarios }) };
  return computeMargin(book(positions, { model, ...parts }));
}

function call(forwardUsd: number, vol: number): number {
  return optionValue({ type: 'call', forwardUsd, strikeUsd: 2500, vol, years: 30 / 365, discount: 1 });
}

describe('span16 by hand', () => {
  test('default: a perp against cash', () => {
    const margin = span([perp(2), token('USDC', 1000)]);
    expect(margin.maintenanceUsd).toBeCloseTo(2 * 2010 * RANGE, 9);
    expect(margin.initialUsd).toBeCloseTo(1.1 * 2 * 2010 * RANGE, 9);
    expect(margin.health).toBeCloseTo(1000 / (2 * 2010 * RANGE), 12);
    expect(margin.binding).toMatchObject({ id: 'ETH:s13', sentence: 'ETH −18 %, volatility up' });
    expect(margin.scenarios.map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, index) => `ETH:s${index + 1}`));
  });

  test('behavior: the risk array of an option: volatility by 35 % whatever the term, extremes at 35 % cover', () => {
    const { scenarios } = span([option(-1)]);
    const pnl = (id: string) => scenarios.find((scenario) => scenario.id === `ETH:${id}`)?.pnlUsd;
    const today = call(2000, 0.8);
    expect(pnl('s1')).toBeCloseTo(today - call(2000, 0.8 * 1.35), 9);
    expect(pnl('s2')).toBeCloseTo(today - call(2000, 0.8 * 0.65), 9);
    expect(pnl('s11')).toBeCloseTo(today - call(2000 * (1 + RANGE), 0.8 * 1.35), 9);
    expect(pnl('s15')).toBeCloseTo(0.35 * (today - call(2000 * (1 + 2 * RANGE), 0.8)), 9);
  });

  test('behavior: ±3× at 33 %, as a book may have it; a price never falls below zero', () => {
    const scenarios = [3, -3].map((range) => ({ id: `x${range}`, range, vol: 'none', weight: 0.33 }));
    const parameters = { scanRanges: { ETH: 0.4 } };
    const [up, down] = span([perp(1)], { scenarios, parameters }).scenarios;
    expect(up?.pnlUsd).toBeCloseTo(0.33 * 2010 * 1.2, 9);
    expect(down?.pnlUsd).toBeCloseTo(-0.33 * 2010, 9);
  });

  test('behavior: what follows one price is one commodity; tokens are positions of delta one', () => {
    const margin = span([token('WSTETH', 1), token('WETH', 1), perp(-2), token('USDC', -100)]);
    expect(margin.scenarios).toHaveLength(16);
    expect(margin.binding.lossUsd).toBeCloseTo((4400 - 4020) * RANGE, 9);
    expect(margin.addOns['calendar:ETH']).toBe(0);
    expect(margin.health).toBeCloseTo(4400 / (100 + 380 * RANGE), 12);
  });

  test('behavior: spreads between expiries are charged, the smaller side once', () => {
    const later = MONTH + 30 * DAY;
    const expiries = [MARKET.expiries[0], { ...MARKET.expiries[0], expiry: later }];
    const market = { ...MARKET, expiries };
    const margin = span([perp(3, { expiry: MONTH }), perp(-2, { expiry: later }), token('ETH', -4)], { market });
    expect(margin.addOns['calendar:ETH']).toBeCloseTo(0.01 * 3 * 2000, 9);
    expect(margin.maintenanceUsd).toBeCloseTo(3 * 2000 * RANGE + 60, 9);
    expect(span([perp(3, { expiry: MONTH }), perp(-1, { expiry: MONTH })], { market }).addOns['calendar:ETH']).toBe(0);
  });

  test('behavior: the short-option minimum counts what is sold after netting, calls and puts alike', () => {
    const calm = [{ id: 'a', range: 0, vol: 'none', weight: 1 }];
    const positions = [option(-3), option(1), option(-2, { type: 'put', strike: 1500 }), option(5, { strike: 3000 })];
    const margin = span(positions, { scenarios: calm });
    expect(margin.maintenanceUsd).toBeCloseTo(4 * 2000 * 0.01, 9);
    expect(margin.addOns['shortOptionMinimum:ETH']).toBeCloseTo(80, 9);
    expect(span(positions).maintenanceUsd).toBeGreaterThan(80);
    // A calendar charge of 1 % on 3 deltas counts toward the minimum.
    const spread = [token('ETH', 3), perp(-3, { expiry: MONTH }), option(-5, { strike: 3000 })];
    const market = { ...MARKET, vols: [{ underlying: 'ETH', expiry: MONTH, strike: 3000, vol: 0.001 }] };
    const charged = span(spread, { scenarios: calm, market });
    expect(charged.addOns['calendar:ETH']).toBeCloseTo(60, 6);
    expect(charged.maintenanceUsd).toBeCloseTo(100, 6);
  });

  test('behavior: with volatility in the scan the credit is of the price risk alone, by hand', () => {
    const market = { ...MARKET, perps: { ...MARKET.perps, BTC: { usd: 50_000, confidence: 1 } } };
    const scenarios = [
      { id: 'u', range: 0, vol: 'up', weight: 1 },
      { id: 'd', range: 0, vol: 'down', weight: 1 },
      { id: 'uu', range: 1, vol: 'up', weight: 1 },
      { id: 'ud', range: 1, vol: 'down', weight: 1 },
      { id: 'n', range: -1, vol: 'none', weight: 1 },
    ];
    const legs = ['ETH', 'BTC'].map((commodity) => ({ commodity, delta: commodity === 'ETH' ? 10 : 1 }));
    const parameters = { interCommodity: [{ legs, credit: 0.5 }], shortOptionMinimum: 0 };
    const positions = [option(-10), perp(1, { underlying: 'BTC' })];
    const { addOns, maintenanceUsd, binding } = span(positions, { market, scenarios, parameters });
    const loss = (forwardUsd: number, vol: number) => 10 * (call(forwardUsd, vol) - call(2000, 0.8));
    const moved = 2000 * (1 + RANGE);
    const time = (loss(2000, 0.8 * 1.35) + loss(2000, 0.8 * 0.65)) / 2;
    const price = (loss(moved, 0.8 * 1.35) + loss(moved, 0.8 * 0.65)) / 2 - time;
    // BTC at σ = 2: 3 · 2 · √(2/365), under the cap of 50 %. The calls have fewer deltas than the 10 of a whole spread.
    const btcRange = 6 * Math.sqrt(2 / 365);
    expect(addOns['interCommodity:ETH']).toBeCloseTo(-0.5 * price, 6);
    const spreads = (addOns['interCommodity:BTC'] ?? 0) / (-0.5 * 50_000 * btcRange);
    const deviation = 0.8 * Math.sqrt(30 / 365);
    expect(spreads).toBeCloseTo(normalCdf(Math.log(0.8) / deviation + deviation / 2), 9);
    const charges = Object.values(addOns).reduce((total, usd) => total + usd, 0);
    expect(maintenanceUsd).toBeCloseTo(binding.lossUsd + charges, 8);
  });

  test('behavior: the legs sum to the binding loss; the order of the input does not matter; health as equity', () => {
    const positions = [
      perp(2),
      option(-3),
      option(4, { type: 'put', strike: 2000 }),
      token('BTC', -0.1),
      token('USDC', 9e3),
    ];
    const { legs, ...margin } = span(positions);
    expect(legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0)).toBeCloseTo(margin.binding.lossUsd, 8);
    const { legs: _, ...reversed } = span(positions.toReversed());
    expect(JSON.stringify(reversed)).toBe(JSON.stringify(margin));
    for (const cash of [700, 723, 724, 800]) {
      const { equityUsd, maintenanceUsd, health } = span([perp(2), token('USDC', cash)]);
      expect((health ?? 1) < 1).toBe(equityUsd < maintenanceUsd);
    }
  });

  test('behavior: an observed hedge hedges nothing', () => {
    const own = [perp(2), token('USDC', 1000)];
    const alone = span(own);
    const hedged = span([...own, perp(-2, AWAY), token('USDC', 5000, AWAY)]);
    expect(hedged.pledgedHealth).toBe(alone.health);
    expect(hedged.pledgedFreeUsd).toBe(alone.freeUsd);
    expect(hedged.maintenanceUsd).toBe(0);
  });

  test('error: BookError for parameters that do not go together', () => {
    expect(() => span([], { parameters: { range: { floor: 0.6 } } })).toThrow(/model\.parameters\.range/);
    const legs = [
      { commodity: 'ETH', delta: 1 },
      { commodity: 'ETH', delta: 2 },
    ];
    expect(() => span([], { parameters: { interCommodity: [{ legs, credit: 0.5 }] } })).toThrow(/interCommodity\[0\]/);
  });
});
