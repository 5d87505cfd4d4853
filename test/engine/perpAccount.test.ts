import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { InputRangeError, readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { readLegs } from '../../src/engine/readLegs.ts';
import { assessSilo, SiloRuleError } from '../../src/engine/silos/silo.ts';
import { legValue } from '../../src/engine/valuation.ts';
import { book, MARKET, option, PERP, perp, scenarios, token } from './books.ts';

type Json = Readonly<Record<string, unknown>>;

const RULE = PERP.rule;
const HOME = { silo: 'perpV2' };
/** ETH at 2,010 and BTC at 50,000 on the perpetual market. */
const TWO_PERPS = { ...MARKET, perps: { ...MARKET.perps, BTC: { usd: 50_000, confidence: 1 } } };

/** The account's own silo in a scenario that multiplies every price. */
function assess(positions: readonly Json[], { factor = 1, rule = RULE as Json } = {}) {
  const home = positions.map((position) => ({ ...position, ...HOME }));
  const inputs = readInputs(book(home, { market: TWO_PERPS, silos: [{ ...PERP, rule }] }));
  const legs = readLegs(inputs);
  const valuesUsd = legs.map((leg) =>
    legValue(leg, { price: () => (leg.kind === 'token' ? 1 : factor), vol: () => 0 }),
  );
  const [own] = inputs.silos;
  if (own === undefined) throw new SiloRuleError('perpV2', 'the book has a silo');
  return assessSilo(own, { legs, valuesUsd, spotUsd: () => 0, volOf: ({ vol }) => vol, factorOf: (asset) => asset });
}

describe('assessSilo of a margin account of perpetuals', () => {
  test('default: cash, profit and funding against the ratio of the position, by hand', () => {
    const state = assess([token('USDC', 2_000), perp(10, { unrealisedUsd: -300, fundingUsd: 50 })]);
    expect(state.requirementUsd).toBeCloseTo(0.0625 * 20_100, 9);
    expect(state.health).toBeCloseTo(1_750 / 1_256.25, 12);
    expect(state.breakCostUsd).toBe(0);
  });

  test('behavior: in a scenario the position is worth its size at the moved price, long and short alike', () => {
    for (const size of [10, -10]) {
      const state = assess([token('USDC', 5_000), perp(size, { unrealisedUsd: 40 })], { factor: 0.9 });
      expect(state.requirementUsd, `${size}`).toBeCloseTo(0.0625 * 18_090, 9);
      expect(state.health, `${size}`).toBeCloseTo((5_040 - size * 201) / (0.0625 * 18_090), 12);
    }
  });

  test('behavior: long and short in two markets do not net: the requirement is of their sizes', () => {
    const positions = [token('USDC', 50_000), perp(10), perp(-1, { underlying: 'BTC' })];
    expect(assess(positions).requirementUsd).toBeCloseTo(0.0625 * 70_100, 9);
  });

  test('behavior: exactly at the requirement nothing is liquidated', () => {
    expect(assess([token('USDC', '1256.25'), perp(10)])).toMatchObject({ health: 1, breakCostUsd: 0 });
    expect(assess([token('USDC', '1256.24'), perp(10)]).breakCostUsd).toBeCloseTo(0.025 * 10_050, 9);
  });

  test('behavior: above half the requirement half of all positions is closed out of one of them, below it all', () => {
    const positions = (usdc: number) => [token('USDC', usdc), perp(10), perp(-1, { underlying: 'BTC' })];
    expect(assess(positions(4_000)).breakCostUsd).toBeCloseTo(0.025 * 35_050, 9); // of the 50,000 in BTC
    expect(assess(positions(2_000)).breakCostUsd).toBeCloseTo(0.025 * 70_100, 9);
    expect(assess([token('USDC', -500), perp(10)])).toMatchObject({
      health: 0,
      breakCostUsd: expect.closeTo(0.025 * 20_100, 9),
    });
  });

  test('behavior: no more of a position is closed than there is', () => {
    const rule = { ...RULE, closeFactor: '0.9' };
    const positions = [token('USDC', 4_000), perp(10), perp(-1, { underlying: 'BTC' })];
    expect(assess(positions, { rule }).breakCostUsd).toBeCloseTo(0.025 * 50_000, 9);
  });

  test('behavior: a position of 100 USD at most is closed whole', () => {
    expect(assess([token('USDC', 4), perp('0.04')]).breakCostUsd).toBeCloseTo(0.025 * 80.4, 9);
    expect(assess([token('USDC', 5), perp('0.06')]).breakCostUsd).toBeCloseTo(0.025 * 60.3, 9);
  });

  test('behavior: without a position nothing is required, even of a debt', () => {
    const nothing = { breakCostUsd: 0, requirementUsd: 0, health: null };
    expect(assess([token('USDC', 100)])).toEqual(nothing);
    expect(assess([token('USDC', -100)])).toEqual(nothing);
  });

  test('behavior: health < 1 exactly when the value is under the requirement, and only then does it cost', () => {
    const amount = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const price = fc.double({ min: 0.1, max: 6, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(amount, amount, amount, price), ([usdc, pnl, milli, factor]) => {
        fc.pre(milli !== 0);
        const size = milli / 1_000;
        const state = assess([token('USDC', usdc), perp(size, { unrealisedUsd: pnl })], { factor });
        const margin = usdc + pnl + size * 2_010 * (factor - 1) - state.requirementUsd;
        fc.pre(Math.abs(margin) > 1e-3);
        expect((state.health ?? 0) < 1).toBe(margin < 0);
        expect(state.breakCostUsd > 0).toBe(margin < 0);
        const notionalUsd = Math.abs(size) * 2_010 * factor;
        expect(state.breakCostUsd).toBeLessThanOrEqual(0.025 * notionalUsd + 1e-6);
      }),
    );
  });

  test('error: SiloRuleError for an option', () => {
    expect(() => assess([option(1)])).toThrow(SiloRuleError);
  });

  test('error: InputRangeError for a ratio that is none', () => {
    for (const wrong of [
      { maintenanceRatio: '1.1' },
      { penaltyRatio: '-0.1' },
      { closeFactor: 2 },
      { minPartialUsd: -1 },
    ]) {
      expect(() => assess([perp(1)], { rule: { ...RULE, ...wrong } }), JSON.stringify(wrong)).toThrow(InputRangeError);
    }
  });
});

describe('a book with such an account', () => {
  const lone = [
    { ...token('USDC', 1_000), ...HOME },
    { ...perp(10, { unrealisedUsd: 100 }), ...HOME },
  ];

  test('behavior: where nobody owes anything, the liquidation that is due still costs, and every leg has its share', () => {
    const { equityUsd, maintenanceUsd, health, legs, binding, silos } = computeMargin(
      book(lone, { silos: [PERP], ...scenarios() }),
    );
    expect(equityUsd).toBeCloseTo(1_100, 9);
    expect(maintenanceUsd).toBeCloseTo(0.025 * 10_050, 6);
    expect(health).toBeCloseTo(1_100 / (0.025 * 10_050), 9);
    const shares = legs.map(({ bindingUsd }) => bindingUsd);
    expect(shares.every((share) => share > 0)).toBe(true);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(binding.lossUsd, 9);
    expect(silos[0]).toMatchObject({ requirementUsd: 1_256.25, bindingUsd: binding.lossUsd });
  });

  test('behavior: a short against the same ether elsewhere needs far less than both venues by themselves', () => {
    const aave = {
      ...{ id: 'aaveV3', venue: 'aaveV3' },
      rule: {
        ...{ kind: 'lending', closeFactor: '0.5', fullCloseBelow: '0.95' },
        collateral: { WETH: { threshold: '0.825', bonus: '0.05' } },
      },
    };
    const positions = [
      { ...token('WETH', 50), silo: 'aaveV3' },
      { ...token('USDC', -40_000), silo: 'aaveV3' },
      { ...token('USDC', 20_000), ...HOME },
      { ...perp(-50), ...HOME },
    ];
    const { siloedUsd, maintenanceUsd } = computeMargin(book(positions, { silos: [aave, PERP] }));
    expect(siloedUsd).toBeCloseTo(100_000 * 0.175 + 0.0625 * 100_500, 6);
    expect(maintenanceUsd).toBeLessThan(siloedUsd / 3);
  });

  test('behavior: as a file and back', () => {
    const written = formatBook(book(lone, { silos: [PERP] }));
    expect(written.silos).toEqual([PERP]);
    expect(formatBook(parseBook(JSON.parse(JSON.stringify(written))))).toEqual(written);
  });
});
