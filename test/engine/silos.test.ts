import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Inputs, readInputs } from '../../src/engine/inputs.ts';
import { readLegs } from '../../src/engine/readLegs.ts';
import { assessSilo, SiloRuleError } from '../../src/engine/silos/silo.ts';
import { optionValue } from '../../src/engine/value.ts';
import { AAVE, AS_OF, book, LYRA, MONTH, option, perp, token } from './books.ts';

type Json = Readonly<Record<string, unknown>>;

/** The one silo of a book, ETH at a price, its option worth so much. */
function assess(
  silo: { id: string; rule: Json },
  positions: readonly Json[],
  { eth = 2000, optionUsd = 0, asOf = AS_OF } = {},
) {
  const home = { silo: silo.id };
  const inputs: Inputs = readInputs(
    book(
      positions.map((position) => ({ ...position, ...home })),
      { silos: [silo], asOf },
    ),
  );
  const legs = readLegs(inputs);
  const priceOf = (asset: string) => (asset === 'USDC' ? 1 : eth * (asset === 'WSTETH' ? 1.2 : 1));
  const valuesUsd = legs.map((leg) => {
    if (leg.kind === 'token') return leg.amount * priceOf(leg.asset);
    return leg.kind === 'option' ? leg.amount * optionUsd : 0;
  });
  const factorOf = (asset: string) => (asset === 'USDC' ? 'USD' : asset === 'BTC' ? 'BTC' : 'ETH');
  const [own] = inputs.silos;
  if (own === undefined) throw new SiloRuleError(silo.id, 'the book has a silo');
  return assessSilo(own, { legs, valuesUsd, spotUsd: priceOf, volOf: ({ vol }) => vol, factorOf });
}

describe('assessSilo of a lending account', () => {
  test('default: Aave V3, two collaterals, by hand', () => {
    const state = assess(AAVE, [token('WETH', 5), token('WSTETH', 2), token('USDC', -10_000)]);
    expect(state.health).toBeCloseTo((10_000 * 0.825 + 4800 * 0.79) / 10_000, 12);
    expect(state.requirementUsd).toBeCloseTo(10_000 * 0.175 + 4800 * 0.21, 9);
    expect(state.breakCostUsd).toBe(0);
  });

  test('behavior: between full close and 1 the close factor is closed at the largest bonus held', () => {
    const state = assess(AAVE, [token('WETH', 5), token('WSTETH', 2), token('USDC', -12_500)]);
    expect(state.health).toBeCloseTo(12_042 / 12_500, 12);
    expect(state.breakCostUsd).toBeCloseTo(0.06 * 6250, 9);
    const withoutWsteth = assess(AAVE, [token('WETH', 5), token('USDC', -8500)]);
    expect(withoutWsteth.breakCostUsd).toBeCloseTo(0.05 * 4250, 9);
  });

  test('behavior: under full close all of the debt is closed, as far as the collateral pays debt and bonus', () => {
    expect(assess(AAVE, [token('WETH', 5), token('USDC', -9000)]).breakCostUsd).toBeCloseTo(450, 9);
    expect(assess(AAVE, [token('WETH', 5), token('USDC', -9900)]).breakCostUsd).toBeCloseTo((0.05 * 10_000) / 1.05, 9);
    expect(assess(AAVE, [token('USDC', -9900)])).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: 0 });
  });

  test('behavior: the largest bonus counts wherever it stands, and exactly at full close the close factor still holds', () => {
    const collateral = { WETH: { threshold: '0.825', bonus: '0.09' }, WSTETH: { threshold: '0.79', bonus: '0.06' } };
    const rule = { ...AAVE.rule, collateral, fullCloseBelow: '0.5' };
    const state = assess({ ...AAVE, rule }, [token('WETH', 5), token('WSTETH', 2), token('USDC', -12_500)]);
    expect(state.breakCostUsd).toBeCloseTo(0.09 * 6250, 9);
    expect(assess({ ...AAVE, rule }, [token('WETH', 5), token('USDC', -16_500)])).toMatchObject({
      health: 0.5,
      breakCostUsd: expect.closeTo(0.09 * 8250, 9),
    });
  });

  test('behavior: exactly at health 1 nothing is liquidated', () => {
    expect(assess(AAVE, [token('WETH', 1), token('USDC', -1650)])).toMatchObject({ health: 1, breakCostUsd: 0 });
    expect(assess(AAVE, [token('WETH', 1), token('USDC', '-1650.000001')]).breakCostUsd).toBeGreaterThan(40);
  });

  test('behavior: nothing owed, nothing required', () => {
    expect(assess(AAVE, [token('WETH', 5)])).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: null });
  });

  test('behavior: an asset that is not listed is no collateral; one listed at threshold 0 counts in full', () => {
    const rule = { ...AAVE.rule, collateral: { ...AAVE.rule.collateral, WSTETH: { threshold: 0, bonus: 0 } } };
    const debt = token('USDC', -1000);
    expect(assess(AAVE, [token('WETH', 1), token('ETH', 4), debt]).requirementUsd).toBeCloseTo(350, 9);
    expect(assess({ ...AAVE, rule }, [token('WETH', 1), token('WSTETH', 4), debt]).requirementUsd).toBeCloseTo(
      350 + 9600,
      9,
    );
  });

  test('behavior: health < 1 exactly when the equity of collateral and debt is under the requirement', () => {
    const amount = fc.integer({ min: 0, max: 1e6 });
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 1, max: 4e9 }), (weth, wsteth, debt) => {
        const state = assess(AAVE, [token('WETH', weth), token('WSTETH', wsteth), token('USDC', -debt)]);
        const equity = weth * 2000 + wsteth * 2400 - debt;
        const margin = equity - state.requirementUsd;
        fc.pre(Math.abs(margin) > 1e-3);
        expect((state.health ?? 0) < 1).toBe(margin < 0);
      }),
    );
  });

  test('error: SiloRuleError', () => {
    expect(() => assess(AAVE, [option(1)])).toThrow(SiloRuleError);
    expect(() => assess(AAVE, [perp(1)])).toThrow(SiloRuleError);
  });
});

describe('assessSilo of a short option', () => {
  const years = 30 / 365;
  const price = (type: 'call' | 'put', spot: number, strikeUsd = 2500) =>
    optionValue({ type, forwardUsd: spot, strikeUsd, vol: 1.5, years, discount: 1 });

  test('default: a call against quote, by hand', () => {
    const minimum = price('call', 2400);
    expect(minimum).toBeGreaterThan(200);
    const state = assess(LYRA, [option(-2), token('USDC', 1000)], { optionUsd: 60 });
    expect(state.health).toBeCloseTo(1000 / (2 * minimum), 12);
    expect(state.requirementUsd).toBeCloseTo(2 * minimum - 120, 9);
    expect(state.breakCostUsd).toBe(0);
  });

  test('behavior: the venue prices with its own rate', () => {
    const rule = { ...LYRA.rule, rate: '0.05' };
    const discount = Math.exp(-0.05 * years);
    const minimum = optionValue({
      type: 'call',
      forwardUsd: 2400 / discount,
      strikeUsd: 2500,
      vol: 1.5,
      years,
      discount,
    });
    expect(assess({ ...LYRA, rule }, [option(-1), token('USDC', 1000)]).health).toBeCloseTo(1000 / minimum, 10);
  });

  test('behavior: the static minimum holds for a small option, the full collateral bounds a put and a covered call', () => {
    expect(assess(LYRA, [option('-0.01'), token('USDC', 400)]).health).toBe(2);
    const put = { ...LYRA, rule: { ...LYRA.rule, spotShock: '0.01' } };
    expect(assess(put, [option(-2, { type: 'put' }), token('USDC', 5000)]).health).toBeCloseTo(
      5000 / (2 * price('put', 20)),
      12,
    );
    const tiny = { ...put, rule: { ...put.rule, minStaticCollateral: '9000' } };
    expect(assess(tiny, [option(-2, { type: 'put' }), token('USDC', 5000)]).health).toBe(1);
    const covered = { ...LYRA, rule: { ...LYRA.rule, collateralIn: 'underlying', minStaticCollateral: '7' } };
    expect(assess(covered, [option(-2), token('WETH', 2)])).toMatchObject({ health: 1, breakCostUsd: 0 });
  });

  test("behavior: no volatility is priced below the venue's least", () => {
    const rule = { ...LYRA.rule, spotShock: '1.25', shockVol: '0', minStaticCollateral: '0' };
    const minimum = optionValue({ type: 'call', forwardUsd: 2500, strikeUsd: 2500, vol: 0.0001, years, discount: 1 });
    expect(minimum).toBeGreaterThan(0.02);
    expect(assess({ ...LYRA, rule }, [option(-1), token('USDC', 1)]).health).toBeCloseTo(1 / minimum, 9);
  });

  test('behavior: a covered call needs its price over the shocked spot, in units of the underlying', () => {
    const covered = { ...LYRA, rule: { ...LYRA.rule, collateralIn: 'underlying', minStaticCollateral: '0.01' } };
    const minimum = price('call', 2400) / 2400;
    const state = assess(covered, [option(-1), token('WETH', 0.5)], { optionUsd: 50 });
    expect(state.health).toBeCloseTo(0.5 / minimum, 12);
    expect(state.requirementUsd).toBeCloseTo(minimum * 2000 - 50, 9);
    expect(assess(covered, [option(-1)], { optionUsd: 50 })).toMatchObject({ health: 0, breakCostUsd: 0 });
  });

  test('behavior: the penalty is a share of what is left, at least the minimum, at most what is left', () => {
    const cost = (usdc: number, optionUsd: number) =>
      assess(LYRA, [option(-4), token('USDC', usdc)], { optionUsd }).breakCostUsd;
    expect(cost(900, 100)).toBeCloseTo(0.1 * 500, 9);
    expect(cost(900, 200)).toBe(20);
    expect(cost(900, 222)).toBeCloseTo(12, 9);
    expect(cost(900, 300)).toBe(0);
    expect(cost(5000, 100)).toBe(0);
  });

  test('behavior: after expiry nothing is liquidated any more', () => {
    const at = (asOf: number) => assess(LYRA, [option(-4), token('USDC', 100)], { eth: 3000, asOf });
    expect(at(MONTH - 1).breakCostUsd).toBeGreaterThan(0);
    expect(at(MONTH).breakCostUsd).toBe(0);
  });

  test('behavior: collateral without an option owes nothing', () => {
    expect(assess(LYRA, [token('USDC', 100)])).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: null });
  });

  test('error: SiloRuleError', () => {
    const covered = { ...LYRA, rule: { ...LYRA.rule, collateralIn: 'underlying' } };
    const wrong: [typeof LYRA | typeof covered, Json[]][] = [
      [LYRA, [option(-1), option(-1, { strike: 3000 })]],
      [LYRA, [option(1)]],
      [LYRA, [option(-1), perp(1)]],
      [LYRA, [option(-1), token('USDC', -5)]],
      [LYRA, [option(-1), token('USDC', 5), token('WETH', 5)]],
      [covered, [option(-1, { type: 'put' }), token('WETH', 5)]],
      [covered, [option(-1), token('BTC', 5)]],
    ];
    for (const [silo, positions] of wrong) expect(() => assess(silo, positions)).toThrow(SiloRuleError);
  });
});

describe('assessSilo of what is owned', () => {
  test('default', () => {
    const owned = { id: 'wallet', venue: 'wallet', rule: { kind: 'owned' } };
    expect(assess(owned, [token('WETH', -5), perp(1)])).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: null });
  });
});
