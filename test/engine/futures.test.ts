import { describe, expect, test } from 'vitest';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin, UnboundedMarginError } from '../../src/engine/margin.ts';
import { MissingExpiryError } from '../../src/engine/readLegs.ts';
import { SiloRuleError } from '../../src/engine/silos/silo.ts';
import { UnsupportedLegError } from '../../src/engine/supported.ts';
import { optionValue } from '../../src/engine/value.ts';
import { positionKey } from '../../src/portfolio/order.ts';
import { book, LYRA, MARKET, MONTH, option, perp, scenarios, token } from './books.ts';

const QUOTE = { ...MARKET.expiries[0], forwardUsd: 2100 };
const FORWARD = { market: { ...MARKET, expiries: [QUOTE] } };
const HALF = scenarios({ id: 'half', spot: 0.5, vol: 'none', weight: 1 });
const INVERSE = { settlement: 'inverse' };

function lossOf(position: ReturnType<typeof perp>): number {
  return computeMargin(book([position], { ...FORWARD, ...HALF })).legs[0]?.bindingUsd ?? Number.NaN;
}

describe('futures and inverse contracts', () => {
  test('default: a dated future moves with the forward of its expiry', () => {
    expect(lossOf(perp(2, { expiry: MONTH }))).toBeCloseTo(2 * 2100 * 0.5, 9);
    expect(lossOf(perp(2))).toBeCloseTo(2 * 2010 * 0.5, 9);
  });

  test('behavior: an inverse contract is valued in the coin and converted at the moved price, by hand', () => {
    // −50 %: 2 · (0.5 − 1)/0.5 = −2 coins, worth 1000 each; and 0.1 coins accrued are worth 100 instead of 200.
    expect(lossOf(perp(2, { expiry: MONTH, ...INVERSE }))).toBeCloseTo(2000, 9);
    expect(lossOf(perp(2, { ...INVERSE, unrealisedUsd: 150, fundingUsd: 50 }))).toBeCloseTo(2000 + 100, 9);
  });

  test('behavior: an inverse option is worth Black-76 over the forward in coins', () => {
    const terms = { type: 'call', strikeUsd: 2500, vol: 0.8, years: 30 / 365, discount: 1 } as const;
    const coins = optionValue({ ...terms, forwardUsd: 2100 }) / 2100;
    const rated = { market: { ...MARKET, expiries: [{ ...QUOTE, rate: 1 }] } };
    const { equityUsd } = computeMargin(book([option(3, INVERSE)], rated));
    expect(equityUsd).toBeCloseTo(3 * coins * 2000, 9);
    const moved = (3 * optionValue({ ...terms, forwardUsd: 1050 })) / 1050;
    expect(lossOf(option(3, INVERSE))).toBeCloseTo(3 * coins * 2000 - moved * 1000, 9);
  });

  test('behavior: the book says expiry and settlement back; the usual settlement is not said', () => {
    const parsed = book([
      perp(1, { expiry: MONTH, ...INVERSE }),
      option(1, INVERSE),
      perp(1, { settlement: 'linear' }),
    ]);
    const json = formatBook(parsed);
    expect(parseBook(json)).toEqual(parseBook(formatBook(parseBook(json))));
    expect(json.positions.filter(({ kind }) => kind === 'perp')).toEqual([
      expect.objectContaining({ expiry: MONTH, settlement: 'inverse' }),
      expect.not.objectContaining({ settlement: expect.anything(), expiry: expect.anything() }),
    ]);
    expect(parsed.portfolio.positions[2]).toEqual(book([perp(1)]).portfolio.positions[0]);
  });

  test('behavior: contracts that differ in expiry or settlement alone have different keys', () => {
    const all = book([perp(1), perp(1, INVERSE), perp(1, { expiry: MONTH }), option(1), option(1, INVERSE)]);
    expect(new Set(all.portfolio.positions.map(positionKey)).size).toBe(5);
  });

  test('behavior: a price of zero is a price: a linear option has its value, an inverse one none that is finite', () => {
    const { forwardUsd: _, ...quote } = QUOTE;
    const assets = { ...MARKET.assets, ETH: { usd: 0, confidence: 1 } };
    const market = { ...MARKET, assets, expiries: [{ ...quote, carry: 0 }] };
    expect(computeMargin(book([option(-2, { type: 'put' })], { market })).equityUsd).toBeCloseTo(-5000, 9);
    expect(() => computeMargin(book([option(-2, { type: 'put', ...INVERSE })], { market }))).toThrow(
      UnboundedMarginError,
    );
  });

  test('error: MissingExpiryError', () => {
    expect(() => computeMargin(book([perp(1, { expiry: MONTH + 1 })]))).toThrow(MissingExpiryError);
  });

  test('error: UnsupportedLegError under derive-pm2', () => {
    for (const position of [perp(1, { expiry: MONTH }), perp(1, INVERSE), option(1, INVERSE)]) {
      const input = book([token('USDC', 1), position], { model: 'derive-pm2' });
      expect(() => computeMargin(input)).toThrow(UnsupportedLegError);
      expect(() => computeMargin(input)).toThrow(/positions\[1\]/);
    }
  });

  test('error: SiloRuleError for an inverse option in a silo of linear ones', () => {
    const positions = [option(-1, { ...INVERSE, silo: 'lyra:1' }), token('USDC', 900, { silo: 'lyra:1' })];
    expect(() => computeMargin(book(positions, { silos: [LYRA] }))).toThrow(SiloRuleError);
  });
});
