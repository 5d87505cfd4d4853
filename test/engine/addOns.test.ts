import { describe, expect, test } from 'vitest';
import { NO_ADD_ONS } from '../../src/engine/addOns.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { optionValue } from '../../src/engine/value.ts';
import { AS_OF, book, DAY, MARKET, MONTH, option, perp, token } from './books.ts';

const CASH = token('USDC', 50_000);
const YEARS = 30 / 365;

function addOnsOf(positions: Parameters<typeof book>[0], parts: Parameters<typeof book>[1] = {}) {
  return computeMargin(book([...positions, CASH], parts)).addOns;
}

function call(forwardUsd: number, strikeUsd = 2500, vol = 0.8): number {
  return optionValue({ type: 'call', forwardUsd, strikeUsd, vol, years: YEARS, discount: 1 });
}

describe('the short-option minimum', () => {
  test('default: 0.3 % of spot for each option sold and not bought back', () => {
    expect(addOnsOf([option(-3)]).shortOption).toBeCloseTo(3 * 0.003 * 2000, 12);
    expect(addOnsOf([option(-3), option(2, { strike: 3000 })]).shortOption).toBeCloseTo(6, 12);
    expect(addOnsOf([option(-3), option(5, { strike: 3000 })]).shortOption).toBe(0);
    expect(addOnsOf([option(-3), option(3, { type: 'put' })]).shortOption).toBeCloseTo(18, 12);
    expect(addOnsOf([option(-1), option(-1, { type: 'put' })]).shortOption).toBeCloseTo(12, 12);
  });

  test('behavior: another expiry does not count, a past one is not charged', () => {
    const later = { ...MARKET.expiries[0], expiry: MONTH + DAY };
    const vols = [...MARKET.vols, { ...MARKET.vols[2], expiry: later.expiry }];
    const market = { ...MARKET, expiries: [...MARKET.expiries, later], vols };
    const legs = [option(-1), option(1, { expiry: later.expiry })];
    expect(addOnsOf(legs, { market }).shortOption).toBeCloseTo(6, 12);
    expect(addOnsOf([option(-1, { strike: 1500 })], { asOf: MONTH }).shortOption).toBe(0);
  });

  test('behavior: an option far from the money is not sold for nothing', () => {
    const vols = [{ underlying: 'ETH', expiry: AS_OF + DAY, strike: 90_000, vol: 0.8 }];
    const expiries = [{ ...MARKET.expiries[0], expiry: AS_OF + DAY }];
    const positions = [option(-100, { strike: 90_000, expiry: AS_OF + DAY }), token('ETH', 10)];
    const { maintenanceUsd, binding } = computeMargin(book(positions, { market: { ...MARKET, vols, expiries } }));
    expect(maintenanceUsd - binding.lossUsd).toBeGreaterThan(100 * 0.003 * 2000);
  });
});

describe('the basis', () => {
  test('default: each expiry and each perp by itself, up or down, by hand', () => {
    expect(addOnsOf([perp(-3)]).basis).toBeCloseTo(3 * 2010 * 0.01, 9);
    expect(addOnsOf([perp(3)]).basis).toBeCloseTo(3 * 2010 * 0.01, 9);
    // 30 days: 7.5 % · 30/365 = 0.6 %, under the floor of 1 %.
    expect(addOnsOf([option(-2)]).basis).toBeCloseTo(2 * (call(2020) - call(2000)), 9);
    expect(addOnsOf([token('ETH', -5)]).basis).toBe(0);
  });

  test('behavior: it grows with the term, and is not there at expiry', () => {
    const expiry = AS_OF + 365 * DAY;
    const expiries = [{ ...MARKET.expiries[0], expiry }];
    const vols = [{ underlying: 'ETH', expiry, strike: 2500, vol: 0 }];
    const market = { ...MARKET, expiries: [{ ...expiries[0], forwardUsd: 3000 }], vols };
    expect(addOnsOf([option(-1, { expiry })], { market }).basis).toBeCloseTo(0.075 * 3000, 9);
    expect(addOnsOf([option(-1, { strike: 1500 })], { asOf: MONTH }).basis).toBe(0);
  });

  test('behavior: a perp against spot, and two expiries against each other, are not without risk', () => {
    const { maintenanceUsd, addOns, binding } = computeMargin(
      book([token('ETH', 2010), perp(-2000), token('USDC', 1)]),
    );
    expect(addOns.basis).toBeCloseTo(2000 * 2010 * 0.01, 6);
    expect(maintenanceUsd).toBeCloseTo(binding.lossUsd + 40_200, 3);
  });

  test('behavior: an option bought offsets what was sold, and costs nothing by itself', () => {
    expect(addOnsOf([option(5), token('ETH', -1)]).basis).toBe(0);
    expect(addOnsOf([option(-2), option(2)]).basis).toBeCloseTo(0, 12);
    const spread = addOnsOf([option(-2), option(2, { strike: 3000 })]).basis;
    expect(spread).toBeCloseTo(2 * (call(2020) - call(2000) - call(2020, 3000) + call(2000, 3000)), 9);
  });
});

describe('the oracle charge', () => {
  const unsure = { forward: 0.9, rate: 1, vol: 0.7 };
  const market = {
    ...MARKET,
    assets: { ...MARKET.assets, ETH: { ...MARKET.assets.ETH, confidence: 0.95 }, NEW: { usd: 10, confidence: 0.5 } },
    perps: { ETH: { usd: 2010, confidence: 0.8 } },
    expiries: MARKET.expiries.map((quote) => ({ ...quote, confidence: unsure })),
  };

  test('default: 1 − confidence of the net exposure of each source, by hand', () => {
    const oracle = (...positions: Parameters<typeof book>[0]) => addOnsOf(positions, { market }).oracle;
    expect(oracle(token('ETH', 10), token('ETH', -4))).toBeCloseTo(0.05 * 6 * 2000, 9);
    expect(oracle(token('NEW', -7))).toBeCloseTo(0.5 * 70, 9);
    expect(oracle(perp(-2), token('USDC', -1))).toBeCloseTo(0.2 * 2 * 2010, 9);
    // The least sure is the volatility: forward and volatility 30 % against who sold.
    const doubt = call(2600, 2500, 0.8 * 1.3) - call(2000);
    expect(oracle(option(-2))).toBeCloseTo(2 * doubt, 9);
    expect(oracle(option(-2), option(1))).toBeCloseTo(doubt, 9);
    const put = (forwardUsd: number, vol: number) =>
      optionValue({ type: 'put', strikeUsd: 1500, forwardUsd, vol, years: YEARS, discount: 1 });
    const fall = put(1400, 0.8 * 1.3) - put(2000, 0.8);
    expect(oracle(option(-1, { type: 'put', strike: 1500 }))).toBeCloseTo(fall, 9);
    expect(oracle(option(4), token('USDC', -1))).toBe(0);
    expect(addOnsOf([token('ETH', -3), option(-1), perp(1)]).oracle).toBe(0);
  });
});

describe('all add-ons', () => {
  test('default: maintenance is the loss and every one of them; initial does not multiply them', () => {
    const { maintenanceUsd, initialUsd, binding, addOns } = computeMargin(book([option(-3), perp(-1), CASH]));
    const total = Object.values(addOns).reduce((sum, usd) => sum + usd, 0);
    expect(Object.keys(addOns)).toEqual([
      'numericalBuffer',
      'shortOption',
      'basis',
      'oracle',
      'liquidity',
      'concentration',
      'venue',
    ]);
    expect(maintenanceUsd).toBeCloseTo(binding.lossUsd + total, 9);
    expect(initialUsd).toBeCloseTo(1.25 * binding.lossUsd + total, 9);
  });

  test('behavior: a book may leave them out', () => {
    const parameters = { addOns: { shortOption: 0, basis: { annual: 0, floor: 0 }, oracle: 0 } };
    const { shortOption, basis, oracle } = addOnsOf([option(-3)], { model: { preset: 'crossmargin-1', parameters } });
    expect([shortOption, basis, oracle]).toEqual([0, 0, 0]);
  });

  test('behavior: who owes nothing in any scenario is charged nothing', () => {
    const { addOns, maintenanceUsd, health } = computeMargin(book([token('ETH', 3), option(2)]));
    expect(addOns).toEqual(NO_ADD_ONS);
    expect([maintenanceUsd, health]).toEqual([0, null]);
  });

  test('behavior: those of pledged legs are charged on the pledged legs alone', () => {
    const observed = { custody: 'observed', silo: 'wallet' };
    const margin = computeMargin(book([option(-3), CASH, option(3, observed)]));
    expect(margin.addOns.shortOption).toBe(0);
    const alone = computeMargin(book([option(-3), CASH]));
    expect(margin.pledgedFreeUsd).toBeCloseTo(alone.freeUsd, 9);
    expect(alone.addOns.shortOption).toBeCloseTo(18, 9);
  });
});
