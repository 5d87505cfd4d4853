import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { followsFactor, moveInputs } from '../../src/engine/explain/move.ts';
import { InputRangeError, readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { derivePm2 } from '../../src/engine/models/derivePm2.ts';
import { MissingPriceError, readLegs } from '../../src/engine/readLegs.ts';
import { assessSilo, SiloRuleError } from '../../src/engine/silos/silo.ts';
import { legValue } from '../../src/engine/valuation.ts';
import { book, MARKET, option, perp, scenarios, token } from './books.ts';

type Json = Readonly<Record<string, unknown>>;

const ID = 'gmxV2:0x01';
const RULE = { kind: 'isolatedPerp', requirementUsd: '200', adjustmentUsd: '0', penaltyUsd: '80' };
const SILO = { id: ID, venue: 'gmxV2', rule: RULE };
const HOME = { silo: ID, venue: 'gmxV2' };

/** The position's own silo in a scenario that multiplies the perpetual's price. */
function assess(positions: readonly Json[], { factor = 1, rule = {} as Json } = {}) {
  const home = positions.map((position) => ({ ...position, ...HOME }));
  const inputs = readInputs(book(home, { silos: [{ ...SILO, rule: { ...RULE, ...rule } }] }));
  const legs = readLegs(inputs);
  const valuesUsd = legs.map((leg) =>
    legValue(leg, { price: () => (leg.kind === 'token' ? 1 : factor), vol: () => 0 }),
  );
  const [own] = inputs.silos;
  if (own === undefined) throw new SiloRuleError(ID, 'the book has a silo');
  return assessSilo(own, { legs, valuesUsd, spotUsd: () => 0, volOf: ({ vol }) => vol, factorOf: (asset) => asset });
}

describe('assessSilo of an isolated position', () => {
  test('default: collateral, profit and fees against a requirement that does not move, by hand', () => {
    const legs = [token('USDC', 1_000), token('USDC', -20), perp(2, { unrealisedUsd: -300, fundingUsd: -30 })];
    expect(assess(legs)).toEqual({ breakCostUsd: 0, requirementUsd: 200, health: 650 / 200 });
    const fallen = assess(legs, { factor: 0.9 });
    expect(fallen.requirementUsd).toBe(200);
    expect(fallen.health).toBeCloseTo((650 - 2 * 201) / 200, 12);
  });

  test('behavior: exactly at the requirement nothing is liquidated, under it the penalty is taken', () => {
    expect(assess([token('USDC', 200), perp(1)])).toMatchObject({ health: 1, breakCostUsd: 0 });
    expect(assess([token('USDC', '199.99'), perp(1)]).breakCostUsd).toBe(80);
  });

  test('behavior: the penalty is at most what is left, and of nothing nothing', () => {
    expect(assess([token('USDC', 50), perp(1)]).breakCostUsd).toBe(50);
    expect(assess([token('USDC', 50), perp(1, { unrealisedUsd: -90 })])).toMatchObject({ breakCostUsd: 0, health: 0 });
  });

  test('behavior: what the test counts otherwise moves the equity at which the venue liquidates', () => {
    const more = assess([token('USDC', 150), perp(1)], { rule: { adjustmentUsd: '60' } });
    expect(more).toEqual({ breakCostUsd: 0, requirementUsd: 140, health: 210 / 200 });
    const less = assess([token('USDC', 250), perp(1)], { rule: { adjustmentUsd: '-60' } });
    expect(less).toEqual({ breakCostUsd: 80, requirementUsd: 260, health: 190 / 200 });
  });

  test('behavior: without a requirement a position is liquidated once nothing is left', () => {
    const rule = { requirementUsd: '0' };
    expect(assess([token('USDC', 1), perp(1)], { rule })).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: null });
    expect(assess([perp(1)], { rule })).toEqual({ breakCostUsd: 0, requirementUsd: 0, health: 0 });
  });

  test('behavior: tokens alone are not liquidated', () => {
    expect(assess([token('USDC', 1)])).toMatchObject({ breakCostUsd: 0, health: null });
  });

  test('behavior: health < 1 exactly when the equity is under the requirement, and the cost is at most what is left', () => {
    const amount = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(
        fc.tuple(amount, amount, amount, fc.double({ min: 0.1, max: 6, noNaN: true })),
        ([a, b, c, factor]) => {
          fc.pre(c !== 0);
          const rule = { adjustmentUsd: `${b / 1_000}` };
          const size = c / 1_000;
          const state = assess([token('USDC', a), perp(size)], { factor, rule });
          const equityUsd = a + size * 2_010 * (factor - 1);
          const margin = equityUsd + b / 1_000 - 200;
          fc.pre(Math.abs(margin) > 1e-3);
          expect((state.health ?? 0) < 1).toBe(margin < 0);
          expect(state.breakCostUsd).toBeLessThanOrEqual(Math.max(0, Math.min(80, equityUsd)) + 1e-6);
          if (margin > 0) expect(state.breakCostUsd).toBe(0);
        },
      ),
    );
  });

  test('error: SiloRuleError for two perps, an option, or a perp that pays its underlying', () => {
    for (const legs of [[perp(1), perp(2)], [perp(1), option(1)], [perp(1, { settlement: 'inverse' })]]) {
      expect(() => assess(legs)).toThrow(SiloRuleError);
    }
  });

  test('error: InputRangeError for a requirement or a penalty below zero', () => {
    for (const rule of [{ requirementUsd: '-1' }, { penaltyUsd: '-1' }]) {
      expect(() => assess([perp(1)], { rule })).toThrow(InputRangeError);
    }
  });

  test('default: a book with such a silo is written and read again as it was', () => {
    const input = book([{ ...perp(1), ...HOME }], { silos: [SILO] });
    const [silo] = parseBook(formatBook(input) as never).portfolio.silos;
    expect(silo).toEqual(input.portfolio.silos[0]);
  });
});

describe("a venue's own mark", () => {
  const OWN = { 'gmxV2:ETH': { usd: 1_990, confidence: 0.9 } };
  const both = { ...MARKET, perps: { ...MARKET.perps, ...OWN } };
  const legOf = (market: Json, home: Json) => readLegs(readInputs(book([{ ...perp(1), ...home }], { market })))[0];

  test('default: is for its own perpetuals, and the mark of the underlying for all others', () => {
    expect(legOf(both, HOME)).toMatchObject({ priceUsd: 1_990, confidence: 0.9 });
    expect(legOf(both, {})).toMatchObject({ priceUsd: 2_010, confidence: 1 });
    expect(legOf(MARKET, HOME)).toMatchObject({ priceUsd: 2_010 });
  });

  test('behavior: is found by the name of the venue on its chain', () => {
    const market = { ...MARKET, perps: { 'gmxV2@43114:ETH': { usd: 1_991, confidence: 1 } } };
    expect(legOf(market, { ...HOME, venue: 'gmxV2@43114' })).toMatchObject({ priceUsd: 1_991 });
  });

  test('behavior: tells derive-pm2 what the account is on, and how sure its mark is', () => {
    const initialUsd = (confidence: number) => {
      const perps = { 'gmxV2:ETH': { usd: 2_010, confidence } };
      const input = book([{ ...perp(1), ...HOME }, token('USDC', 5_000)], { market: { ...MARKET, perps } });
      return computeMargin({ ...input, model: derivePm2 }).initialUsd;
    };
    expect(initialUsd(0.2)).toBeGreaterThan(initialUsd(1));
  });

  test('error: MissingPriceError for another venue where only one has a mark', () => {
    expect(() => legOf({ ...MARKET, perps: OWN }, {})).toThrow(MissingPriceError);
  });

  test('behavior: moves with its underlying, and the equity after the move is that of the scenario', () => {
    const input = book([{ ...perp(2), ...HOME }], {
      market: both,
      ...scenarios({ id: 'x', spot: 0.8, vol: 'none', weight: 1 }),
    });
    const inputs = readInputs(input);
    const moved = moveInputs(inputs, { factor: 0.8, isMoved: followsFactor(inputs.market, ['ETH']) });
    expect(moved.market.perps['gmxV2:ETH']?.usd).toBeCloseTo(1_592, 9);
    const [, scenario] = computeMargin(input).scenarios;
    expect(moved.positions[0]).toMatchObject({ unrealisedUsd: expect.closeTo(scenario?.pnlUsd ?? 0, 9) });
  });
});
