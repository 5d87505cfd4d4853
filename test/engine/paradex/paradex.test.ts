import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../../src/engine/margin.ts';
import { paradex2026 } from '../../../src/engine/models/paradex2026.ts';
import { minDelta } from '../../../src/engine/paradex/paradex.ts';
import { UnsupportedLegError } from '../../../src/engine/supported.ts';
import { optionValue } from '../../../src/engine/value.ts';
import { book, DAY, MARKET, MONTH, option, perp, token } from '../books.ts';

type Json = Readonly<Record<string, unknown>>;

function paradex(positions: readonly Json[], { parameters = {}, scenarios, ...parts }: Json = {}) {
  const model = { preset: 'paradex-2026', parameters, ...(scenarios === undefined ? {} : { scenarios }) };
  return computeMargin(book(positions, { model, ...parts }));
}

/** docs.paradex.trade/risk/portfolio-margin, the table of scenarios, row by row: spot, volatility, weight, in percent. */
const PUBLISHED = `16 40 100; 12 40 100; 12 -22 100; 8 40 100; 8 -22 100; 4 40 100; 4 -22 100; 0 40 100; 0 -22 100; -4 40 100; -4 -22 100;
  -8 40 100; -8 -22 100; -12 40 100; -12 -22 100; -16 40 100; -66 40 24; -33 40 48; 50 40 32; 100 40 16; 200 40 8; 300 40 5.33; 400 40 4; 500 40 3.20`;

describe('the published table and example', () => {
  test('default: all 24 scenarios', () => {
    const { up, down } = paradex2026.parameters.volShock;
    const rows = paradex2026.scenarios.map(({ spot, vol, weight }) => {
      const numbers = [(spot - 1) * 100, (vol === 'up' ? up : -down) * 100, weight * 100];
      return numbers.map((number) => Math.round(number * 100) / 100);
    });
    expect(rows).toEqual(PUBLISHED.split(';').map((row) => row.trim().split(' ').map(Number)));
  });

  test('default: its example of the floor: 1 perp long, 5 calls of delta 0.3 short', () => {
    // Net −0.5, gross 2.5, hedged 1.0; (2 % · 0.5 + 1 % · 1) · 70,000.
    expect(minDelta([1, -1.5], paradex2026.parameters.floor) * 70_000).toBeCloseTo(1400, 9);
    expect(minDelta([], paradex2026.parameters.floor)).toBe(0);
  });
});

describe('paradex-2026 by hand', () => {
  test('default: a perp loses 16 %; maintenance is half', () => {
    const margin = paradex([perp(2), token('USDC', 1000)]);
    expect(margin.initialUsd).toBeCloseTo(2 * 2010 * 0.16, 9);
    expect(margin.maintenanceUsd).toBeCloseTo(2010 * 0.16, 9);
    expect(margin.health).toBeCloseTo(1000 / (2010 * 0.16), 12);
    expect(margin.binding).toMatchObject({ id: 'ETH:s16', sentence: 'ETH −16 %, volatility up' });
    expect(margin.addOns).toEqual({ 'floor:ETH': 0, provisions: 0 });
    expect(margin.scenarios).toHaveLength(24);
  });

  test('behavior: an option by term: 40 % at 30 days, (30/60)^.13 of it at 60, and weights', () => {
    const far = MONTH + 30 * DAY;
    const expiries = [MARKET.expiries[0], { ...MARKET.expiries[0], expiry: far }];
    const market = {
      ...MARKET,
      expiries,
      vols: [...MARKET.vols, { underlying: 'ETH', expiry: far, strike: 2500, vol: 0.8 }],
    };
    const scenarios = [{ id: 'a', spot: 1.5, vol: 'up', weight: 0.32 }];
    const value = (forwardUsd: number, vol: number, days: number) =>
      optionValue({ type: 'call', forwardUsd, strikeUsd: 2500, vol, years: days / 365, discount: 1 });
    const near = paradex([option(-1)], { market, scenarios }).binding.lossUsd;
    expect(near).toBeCloseTo(0.32 * (value(3000, 0.8 * 1.4, 30) - value(2000, 0.8, 30)), 9);
    const later = paradex([option(-1, { expiry: far })], { market, scenarios }).binding.lossUsd;
    expect(later).toBeCloseTo(0.32 * (value(3000, 0.8 * (1 + 0.4 * 0.5 ** 0.13), 60) - value(2000, 0.8, 60)), 9);
  });

  test('behavior: the floor holds where the scan finds less', () => {
    const calm = [{ id: 'a', spot: 0.99, vol: 'none', weight: 1 }];
    const margin = paradex([perp(2)], { scenarios: calm });
    expect(margin.binding.lossUsd).toBeCloseTo(40.2, 9);
    expect(margin.initialUsd).toBeCloseTo(0.02 * 2 * 2000, 9);
    expect(margin.addOns['floor:ETH']).toBeCloseTo(80 - 40.2, 9);
  });

  test('behavior: legs in the same contract are one position, different ones hedge', () => {
    const calm = [{ id: 'a', spot: 1, vol: 'none', weight: 1 }];
    expect(paradex([perp(2), perp(-2)], { scenarios: calm }).initialUsd).toBe(0);
    const put = option(4, { type: 'put', strike: 2000 });
    const hedged = paradex([perp(2), put], { scenarios: calm }).initialUsd;
    const delta = 4 * (0.5 - 0.045_6);
    expect(hedged).toBeCloseTo((0.02 * (2 - delta) + 0.01 * delta) * 2000, 0);
  });

  test('behavior: no underlying pays for another; provisions are for both margins', () => {
    const market = { ...MARKET, perps: { ...MARKET.perps, BTC: { usd: 50_000, confidence: 1 } } };
    const positions = [perp(2), perp(-0.1, { underlying: 'BTC' })];
    const margin = paradex(positions, { market, parameters: { provisionsUsd: 7 } });
    const scan = 4020 * 0.16 + 5000 * 0.16;
    // +16 % in full and +50 % at 32 % are the same but for rounding.
    expect(margin.binding.id).toMatch(/^BTC:s(1|19) \+ ETH:s16$/);
    expect(margin.initialUsd).toBeCloseTo(scan + 7, 9);
    expect(margin.maintenanceUsd).toBeCloseTo(scan / 2 + 7, 9);
    const total = margin.legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
    expect(total).toBeCloseTo(margin.binding.lossUsd, 9);
    const { legs: _, ...rest } = paradex(positions.toReversed(), { market, parameters: { provisionsUsd: 7 } });
    const { legs: __, ...expected } = margin;
    expect(JSON.stringify(rest)).toBe(JSON.stringify(expected));
  });

  test('behavior: health < 1 exactly when equity < maintenance: there is one account', () => {
    for (const cash of [300, 321.5, 321.7, 400]) {
      const { equityUsd, maintenanceUsd, health } = paradex([perp(2), token('USDC', cash)]);
      expect((health ?? 1) < 1).toBe(equityUsd < maintenanceUsd);
    }
    expect(paradex([token('USDC', 5)]).health).toBeNull();
  });

  test('error: UnsupportedLegError', () => {
    const others = [token('WETH', 1), perp(1, { expiry: MONTH }), perp(1, { settlement: 'inverse' })];
    for (const position of others) expect(() => paradex([position])).toThrow(UnsupportedLegError);
    expect(paradex([token('WETH', 1)], { parameters: { cash: 'WETH' } }).equityUsd).toBe(2000);
  });
});
