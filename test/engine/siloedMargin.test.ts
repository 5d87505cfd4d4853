import { describe, expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { AAVE, book, LYRA, option, perp, token } from './books.ts';

const SILOS = { model: 'siloed', silos: [AAVE, LYRA] };
const LOAN = [token('WETH', 10, { silo: 'aaveV3' }), token('USDC', -12_000, { silo: 'aaveV3' })];
const SHORT = [option(-1, { silo: 'lyra:1' }), token('USDC', 900, { silo: 'lyra:1' })];

describe('siloed', () => {
  test('default: the requirements of the venues add up, the worst silo gives the health', () => {
    const margin = computeMargin(book([...LOAN, ...SHORT, token('ETH', 1)], SILOS));
    const [aave, , lyra] = margin.silos;
    expect(margin.silos.map(({ silo }) => silo)).toEqual(['aaveV3', 'book', 'lyra:1']);
    // 20,000 of WETH at 82.5 %: 17.5 % of it.
    expect(aave).toMatchObject({ requirementUsd: expect.closeTo(3500, 9), health: 16_500 / 12_000 });
    expect(margin.maintenanceUsd).toBeCloseTo(3500 + (lyra?.requirementUsd ?? Number.NaN), 9);
    expect(margin.initialUsd).toBe(margin.maintenanceUsd);
    expect(margin.siloedUsd).toBe(margin.maintenanceUsd);
    expect(margin.freedUsd).toBe(0);
    expect(margin.health).toBe(Math.min(aave?.health ?? 0, lyra?.health ?? 0));
    expect(margin.equityUsd).toBeCloseTo(8000 + 900 + 2000 + (margin.legs[2]?.valueUsd ?? Number.NaN), 9);
    expect(margin.freeUsd).toBe(margin.equityUsd - margin.initialUsd);
    expect(margin.addOns).toEqual({
      'silo:aaveV3': aave?.requirementUsd,
      'silo:book': 0,
      'silo:lyra:1': lyra?.requirementUsd,
    });
  });

  test('behavior: it is what every other model calls siloed', () => {
    const positions = [...LOAN, ...SHORT];
    const other = computeMargin(book(positions, { silos: [AAVE, LYRA] }));
    const own = computeMargin(book(positions, SILOS));
    expect(own.maintenanceUsd).toBe(other.siloedUsd);
    expect(own.silos.map(({ requirementUsd, health }) => [requirementUsd, health])).toEqual(
      other.silos.map(({ requirementUsd, health }) => [requirementUsd, health]),
    );
  });

  test('behavior: riches elsewhere do not heal a silo', () => {
    const margin = computeMargin(book([...LOAN, token('USDC', -5000, { silo: 'aaveV3' }), token('ETH', 100)], SILOS));
    expect(margin.health).toBeCloseTo(16_500 / 17_000, 12);
    expect(margin.equityUsd).toBeGreaterThan(margin.maintenanceUsd);
  });

  test('behavior: a silo whose venue has no rule has the health of its assets to its debts', () => {
    const margin = computeMargin(book([token('ETH', 10), token('USDC', -16_000)], { model: 'siloed' }));
    expect(margin).toMatchObject({ maintenanceUsd: 0, health: 1.25, equityUsd: 4000 });
    expect(computeMargin(book([perp(1, { unrealisedUsd: -5 })], { model: 'siloed' })).health).toBe(0);
    expect(computeMargin(book([token('ETH', 10)], { model: 'siloed' })).health).toBeNull();
  });

  test('behavior: no scenarios: nothing is lost in the binding one', () => {
    const { binding, scenarios, legs } = computeMargin(book([...LOAN, ...SHORT], SILOS));
    expect(binding).toMatchObject({ id: 'unshocked', lossUsd: 0 });
    expect(scenarios.map(({ id, pnlUsd }) => [id, pnlUsd])).toEqual([['unshocked', 0]]);
    expect(legs.map(({ bindingUsd }) => bindingUsd)).toEqual([0, 0, 0, 0]);
  });

  test('behavior: pledged alone; what can leave never helps and what is under water hurts', () => {
    const whole = computeMargin(book(LOAN, SILOS));
    expect(whole).toMatchObject({
      pledgedEquityUsd: whole.equityUsd,
      pledgedFreeUsd: whole.freeUsd,
      pledgedHealth: whole.health,
    });
    const away = { silo: 'book', custody: 'observed' };
    const helped = computeMargin(book([...LOAN, token('ETH', 9, away)], SILOS));
    expect(helped.pledgedEquityUsd).toBe(8000);
    expect(helped.pledgedHealth).toBe(whole.health);
    const hurt = computeMargin(book([...LOAN, token('USDC', -6500, away)], SILOS));
    expect(hurt.pledgedEquityUsd).toBe(8000);
    expect(hurt.pledgedFreeUsd).toBeCloseTo(1500 - 3500, 9);
    expect(hurt.pledgedHealth).toBeCloseTo(20_000 / (12_000 + 3500 + 6500), 12);
    expect(computeMargin(book([token('ETH', 9, away)], SILOS))).toMatchObject({
      pledgedEquityUsd: 0,
      pledgedHealth: 0,
    });
  });

  test('behavior: the order of the input does not matter, to the last bit', () => {
    const positions = [...LOAN, ...SHORT, token('WSTETH', 0.3, { silo: 'aaveV3' })];
    const { legs: _, ...one } = computeMargin(book(positions, SILOS));
    const { legs: __, ...other } = computeMargin(book(positions.toReversed(), SILOS));
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });

  test('behavior: in full, with nothing to replace', () => {
    const { model } = book(LOAN, { ...SILOS, model: { preset: 'siloed', parameters: {}, scenarios: [] } });
    expect(model).toEqual({ preset: 'siloed', parameters: {}, scenarios: [] });
    expect(() => book(LOAN, { ...SILOS, model: { preset: 'siloed', parameters: { imFactor: 2 } } })).toThrow(
      /model\.parameters\.imFactor/,
    );
    expect(() => parseBook({ asOf: 1, model: { preset: 'siloed', scenarios: [{ id: 'a' }] } })).toThrow(/scenarios/);
  });
});
