import { describe, expect, test } from 'vitest';
import { type FloatSilo, readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { derivePm2 } from '../../src/engine/models/derivePm2.ts';
import { readLegs } from '../../src/engine/readLegs.ts';
import { assessAuction } from '../../src/engine/silos/auction.ts';
import { assessSilo, SiloRuleError } from '../../src/engine/silos/silo.ts';
import { valuesToday } from '../../src/engine/today.ts';
import { AS_OF, book, MARKET, MONTH, option, perp, token } from './books.ts';

type Json = Readonly<Record<string, unknown>>;

const RATIOS = { perp: '0.05', shortCall: '0.09', shortPut: '0.09', shortPutMark: '0.1', unpairedCall: '1.1' };
const STANDARD = { kind: 'standardMargin', cash: 'USDC', collateral: { WETH: '0.8' }, markets: { ETH: RATIOS } };
const { preset: _, ...PM2 } = derivePm2;
const WITH_ETH = { ...PM2, parameters: { ...PM2.parameters, underlying: 'ETH' } };
const PORTFOLIO = { kind: 'portfolioMargin', ...WITH_ETH };

function bookOf(rule: Json, positions: readonly Json[], parts: Json = {}) {
  const home = { silo: 'deriveV2:1', venue: 'deriveV2' };
  const silos = [{ id: 'deriveV2:1', venue: 'deriveV2', rule }];
  return book(
    positions.map((leg) => ({ ...leg, ...home })),
    { silos, model: 'siloed', ...parts },
  );
}

const today = (rule: Json, positions: readonly Json[], parts: Json = {}) => {
  return computeMargin(bookOf(rule, positions, parts));
};

/** What is left after the requirement. */
const leftOf = (...of: Parameters<typeof today>) => {
  const { equityUsd, maintenanceUsd } = today(...of);
  return equityUsd - maintenanceUsd;
};

describe('the standard manager of Derive', () => {
  test('default: perps ask for a share of what they are worth, collateral counts in part', () => {
    // 1,000 + 1 · 2,000 · 0.8 + 30 − 10 − 2 · 2,010 · 0.05
    const positions = [token('USDC', 1000), token('WETH', 1), perp(-2, { unrealisedUsd: 30, fundingUsd: -10 })];
    expect(leftOf(STANDARD, positions)).toBeCloseTo(1000 + 1600 + 20 - 201, 9);
  });

  test('behavior: a short call asks for its value and a share of spot, a long one gives nothing', () => {
    const value = today(STANDARD, [option(1), token('USDC', 0)]).equityUsd;
    expect(leftOf(STANDARD, [token('USDC', 1000), option(-2)])).toBeCloseTo(1000 - 2 * (value + 180), 9);
    expect(leftOf(STANDARD, [token('USDC', 1000), option(2)])).toBeCloseTo(1000, 9);
  });

  test('behavior: a short put asks for the more of a share of spot and a share of its value', () => {
    const put = (strike: number) => ({ type: 'put', strike });
    const value = (strike: number) => today(STANDARD, [option(1, put(strike))]).equityUsd;
    expect(leftOf(STANDARD, [token('USDC', 9999), option(-1, put(1500))])).toBeCloseTo(9999 - value(1500) - 180, 9);
    const deep = { ...STANDARD, markets: { ETH: { ...RATIOS, shortPut: '0.01', shortPutMark: '0.5' } } };
    expect(leftOf(deep, [token('USDC', 9999), option(-1, put(3000))])).toBeCloseTo(9999 - 1.5 * value(3000), 9);
  });

  test('behavior: a spread asks for no more than it can lose', () => {
    expect(leftOf(STANDARD, [token('USDC', 1000), option(-1), option(1, { strike: 3000 })])).toBeCloseTo(
      1000 - Math.min(500, today(STANDARD, [option(1)]).equityUsd + 180),
      9,
    );
    // A put at 3,000 held against one sold at 2,500 can lose nothing.
    const puts = [option(-1, { type: 'put' }), option(1, { type: 'put', strike: 3000 })];
    expect(leftOf(STANDARD, [token('USDC', 10), ...puts])).toBeCloseTo(10, 9);
  });

  test('behavior: a call that no other covers has no largest loss but a share of the forward', () => {
    const cheap = { ...STANDARD, markets: { ETH: { ...RATIOS, unpairedCall: '0.05' } } };
    expect(leftOf(cheap, [token('USDC', 1000), option(-1)])).toBeCloseTo(1000 - 100, 9);
  });

  test('behavior: the value of a short is taken undiscounted, as the venue does', () => {
    const at = (rate: number) => ({ market: { ...MARKET, expiries: [{ ...MARKET.expiries[0], rate }] } });
    const positions = [token('USDC', 1000), option(-1)];
    expect(leftOf(STANDARD, positions, at(0.5))).toBeCloseTo(leftOf(STANDARD, positions, at(0)), 9);
  });

  test('behavior: cash that is below its peg counts at face value for the venue, and the requirement is not below zero', () => {
    const assets = { ...MARKET.assets, USDC: { usd: 0.9, confidence: 1, peg: 'USD' } };
    const { equityUsd, maintenanceUsd, silos } = today(STANDARD, [token('USDC', 1000)], {
      market: { ...MARKET, assets },
    });
    expect([equityUsd, maintenanceUsd, silos[0]?.health]).toEqual([900, 0, null]);
  });
});

describe('a portfolio manager of Derive', () => {
  const positions = [token('USDC', 3000), perp(2), option(-3), option(1, { strike: 3000 })];

  test('default: what is left is the maintenance margin of its own model', () => {
    const model = { model: { preset: 'derive-pm2', ...WITH_ETH } };
    const { netMaintenanceUsd } = computeMargin(bookOf(PORTFOLIO, positions, model));
    expect(leftOf(PORTFOLIO, positions)).toBeCloseTo(netMaintenanceUsd ?? Number.NaN, 9);
  });

  test('behavior: in a scenario it is the model on the book as the scenario leaves it', () => {
    const inputs = readInputs(bookOf(PORTFOLIO, positions));
    const legs = readLegs(inputs);
    const [silo] = inputs.silos as readonly [FloatSilo];
    const spotUsd = (asset: string) => (asset === 'USDC' ? 1 : 1800);
    const moved = {
      ...MARKET,
      assets: { ...MARKET.assets, ETH: { usd: 1800, confidence: 1 } },
      perps: { ETH: { usd: 2010 * 0.9, confidence: 1 } },
      expiries: [{ ...MARKET.expiries[0], forwardUsd: 1800 }],
      vols: MARKET.vols.map((quote) => ({ ...quote, vol: 1 })),
    };
    const accrued = perp(2, { unrealisedUsd: -2 * 201 });
    const then = bookOf(PORTFOLIO, [token('USDC', 3000), accrued, option(-3), option(1, { strike: 3000 })], {
      ...{ market: moved, model: { preset: 'derive-pm2', ...WITH_ETH } },
    });
    const expected = computeMargin(then);
    const valuesUsd = valuesToday(readLegs(readInputs(then)));
    const state = { legs, valuesUsd, spotUsd, volOf: () => 1, factorOf: (asset: string) => asset };
    const { requirementUsd } = assessSilo(silo, state);
    const equityUsd = valuesUsd.reduce((sum, value) => sum + value, 0);
    expect(requirementUsd).toBeCloseTo(equityUsd - (expected.netMaintenanceUsd ?? Number.NaN), 9);
  });

  test('behavior: without a price of its cash it is broken', () => {
    const inputs = readInputs(bookOf(PORTFOLIO, positions));
    const legs = readLegs(inputs);
    const state = { legs, valuesUsd: valuesToday(legs), spotUsd: () => 0, volOf: () => 1, factorOf: (x: string) => x };
    expect(assessSilo(inputs.silos[0] as FloatSilo, state).health).toBeLessThan(1);
  });
});

describe('assessAuction', () => {
  test('behavior: health < 1 exactly where the margin is below zero, and then it costs all that is left', () => {
    for (const valueUsd of [-1000, -1, 0, 1, 1000]) {
      for (const marginUsd of [-2000, -1000, -1, -1e-9, 0, 1e-9, 1, 1000, 2000]) {
        const { health, breakCostUsd, requirementUsd } = assessAuction(valueUsd, marginUsd);
        const isBroken = marginUsd < 0;
        // Equity below zero is under any requirement, whatever the venue counts.
        if (valueUsd >= 0) expect(health !== null && health < 1, `${valueUsd} ${marginUsd}`).toBe(isBroken);
        expect(breakCostUsd).toBe(isBroken ? Math.max(0, valueUsd) : 0);
        expect(requirementUsd).toBeGreaterThanOrEqual(0);
        if (isBroken) expect(valueUsd).toBeLessThan(requirementUsd + 1e-12);
      }
    }
  });
});

describe('what does not fit', () => {
  test('error: SiloRuleError, for another underlying, an inverse contract, a dated future', () => {
    const market = { ...MARKET, perps: { ...MARKET.perps, BTC: { usd: 50_000, confidence: 1 } } };
    for (const rule of [STANDARD, PORTFOLIO]) {
      for (const terms of [{ underlying: 'BTC' }, { settlement: 'inverse' }, { expiry: MONTH }])
        expect(() => today(rule, [perp(1, terms)], { market })).toThrow(SiloRuleError);
    }
    expect(AS_OF).toBeLessThan(MONTH);
  });
});
