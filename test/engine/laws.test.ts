import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import type { Margin } from '../../src/engine/result.ts';
import { AAVE, book, MARKET, option, perp, range, token } from './books.ts';

/** Everything that can happen to a leg: pegs, two factors with and one without volatility, sources that are not sure. */
const market = {
  ...MARKET,
  assets: {
    ...MARKET.assets,
    DAI: { usd: 0.999, confidence: 0.97, peg: 'USD' },
    STETH: { usd: 1990, confidence: 0.9, peg: 'ETH' },
  },
  expiries: MARKET.expiries.map((quote) => ({ ...quote, confidence: { forward: 1, rate: 1, vol: 0.9 } })),
};

const cents = (max: number) => fc.integer({ min: -max * 100, max: max * 100 }).map((x) => x / 100);
const strike = fc.constantFrom(1500, 2000, 2500, 3000);
const type = fc.constantFrom('call', 'put');
const priced = { ETH: 1, BTC: 0.05, NEW: 200, WETH: 1, STETH: 1, WSTETH: 1, USDC: 2000, DAI: 2000 };

const leg = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.keys(priced)), cents(10))
    .map(([asset, amount]) => token(asset, Math.round(amount * priced[asset as keyof typeof priced] * 100) / 100)),
  fc.record({ type, strike, amount: cents(10) }).map(({ amount, ...terms }) => option(amount, terms)),
  fc
    .record({ amount: cents(2), token0: fc.constantFrom('WETH', 'STETH') })
    .map(({ amount, ...terms }) => range(Math.round(amount * 1e15), terms)),
  fc.record({ amount: cents(10), fundingUsd: cents(100) }).map(({ amount, ...terms }) => perp(amount, terms)),
);
const legs = fc.array(leg, { maxLength: 6 });
const bought = fc.record({ type, strike, amount: fc.integer({ min: 1, max: 2000 }).map((x) => x / 100) });

const RUNS = { numRuns: 250 };
const DEBT = token('USDC', -1);

function margin(positions: Parameters<typeof book>[0], parts: Parameters<typeof book>[1] = {}): Margin {
  return computeMargin(book(positions, { market, ...parts }));
}

/** What a book needs before it is let off for owing nothing: a dollar of debt is always there. */
function need(positions: Parameters<typeof book>[0], parts: Parameters<typeof book>[1] = {}): number {
  return margin([...positions, DEBT], parts).maintenanceUsd;
}

describe('the laws of margin', () => {
  test('behavior: a free option that is bought never leaves less, nor lowers the health', () => {
    fc.assert(
      fc.property(legs, bought, (list, { amount, ...terms }) => {
        const before = margin([...list, DEBT]);
        const after = margin([...list, DEBT, option(amount, terms)]);
        const slack = 1e-9 * (1 + Math.abs(before.equityUsd) + before.maintenanceUsd + Math.abs(after.equityUsd));
        expect(after.netMaintenanceUsd).toBeGreaterThanOrEqual(before.netMaintenanceUsd - slack);
        expect(after.health ?? 1e300).toBeGreaterThanOrEqual((before.health ?? 0) - 1e-9);
        const charges = ['shortOption', 'basis', 'oracle'];
        for (const name of charges) expect(after.addOns[name]).toBeLessThanOrEqual((before.addOns[name] ?? 0) + 1e-9);
      }),
      RUNS,
    );
  });

  test('behavior: two books together need at most what they need apart', () => {
    fc.assert(
      fc.property(legs, legs, (a, b) => {
        const apart = need(a) + need(b);
        expect(margin([...a, DEBT, ...b, DEBT]).maintenanceUsd).toBeLessThanOrEqual(apart * (1 + 1e-9) + 1e-6);
      }),
      RUNS,
    );
  });

  test('behavior: the need scales with the book', () => {
    fc.assert(
      fc.property(legs, (list) => {
        const once = margin(list);
        const thrice = margin([...list, ...list, ...list]);
        const slack = 1e-9 * (1 + once.maintenanceUsd + Math.abs(once.equityUsd));
        expect(Math.abs(thrice.maintenanceUsd - 3 * once.maintenanceUsd)).toBeLessThanOrEqual(slack);
        if (once.health !== null) expect(thrice.health).toBeCloseTo(once.health, 7);
      }),
      RUNS,
    );
  });

  test('behavior: more scenarios never lower it', () => {
    const families = ['decorrelation', 'peg', 'smile', 'crisis'].map((family) => ({ family }));
    const grid = { id: 'down', range: -1, vol: 'none', weight: 1 };
    const without = (count: number) => ({
      model: { preset: 'crossmargin-1', scenarios: [grid, ...families.slice(0, count)] },
    });
    fc.assert(
      fc.property(legs, (list) => {
        const needs = [0, 1, 2, 3, 4].map((count) => need(list, without(count)));
        for (const [index, usd] of needs.entries()) expect(usd).toBeGreaterThanOrEqual(needs[index - 1] ?? 0);
      }),
      RUNS,
    );
  });

  test('behavior: closing everything frees everything', () => {
    fc.assert(
      fc.property(legs, (list) => {
        const { equityUsd } = margin(list);
        const closed = margin([token('USDC', Math.max(0, Math.round(equityUsd * 100) / 100))]);
        expect(closed).toMatchObject({ maintenanceUsd: 0, initialUsd: 0, health: null });
        expect(closed.freeUsd).toBe(closed.equityUsd);
      }),
      RUNS,
    );
  });

  test('behavior: a hedge that is exact in every scenario needs only the add-ons', () => {
    fc.assert(
      fc.property(legs, (list) => {
        const mirrored = list.map((position) => ({ ...position, ...opposite(position), silo: 'other' }));
        const { maintenanceUsd, binding, addOns } = margin([...list, ...mirrored]);
        const gross = (addOns.numericalBuffer ?? 0) * 1e12;
        expect(binding.lossUsd).toBeLessThanOrEqual(1e-12 * gross);
        const charged = Object.values(addOns).reduce((sum, usd) => sum + usd, 0);
        expect(maintenanceUsd).toBeCloseTo(binding.lossUsd + charged, 6);
        expect(addOns.shortOption).toBeCloseTo(0, 6);
        expect(addOns.oracle).toBeCloseTo(0, 6);
        expect(addOns.basis).toBeCloseTo(0, 5);
      }),
      RUNS,
    );
  });

  test('behavior: health < 1 exactly when equity < maintenance, silos, add-ons and all families included', () => {
    const home = { silo: 'aaveV3' };
    const loan = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 80_000 }));
    const sides = { under: 0, over: 0 };
    fc.assert(
      fc.property(legs, loan, (list, [ether, dollars]) => {
        const aave = [token('WSTETH', ether, home), token('DAI', -dollars, home)];
        const { equityUsd, maintenanceUsd, health } = margin([...list, ...aave], { silos: [AAVE] });
        fc.pre(Math.abs(equityUsd - maintenanceUsd) > 1e-11 * (Math.abs(equityUsd) + maintenanceUsd));
        sides[equityUsd < maintenanceUsd ? 'under' : 'over'] += 1;
        expect((health ?? 1) < 1).toBe(equityUsd < maintenanceUsd);
      }),
      RUNS,
    );
    expect(Math.min(sides.under, sides.over)).toBeGreaterThan(10);
  });

  test('behavior: the contributions of the legs sum to the loss', () => {
    fc.assert(
      fc.property(legs, (list) => {
        const { legs: results, binding, addOns } = margin([...list, DEBT]);
        const total = results.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
        expect(Math.abs(total - binding.lossUsd)).toBeLessThanOrEqual(1e-9 + (addOns.numericalBuffer ?? 0));
      }),
      RUNS,
    );
  });

  test('behavior: the order of the book changes no bit', () => {
    fc.assert(
      fc.property(legs, (list) => {
        const { legs: forward, ...one } = margin(list);
        const { legs: backward, ...other } = margin([...list].reverse());
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
        const values = (results: Margin['legs']) => results.map(({ valueUsd, bindingUsd }) => [valueUsd, bindingUsd]);
        expect(values([...backward].reverse())).toEqual(values(forward));
      }),
      RUNS,
    );
  });
});

function opposite(position: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const negate = (value: unknown) => (typeof value === 'number' ? -value : value);
  const keys = ['amount', 'fundingUsd', 'unrealisedUsd'].filter((key) => key in position);
  return Object.fromEntries(keys.map((key) => [key, negate(position[key])]));
}
