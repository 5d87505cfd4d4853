import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookError } from '../../src/book/bookError.ts';
import { canonical } from '../../src/book/canonical.ts';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { sortPortfolio } from '../../src/portfolio/order.ts';
import { AAVE, book, LYRA, MARKET, option, perp, token } from '../engine/books.ts';

const name = fc.constantFrom('ETH', 'BTC', 'USDC', '__proto__', 'é😀', 'a.b[0]');
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 27 }))
  .map(([raw, decimals]) => {
    const digits = (raw < 0n ? -raw : raw).toString().padStart(decimals + 1, '0');
    const cut = digits.length - decimals;
    return `${raw < 0n ? '-' : ''}${digits.slice(0, cut)}${decimals > 0 ? `.${digits.slice(cut)}` : ''}`;
  });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const clean = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));

const home = { silo: fc.constantFrom('x', 'y'), custody: optional(fc.constantFrom('pledged', 'observed')) };
const position = fc.oneof(
  fc.record({ kind: fc.constant('token'), asset: name, amount: decimal, ...home }),
  fc.record({
    kind: fc.constant('option'),
    underlying: name,
    type: fc.constantFrom('call', 'put'),
    strike: decimal,
    expiry: fc.nat(),
    amount: decimal,
    ...home,
  }),
  fc.record({
    kind: fc.constant('perp'),
    underlying: name,
    amount: decimal,
    unrealisedUsd: decimal,
    fundingUsd: decimal,
    ...home,
  }),
  fc.record({
    kind: fc.constant('range'),
    token0: name,
    token1: name,
    decimals0: fc.nat({ max: 77 }),
    decimals1: fc.nat({ max: 77 }),
    tickLower: fc.integer({ min: -887_272, max: 887_272 }),
    tickUpper: fc.integer({ min: -887_272, max: 887_272 }),
    amount: decimal,
    ...home,
  }),
);
const asset = fc.record({ usd: decimal, confidence: decimal, peg: optional(name), vol: optional(decimal) }).map(clean);
const expiry = fc
  .record({
    underlying: name,
    expiry: fc.nat(),
    rate: decimal,
    confidence: fc.record({ forward: decimal, rate: decimal, vol: decimal }),
  })
  .chain((quote) =>
    fc.constantFrom('forwardUsd', 'carry').chain((key) => decimal.map((value) => ({ ...quote, [key]: value }))),
  );
const rule = fc.oneof(
  fc.constant({ kind: 'owned' }),
  fc.record({
    kind: fc.constant('lending'),
    collateral: fc.dictionary(name, fc.record({ threshold: decimal, bonus: decimal })),
    closeFactor: decimal,
    fullCloseBelow: decimal,
  }),
  fc.record({
    kind: fc.constant('shortOption'),
    collateralIn: fc.constantFrom('underlying', 'quote'),
    minStaticCollateral: decimal,
    spotShock: decimal,
    shockVol: decimal,
    rate: decimal,
    penaltyRatio: decimal,
    minPenaltyUsd: decimal,
  }),
);
const json = fc.record({
  asOf: fc.nat(),
  model: fc.constantFrom('crossmargin-1', 'derive-pm2', {
    preset: 'crossmargin-1',
    parameters: { imFactor: 1.5 },
    scenarios: [],
  }),
  market: fc.record({
    assets: fc.dictionary(name, asset),
    perps: fc.dictionary(name, fc.record({ usd: decimal, confidence: decimal })),
    expiries: fc.array(expiry, { maxLength: 3 }),
    vols: fc.array(
      fc
        .record({
          underlying: name,
          expiry: fc.nat(),
          strike: decimal,
          vol: decimal,
          type: optional(fc.constantFrom('call', 'put')),
        })
        .map(clean),
      { maxLength: 3 },
    ),
  }),
  positions: fc.array(position.map(clean), { maxLength: 5 }),
  silos: fc.tuple(rule, rule).map(([x, y]) => [
    { id: 'y', venue: 'v', rule: y },
    { id: 'x', venue: 'w', rule: x },
  ]),
});

const FULL = book(
  [
    token('WETH', 10, { silo: 'aaveV3' }),
    token('USDC', '-9000.000000000000000001', { silo: 'aaveV3' }),
    option(-1, { silo: 'lyra:1' }),
    token('USDC', 1000, { silo: 'lyra:1' }),
    perp('0.1', { custody: 'observed' }),
  ],
  { silos: [AAVE, LYRA], market: { ...MARKET, expiries: [...MARKET.expiries] } },
);

describe('formatBook', () => {
  test('default: nothing left to a default, every amount an exact text', () => {
    const formatted = formatBook(FULL);
    expect(formatted.positions).toContainEqual({
      kind: 'token',
      asset: 'USDC',
      amount: '-9000.000000000000000001',
      venue: 'aaveV3',
      silo: 'aaveV3',
      custody: 'pledged',
    });
    expect(formatted.silos?.map(({ id }) => id)).toEqual(['aaveV3', 'book', 'lyra:1']);
    expect(formatted.market.assets.BTC).toEqual({ usd: '50000', confidence: '1', vol: '2' });
    expect(formatted.model).toEqual(FULL.model);
    expect(formatted.model).not.toBe(FULL.model);
  });

  test('behavior: parse(format(book)) is the book, its portfolio sorted', () => {
    fc.assert(
      fc.property(json, (value) => {
        const parsed = parseBook(JSON.parse(JSON.stringify(value)));
        const again = parseBook(JSON.parse(canonical(formatBook(parsed))));
        const { expiries, vols, ...market } = parsed.market;
        expect(again.portfolio).toEqual(sortPortfolio(parsed.portfolio));
        expect(again.model).toEqual(parsed.model);
        expect(again.asOf).toBe(parsed.asOf);
        expect(again.market).toMatchObject(market);
        expect(again.market.expiries).toHaveLength(expiries.length);
        expect(again.market.expiries).toEqual(expect.arrayContaining([...expiries]));
        expect(again.market.vols).toEqual(expect.arrayContaining([...vols]));
        expect(canonical(formatBook(again))).toBe(canonical(formatBook(parsed)));
      }),
      { numRuns: 300 },
    );
  });

  test('behavior: one text whatever the order of positions, silos and quotes', () => {
    const { portfolio, market } = FULL;
    const reversed = {
      ...FULL,
      portfolio: { positions: portfolio.positions.toReversed(), silos: portfolio.silos.toReversed() },
      market: { ...market, vols: market.vols.toReversed() },
    };
    expect(canonical(formatBook(reversed))).toBe(canonical(formatBook(FULL)));
  });

  test('behavior: the margin of the formatted book is the margin of the book, to the last bit', () => {
    const { legs: _, ...margin } = computeMargin(FULL);
    const { legs: __, ...again } = computeMargin(parseBook(formatBook(FULL)));
    expect(again).toEqual(margin);
    for (const line of readFileSync('test/vectors/derive-pm2.jsonl', 'utf8').trim().split('\n')) {
      const parsed = parseBook((JSON.parse(line) as { book: unknown }).book);
      const { legs: ___, ...expected } = computeMargin(parsed);
      expect(computeMargin(parseBook(formatBook(parsed)))).toMatchObject(expected);
    }
  });

  test('error: BookError', () => {
    expect(() => formatBook({ ...FULL, asOf: FULL.asOf + 1 })).toThrow(BookError);
  });
});
