import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookError } from '../../src/book/bookError.ts';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { assessSilo, SiloRuleError } from '../../src/engine/silos/silo.ts';
import { book, perp, range, scenarios, token } from './books.ts';

type Json = Readonly<Record<string, unknown>>;

/** WETH is token 0 here: the price of a tick is dollars a coin, 10^12 times. Range from 1,735 to 2,340 around 2,015. */
const CALL = {
  token: 0,
  fixed: 0.2,
  sold: { notional: 1, tickLower: -201_720, tickMiddle: -200_220, tickUpper: -198_720 },
};
const PUT = { token: 1, fixed: 400, sold: { ...CALL.sold, notional: 2_000 } };
const RULE = {
  ...{ kind: 'rangeAccount', token0: 'WETH', token1: 'USDC', decimals0: 18, decimals1: 6 },
  ...{ counted0: 0, counted1: 1_000, asked: [CALL] as readonly Json[] },
};
const SILO = { id: 'panoptic:1', venue: 'panoptic' };
const HOME = { silo: SILO.id };

/** The silo at a price of ether, its legs worth so much. */
function assess(rule: Json, { ethUsd = 2_000, worthUsd = 0 } = {}) {
  const inputs = readInputs(book([range(1, HOME)], { silos: [{ ...SILO, rule }] }));
  const [silo] = inputs.silos;
  if (silo === undefined) throw new SiloRuleError(SILO.id, 'the book has a silo');
  const spotUsd = (asset: string) => (asset === 'WETH' ? ethUsd : 1);
  return assessSilo(silo, { legs: [], valuesUsd: [worthUsd], spotUsd, volOf: () => 0, factorOf: (asset) => asset });
}

/** The price in the middle of the range, in dollars. */
const MIDDLE = 1.0001 ** -200_220 * 1e12;
const WIDTH = 1.0001 ** 1_500;

describe('assessSilo of a margin account of ranges', () => {
  test('default: out of the money a sold call asks for its fixed amount, at the price of its token', () => {
    const { health, breakCostUsd } = assess(RULE, { ethUsd: 1_700 });
    expect(health).toBeCloseTo(1_000 / (0.2 * 1_700), 12);
    expect(breakCostUsd).toBe(0);
  });

  test('default: beyond the range it asks for what it is in the money by as well, by hand', () => {
    const asked = 0.2 + (1 - MIDDLE / 4_000);
    expect(assess(RULE, { ethUsd: 4_000 }).health).toBeCloseTo(1_000 / (asked * 4_000), 9);
    const put = { ...RULE, asked: [PUT] };
    expect(assess(put, { ethUsd: 1_000 }).health).toBeCloseTo(1_000 / (400 + 2_000 * (1 - 1_000 / MIDDLE)), 9);
    expect(assess(put, { ethUsd: 3_000 }).health).toBeCloseTo(1_000 / 400, 9);
  });

  test('behavior: within the range it rises along the straight line, and meets both ends', () => {
    const asked = (ethUsd: number) => 1_000 / ((assess(RULE, { ethUsd }).health as number) * ethUsd);
    expect(asked(MIDDLE)).toBeCloseTo(0.2 + (WIDTH - 1) / (WIDTH + 1), 9);
    expect(asked((MIDDLE / WIDTH) * 1.000001)).toBeCloseTo(0.2, 5);
    expect(asked(MIDDLE * WIDTH * 0.999999)).toBeCloseTo(0.2 + 1 - 1 / WIDTH, 5);
    expect(asked(MIDDLE * WIDTH * 1.000001)).toBeCloseTo(0.2 + 1 - 1 / WIDTH, 5);
  });

  test('behavior: a liquidation takes what is short in either token, at most half of what counts', () => {
    const two = { ...RULE, counted0: 0.4, asked: [CALL, { token: 1, fixed: 100 }] };
    expect(assess({ ...two, counted1: 0, asked: [{ token: 0, fixed: 0.5 }] }).breakCostUsd).toBeCloseTo(200, 9);
    expect(assess({ ...two, counted1: 0, asked: [{ token: 0, fixed: 1 }] }).breakCostUsd).toBeCloseTo(400, 9);
    expect(assess({ ...RULE, counted1: -50 })).toMatchObject({ health: 0, breakCostUsd: 0 });
  });

  test('behavior: the requirement is the equity at which health is 1: what open positions are worth does not count', () => {
    const { requirementUsd } = assess({ ...RULE, asked: [{ token: 0, fixed: 0.25 }] }, { worthUsd: 1_300 });
    expect(requirementUsd).toBeCloseTo(1_300 - 1_000 + 500, 9);
  });

  test('behavior: who is asked for nothing needs nothing', () => {
    expect(assess({ ...RULE, asked: [] })).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: null });
  });

  test('behavior: health < 1 exactly when equity is under the requirement, and only then may it cost', () => {
    const units = fc.double({ min: 0, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(units, units, fc.double({ min: 100, max: 9_000, noNaN: true }), (counted1, worthUsd, ethUsd) => {
        const { health, requirementUsd, breakCostUsd } = assess(
          { ...RULE, counted1, asked: [CALL, PUT] },
          { ethUsd, worthUsd },
        );
        fc.pre(requirementUsd > 0 && Math.abs((health as number) - 1) > 1e-9);
        expect((health as number) < 1).toBe(worthUsd < requirementUsd);
        if ((health as number) > 1) expect(breakCostUsd).toBe(0);
        expect(breakCostUsd).toBeLessThanOrEqual(counted1 / 2);
      }),
    );
  });

  test('error: SiloRuleError for a perp', () => {
    const silos = [{ ...SILO, rule: RULE }];
    expect(() => computeMargin(book([perp(1, HOME)], { silos }))).toThrow(SiloRuleError);
  });

  test('error: BookError for a third token, and for a tick and decimals that are none', () => {
    const sold = { ...CALL.sold, tickMiddle: 900_000 };
    for (const wrong of [{ asked: [{ token: 2, fixed: 1 }] }, { asked: [{ ...CALL, sold }] }, { decimals0: 78 }]) {
      expect(() => assess({ ...RULE, ...wrong }), JSON.stringify(wrong)).toThrow(BookError);
    }
  });
});

describe('a book with such an account', () => {
  const parts = { silos: [{ ...SILO, rule: { ...RULE, asked: [CALL, PUT] } }] };
  const legs = [{ ...token('USDC', 1_000), ...HOME }, range('1000000000000000', HOME)];

  test('behavior: what is written is read again, to the last digit', () => {
    const read = book(legs, parts);
    const again = parseBook(formatBook(read));
    expect(formatBook(again)).toEqual(formatBook(read));
    expect(again.portfolio.silos).toEqual(read.portfolio.silos);
    expect(again.portfolio.silos).toMatchObject([{ id: SILO.id, rule: { kind: 'rangeAccount' } }]);
  });

  test('behavior: a liquidation that is due costs in every scenario, and the requirement is beside it', () => {
    const { silos, binding } = computeMargin(book(legs, { ...parts, ...scenarios() }));
    expect(silos).toMatchObject([{ silo: SILO.id, health: expect.any(Number), requirementUsd: expect.any(Number) }]);
    expect(binding.lossUsd).toBeGreaterThanOrEqual(0);
  });
});
