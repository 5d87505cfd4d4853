import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { CollateralError } from '../../src/engine/derive/account.ts';
import { skewFactor } from '../../src/engine/derive/shock.ts';
import { MissingSpotError, UnderlyingError } from '../../src/engine/derive/underlying.ts';
import { InputRangeError } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { derivePm2 } from '../../src/engine/models/derivePm2.ts';
import { optionValue } from '../../src/engine/value.ts';
import { AS_OF, book, MARKET, MONTH, option, perp, token } from './books.ts';

interface PublishedCase {
  readonly id: string;
  readonly book: unknown;
  readonly expected: { readonly netInitialUsd: number; readonly netMaintenanceUsd: number };
  readonly toleranceRelative: number;
}

type Json = Readonly<Record<string, unknown>>;

const lines = readFileSync('test/vectors/derive-pm2.jsonl', 'utf8').trim().split('\n');
const published = lines.map((line) => JSON.parse(line) as PublishedCase);

const NONE = { id: 'none', spot: 1, vol: 'none', weight: 1 };
const HAIRCUT = { mmHaircut: 0.1, imHaircut: 0.05, riskCancelling: false };
const YEARS = 30 / 365;

/** A book under derive-pm2 with these parameters and, unless given, a single scenario in which nothing moves. */
function derive(positions: readonly Json[], { parameters = {}, scenarios = [NONE], ...parts }: Json = {}) {
  return computeMargin(book(positions, { model: { preset: 'derive-pm2', parameters, scenarios }, ...parts }));
}

function call(forwardUsd: number, { vol = 0.8, strikeUsd = 2500, years = YEARS, discount = 1 } = {}): number {
  return optionValue({ type: 'call', forwardUsd, strikeUsd, vol, years, discount });
}

function quote(parts: Json): Json {
  return { market: { ...MARKET, expiries: [{ ...MARKET.expiries[0], ...parts }] } };
}

describe('the published cases of Derive v2 PMRM_2', () => {
  test.each(published)('behavior: $id', ({ book: json, expected, toleranceRelative }) => {
    const margin = computeMargin(parseBook(json));
    for (const name of ['netInitialUsd', 'netMaintenanceUsd'] as const) {
      const error = Math.abs(margin[name] / expected[name] - 1);
      expect({ name, got: margin[name], expected: expected[name], isWithin: error <= toleranceRelative }).toMatchObject(
        { isWithin: true },
      );
    }
  });

  test('default: all 14 are there', () => {
    expect(new Set(published.map(({ id }) => id)).size).toBe(14);
  });

  test('behavior: the legs sum to the binding loss; what is net of equity is exactly what is published', () => {
    for (const { book: json } of published) {
      const margin = computeMargin(parseBook(json));
      const total = margin.legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
      expect(Math.abs(total - margin.binding.lossUsd)).toBeLessThanOrEqual(1e-9 * margin.binding.lossUsd);
      const values = margin.legs.reduce((sum, { valueUsd }) => sum + valueUsd, 0);
      expect(values).toBeCloseTo(margin.equityUsd, 6);
      expect(margin.equityUsd - margin.maintenanceUsd).toBeCloseTo(margin.netMaintenanceUsd, 6);
      if (margin.health !== null) expect(margin.health < 1).toBe(margin.equityUsd < margin.maintenanceUsd);
      expect(margin.freeUsd).toBe(margin.netInitialUsd);
    }
  });

  test('behavior: the order of the input does not matter, to the last bit', () => {
    for (const { book: json } of published) {
      const parsed = parseBook(json);
      const { portfolio, market } = parsed;
      const reversed = {
        ...parsed,
        portfolio: { ...portfolio, positions: portfolio.positions.toReversed() },
        market: { ...market, expiries: market.expiries.toReversed(), vols: market.vols.toReversed() },
      };
      const { legs, ...rest } = computeMargin(reversed);
      const { legs: expectedLegs, ...expected } = computeMargin(parsed);
      expect(rest).toEqual(expected);
      const last = expectedLegs.length - 1;
      expect(legs.toReversed().map((leg) => ({ ...leg, index: last - leg.index }))).toEqual(expectedLegs);
    }
  });
});

describe('derive-pm2 by hand', () => {
  test('behavior: the live scenarios and parameters', () => {
    expect(derivePm2.scenarios).toHaveLength(21 + 2 + 8 + 2);
    expect(derivePm2.scenarios.filter(({ vol }) => vol === 'linear' || vol === 'abs')).toHaveLength(2);
    const margin = computeMargin(book([perp(2), token('USDC', 5000)], { model: 'derive-pm2' }));
    // −18 % of 4020, and −66 % at 21 % is less; perps 3 % + 1 % of spot.
    expect(margin.netInitialUsd).toBeCloseTo(5000 - 4020 * 0.18 - 4000 * 0.04, 8);
    expect(margin.netMaintenanceUsd).toBeCloseTo(5000 - 4020 * 0.18 * 0.8 - 4000 * 0.03, 8);
    expect(margin.binding.sentence).toBe('ETH −18 %, volatility up');
  });

  test('behavior: cash counts at face value, collateral at its price over that of the cash', () => {
    const assets = { ...MARKET.assets, USDC: { usd: 0.995, confidence: 0, peg: 'USD' } };
    const market = { ...MARKET, assets };
    const margin = derive([token('USDC', 100), token('WETH', 1)], {
      parameters: { collateral: { WETH: HAIRCUT } },
      market,
    });
    const value = 2000 / 0.995;
    expect(margin.equityUsd).toBeCloseTo(100 + value, 9);
    expect(margin.netMaintenanceUsd).toBeCloseTo(100 + value * 0.9, 9);
    expect(margin.netInitialUsd).toBeCloseTo(100 + value * 0.85, 9);
  });

  test('behavior: a cash asset under its peg raises the initial factor only', () => {
    const at = (usd: number) => {
      const market = { ...MARKET, assets: { ...MARKET.assets, USDC: { usd, confidence: 1, peg: 'USD' } } };
      return derive([perp(1), token('USDC', 0)], { market, scenarios: [{ ...NONE, spot: 0.9 }] });
    };
    expect(at(0.99).netInitialUsd).toBeCloseTo(-201 - 80, 9);
    expect(at(0.95).netInitialUsd).toBeCloseTo(-201 * (1 + 0.04 * 4) - 80, 9);
    expect(at(0.95).netMaintenanceUsd).toBe(at(1).netMaintenanceUsd);
    expect(at(0.95).addOns.pegInitial).toBeCloseTo(201 * 0.16, 9);
  });

  test('behavior: a confidence at the threshold is enough, one below it is charged, for initial margin only', () => {
    const perps = (confidence: number) =>
      derive([perp(-2)], { market: { ...MARKET, perps: { ETH: { usd: 2010, confidence } } } });
    expect(perps(0.55).addOns.confidenceInitial).toBe(0);
    expect(perps(0.5).addOns.confidenceInitial).toBeCloseTo(0.5 * 4000, 9);
    expect(perps(0.5).netMaintenanceUsd).toBe(perps(1).netMaintenanceUsd);
    const options = (confidence: Json, extra: readonly Json[] = []) =>
      derive([option(2), option(-3, { type: 'put' }), ...extra], quote({ confidence })).addOns.confidenceInitial;
    expect(options({ forward: 1, rate: 0.2, vol: 0.4 })).toBeCloseTo(0.8 * 5 * 2000, 9);
    expect(options({ forward: 0.3, rate: 1, vol: 1 })).toBeCloseTo(0.7 * 5 * 2000, 9);
    expect(options({ forward: 1, rate: 1, vol: 0.1 })).toBeCloseTo(0.9 * 5 * 2000, 9);
    // The two legs of one option are one holding.
    expect(options({ forward: 1, rate: 0.2, vol: 1 }, [option(-2)])).toBeCloseTo(0.8 * 3 * 2000, 9);
  });

  test("behavior: the perp's confidence counts for options while a perp is held, never for collateral", () => {
    const parts = {
      parameters: { collateral: { WETH: HAIRCUT } },
      market: { ...MARKET, perps: { ETH: { usd: 2010, confidence: 0.1 } } },
    };
    const charged = (positions: readonly Json[]) => derive(positions, parts).addOns.confidenceInitial;
    expect(charged([option(1), token('WETH', 1)])).toBe(0);
    expect(charged([option(1), token('WETH', 1), perp(1)])).toBeCloseTo(0.9 * (2000 + 2000), 9);
    expect(charged([option(1), perp(1), perp(-1)])).toBe(0);
  });

  test("behavior: the spot's confidence bounds that of all collateral, the cash feed's counts nowhere", () => {
    const assets = {
      ...MARKET.assets,
      ETH: { ...MARKET.assets.ETH, confidence: 0.3 },
      BTC: { ...MARKET.assets.BTC, confidence: 0.2 },
    };
    const collateral = { BTC: HAIRCUT, NEW: HAIRCUT };
    const margin = derive([token('BTC', 1), token('NEW', 100), token('USDC', 5)], {
      parameters: { collateral, underlying: 'ETH' },
      market: { ...MARKET, assets: { ...assets, USDC: { usd: 1, confidence: 0 } } },
    });
    expect(margin.addOns.confidenceInitial).toBeCloseTo(0.8 * 50_000 + 0.7 * 1000, 8);
  });

  test('behavior: a negative rate discounts as zero', () => {
    const zero = derive([option(-1)], quote({ rate: 0 }));
    const { equityUsd, netInitialUsd } = derive([option(-1)], quote({ rate: -0.5 }));
    expect({ equityUsd, netInitialUsd }).toEqual({ equityUsd: zero.equityUsd, netInitialUsd: zero.netInitialUsd });
    expect(equityUsd).toBeCloseTo(-call(2000), 9);
  });

  test('behavior: without discounting an option is worth what is paid at expiry, whatever the rate; its static discount is not', () => {
    const parameters = { discounting: 'none', basis: { up: 1, down: 1 } };
    const margin = derive([option(1)], { parameters, ...quote({ rate: 0.3 }) });
    expect(margin.equityUsd).toBeCloseTo(call(2000), 9);
    expect(margin.binding.lossUsd).toBeCloseTo(call(2000) * (1 - 0.95 * Math.exp(-YEARS * 0.38)), 9);
    const short = { staticDiscount: { shortBase: 1, shortRateMult: 0, shortRateAdd: 0 } };
    expect(
      derive([option(-1)], { parameters: { ...parameters, ...short }, ...quote({ rate: 0.3 }) }).binding.lossUsd,
    ).toBe(0);
  });

  test('behavior: static discounts: longs lose, shorts gain at most what undoes the discount', () => {
    const long = derive([option(1)], quote({ rate: 0.3 })).binding.lossUsd;
    const value = call(2000, { discount: Math.exp(-0.3 * YEARS) });
    const basis = { basis: { up: 1, down: 1 } };
    expect(long).toBeGreaterThan(0);
    const flat = { parameters: basis, ...quote({ rate: 0.3 }) };
    expect(derive([option(1)], flat).binding.lossUsd).toBeCloseTo(value * (1 - 0.95 * Math.exp(-YEARS * 0.38)), 9);
    const loose = { ...basis, staticDiscount: { shortBase: 1.01, shortRateMult: 0, shortRateAdd: 0 } };
    expect(derive([option(-1)], { ...flat, parameters: loose }).binding.lossUsd).toBeCloseTo(0.01 * value, 9);
    const capped = derive([option(-1)], flat).binding.lossUsd;
    expect(capped).toBeCloseTo(value * (Math.exp(0.3 * YEARS) - 1), 9);
    expect(derive([option(-1)], { ...flat, ...quote({ rate: 0 }) }).binding.lossUsd).toBe(0);
  });

  test('behavior: in the last half hour the settled part of the forward does not move', () => {
    const shock = {
      scenarios: [{ ...NONE, spot: 1.2 }],
      parameters: { staticDiscount: { longBase: 1, shortBase: 1 }, basis: { up: 1, down: 1 } },
    };
    const loss = (seconds: number) =>
      derive([option(-1, { strike: 1500 })], { ...shock, asOf: MONTH - seconds }).binding.lossUsd;
    expect(loss(3600)).toBeCloseTo(400, 3);
    expect(loss(900)).toBeCloseTo(200, 3);
    expect(loss(0)).toBe(0);
    expect(loss(-100)).toBe(0);
  });

  test('behavior: basis per expiry at its worse side, times add + mult·τ; it competes with the scenarios', () => {
    const parameters = {
      basis: { up: 1.1, down: 0.95, add: 0.5, mult: 3 },
      staticDiscount: { longBase: 1, shortBase: 1 },
    };
    const margin = derive([option(-1)], { parameters });
    expect(margin.binding).toMatchObject({ id: 'basis', sentence: 'ETH forwards against spot' });
    expect(margin.binding.lossUsd).toBeCloseTo((call(2200) - call(2000)) * (0.5 + 3 * YEARS), 9);
    expect(
      derive([option(1)], { parameters: { ...parameters, staticDiscount: { longBase: 1, longRateAdd: 0 } } }).binding
        .lossUsd,
    ).toBeCloseTo((call(2000) - call(1900)) * (0.5 + 3 * YEARS), 9);
  });

  test('behavior: an expiry that gains from both basis moves gives nothing back', () => {
    const parameters = { basis: { up: 1.3, down: 0.7 }, staticDiscount: { longBase: 1, longRateAdd: 0 } };
    const straddle = [option(1, { strike: 2000 }), option(1, { strike: 2000, type: 'put' })];
    const margin = derive(straddle, { parameters, scenarios: [{ ...NONE, spot: 1.5 }] });
    expect(margin.scenarios.map(({ pnlUsd }) => pnlUsd > 0)).toEqual([true, false]);
    expect(margin.binding).toMatchObject({ id: 'basis', lossUsd: 0 });
    expect(margin.netMaintenanceUsd).toBe(margin.equityUsd);
  });

  test('behavior: of equally bad scenarios the first is named', () => {
    const scenarios = ['a', 'b'].map((id) => ({ ...NONE, id, spot: 0.8 }));
    expect(derive([perp(1)], { scenarios }).binding.id).toBe('a');
  });

  test('behavior: naked shorts per strike: the other type at the same strike covers', () => {
    const naked = (...positions: Json[]) => (derive(positions).addOns.nakedShortMaintenance ?? 0) / (2000 * 0.003);
    expect(naked(option(-2))).toBeCloseTo(2, 12);
    expect(naked(option(-2), option(1.5, { type: 'put' }))).toBeCloseTo(0.5, 12);
    expect(naked(option(-2), option(-1, { type: 'put' }))).toBeCloseTo(3, 12);
    expect(naked(option(-2), option(5, { strike: 3000 }))).toBeCloseTo(2, 12);
    expect(naked(option(-2), option(2))).toBe(0);
  });

  test('behavior: risk-cancelling collateral moves with the scenario, other collateral does not', () => {
    const loss = (riskCancelling: boolean) =>
      derive([token('WETH', 1)], {
        parameters: { collateral: { WETH: { ...HAIRCUT, riskCancelling } }, underlying: 'ETH' },
        scenarios: [{ ...NONE, spot: 0.8, weight: 0.5 }],
      }).binding.lossUsd;
    expect(loss(true)).toBeCloseTo(200, 9);
    expect(loss(false)).toBe(0);
  });

  test('behavior: in a skew scenario a gain counts as a loss, by expiry', () => {
    const flat = { parameters: { staticDiscount: { longBase: 1, longRateAdd: 0 }, basis: { up: 1, down: 1 } } };
    const skew = derive([option(1)], { ...flat, scenarios: [{ ...NONE, vol: 'linear' }] });
    const factor = 1 + (Math.log(2500 / 2000) * (0.25 - 0.1 * Math.sqrt(YEARS))) / (Math.sqrt(YEARS) * 4 * 0.6);
    expect(skew.binding.lossUsd).toBeCloseTo(call(2000, { vol: 0.8 * factor }) - call(2000), 9);
    expect(skew.legs[0]?.bindingUsd).toBe(skew.binding.lossUsd);
    expect(skew.binding.sentence).toBe('smile tilted');
  });

  test('behavior: the pledged margin: observed legs never help, an observed shortfall hurts', () => {
    const observed = { custody: 'observed', silo: 'other' };
    const own = [perp(-1), token('USDC', 1000)];
    const alone = derive(own);
    // Its initial margin is 80: a tenth of 1000 is more.
    expect(alone.netInitialUsd).toBe(920);
    expect(alone.pledgedFreeUsd).toBe(900);
    expect(alone.pledgedHealth).toBe(alone.health);
    const helped = derive([...own, token('USDC', 9000, observed)]);
    expect(helped.pledgedFreeUsd).toBe(900);
    expect(helped.pledgedHealth).toBe(alone.health);
    const hurt = derive([...own, token('USDC', -300, observed)]);
    expect(hurt.pledgedEquityUsd).toBe(1000);
    expect(hurt.pledgedFreeUsd).toBe(600);
    expect(hurt.pledgedHealth).toBeCloseTo(1000 / (alone.maintenanceUsd + 300), 12);
    expect(derive([token('USDC', 5, observed)])).toMatchObject({ pledgedEquityUsd: 0, pledgedHealth: 0 });
    // Worth 99 today, −102 in the scenario: no burden on the equity, one on the health.
    const shock = { scenarios: [{ ...NONE, spot: 0.9 }] };
    const before = derive(own, shock);
    const then = derive([...own, perp(1, observed), token('USDC', 99, observed)], shock);
    expect(then.pledgedEquityUsd).toBe(1000);
    expect(then.pledgedHealth).toBeCloseTo(1000 / (before.maintenanceUsd + 102), 12);
  });

  test('behavior: cash alone needs nothing and has no health to speak of', () => {
    expect(derive([token('USDC', 10)])).toMatchObject({ maintenanceUsd: 0, initialUsd: 0, health: null });
    expect(derive([token('USDC', -10)])).toMatchObject({ maintenanceUsd: 0, netMaintenanceUsd: -10, health: 0 });
  });
});

describe('skewFactor', () => {
  const shock = {
    linearCap: 0.3,
    linearBase: -0.1,
    absCap: 0.2,
    absBase: 0,
    minK: 0.01,
    width: 4,
    volStatic: 0.5,
    volScale: -0.1,
  };
  const at = (logMoneyness: number, vol: 'linear' | 'abs' = 'linear', years = 0.25) =>
    skewFactor({ years, logMoneyness, vol }, shock);

  test('default', () => {
    // cap 0.25, k* = 0.5·4·0.45 = 0.9
    expect(at(0.36)).toBeCloseTo(1.1, 14);
    expect(at(-0.36)).toBeCloseTo(0.9, 14);
    expect(at(-0.36, 'abs')).toBeCloseTo(1 + (0.36 * 0.2) / 0.9, 14);
    expect(at(0)).toBe(1);
  });

  test('behavior: held within the cap', () => {
    expect(at(2)).toBeCloseTo(1.25, 14);
    expect(at(-2)).toBeCloseTo(0.75, 14);
    expect(at(-2, 'abs')).toBeCloseTo(1.2, 14);
  });

  test('behavior: at expiry k* is minK, and with minK 0 everything off the money is at the cap', () => {
    expect(at(0.005, 'linear', 0)).toBeCloseTo(1.15, 14);
    const bare = { ...shock, minK: 0 };
    expect(skewFactor({ years: 0, logMoneyness: 1e-9, vol: 'linear' }, bare)).toBeCloseTo(1.3, 14);
    expect(skewFactor({ years: 0, logMoneyness: -1e-9, vol: 'linear' }, bare)).toBeCloseTo(0.7, 14);
    expect(skewFactor({ years: 0, logMoneyness: 0, vol: 'linear' }, bare)).toBe(1);
    expect(skewFactor({ years: 0, logMoneyness: 1, vol: 'linear' }, { ...bare, linearCap: 0 })).toBe(1);
  });

  test('behavior: a cap below zero, and a volatility that does not fall below zero', () => {
    // Nine years and more: the cap is −0.1, and min(cap, slope) is the cap at the money too.
    expect(at(0, 'linear', 16)).toBeCloseTo(0.9, 14);
    const steep = { ...shock, linearCap: 9 };
    expect(skewFactor({ years: 0.25, logMoneyness: -3, vol: 'linear' }, steep)).toBe(0);
  });
});

describe('derive-pm2 refuses', () => {
  test('error: CollateralError', () => {
    expect(() => derive([token('NEW', 1), perp(1)])).toThrow(CollateralError);
    expect(() => derive([token('WETH', -1), perp(1)], { parameters: { collateral: { WETH: HAIRCUT } } })).toThrow(
      /is owed/,
    );
  });

  test('error: UnderlyingError', () => {
    const perps = { ETH: MARKET.perps.ETH, BTC: MARKET.perps.ETH };
    expect(() => derive([perp(1), perp(1, { underlying: 'BTC' })], { market: { ...MARKET, perps } })).toThrow(
      UnderlyingError,
    );
    expect(() => derive([perp(1)], { parameters: { underlying: 'BTC' } })).toThrow(UnderlyingError);
    const { perps: _, expiries: __, vols: ___, ...spots } = MARKET;
    expect(() => derive([token('WETH', 1)], { parameters: { collateral: { WETH: HAIRCUT } }, market: spots })).toThrow(
      UnderlyingError,
    );
  });

  test('error: MissingSpotError', () => {
    const { USDC: _, ...assets } = MARKET.assets;
    expect(() => derive([perp(1)], { market: { ...MARKET, assets } })).toThrow(MissingSpotError);
    expect(() => derive([token('USDC', 1), token('WETH', 1)], { parameters: { underlying: 'DOGE' } })).toThrow(
      MissingSpotError,
    );
  });

  test('error: InputRangeError', () => {
    const assets = { ...MARKET.assets, USDC: { usd: 0, confidence: 1 } };
    expect(() => derive([perp(1)], { market: { ...MARKET, assets }, asOf: AS_OF })).toThrow(InputRangeError);
  });
});
