import { expect, test } from 'vitest';
import type { Book } from '../../../src/book/parseBook.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { carryPerps } from '../../../src/report/change/carryPerps.ts';
import { type Attributed, describeChange } from '../../../src/report/change/change.ts';
import { parseDecimal } from '../../../src/units/decimal.ts';
import { AS_OF, book, MARKET, MONTH, option, perp, scenarios, token } from '../../engine/books.ts';

type Json = Readonly<Record<string, unknown>>;
const PARTS = scenarios({ id: 'down', spot: 0.8, vol: 'none', weight: 1 });

/** The market with ether (and all that follows it) at another price, a minute later. */
function marketAt(usd: number, parts: Json = {}): Json {
  const { ETH, WETH, WSTETH } = MARKET.assets;
  const share = usd / 2000;
  const assets = {
    ...MARKET.assets,
    ETH: { ...ETH, usd },
    WETH: { ...WETH, usd },
    WSTETH: { ...WSTETH, usd: 2400 * share },
  };
  const expiries = MARKET.expiries.map((quote) => ({ ...quote, forwardUsd: quote.forwardUsd * share }));
  return { ...MARKET, assets, perps: { ETH: { usd: 2010 * share, confidence: 1 } }, expiries, ...parts };
}

function bookAt(usd: number, positions: readonly Json[], parts: Json = PARTS): Book {
  return book(positions, { market: marketAt(usd), asOf: AS_OF + (usd === 2000 ? 0 : 60), ...parts });
}

function attributed(before: Book, after: Book): Attributed {
  const { attribution } = describeChange(before, after);
  if ('error' in attribution) throw new RangeError(attribution.error.message);
  return attribution;
}

/** The exact sum of decimal texts. */
function total(...texts: string[]): bigint {
  return texts.map(parseDecimal).reduce((all, { raw, decimals }) => all + raw * 10n ** BigInt(60 - decimals), 0n);
}

test('default: the market and the positions each did their part, by hand', () => {
  const before = bookAt(2000, [token('ETH', 10), token('USDC', -5000)]);
  const after = bookAt(2100, [token('ETH', 12), token('USDC', -7000), token('BTC', 0.01)]);
  const { equityUsd, maintenanceUsd } = attributed(before, after);
  expect(equityUsd).toEqual({ market: '1000', positions: '2700', model: '0', total: '3700' });
  // 20 % of all but dollars, and the cover of 1e-12.
  expect(Number(maintenanceUsd.market)).toBeCloseTo(10 * 100 * 0.2, 6);
  expect(Number(maintenanceUsd.positions)).toBeCloseTo((2 * 2100 + 500) * 0.2, 6);
});

test('default: what was added, removed and changed, and every quote that moved', () => {
  const before = bookAt(2000, [token('ETH', 10), option(-2), perp(1, { unrealisedUsd: 5 })]);
  const after = bookAt(2100, [
    token('ETH', 8),
    token('ETH', 3),
    option(1, { type: 'put' }),
    perp(1, { unrealisedUsd: 105 }),
  ]);
  const { positions, quotes } = describeChange(before, after);
  expect(positions.map(({ change, terms, before: was, after: is }) => [change, terms.kind, was, is])).toEqual([
    ['changed', 'token', { amount: '10' }, { amount: '11' }],
    ['removed', 'option', { amount: '-2' }, null],
    ['added', 'option', null, { amount: '1' }],
    [
      'changed',
      'perp',
      { amount: '1', unrealisedUsd: '5', fundingUsd: '0' },
      { amount: '1', unrealisedUsd: '105', fundingUsd: '0' },
    ],
  ]);
  expect(quotes).toEqual([
    { place: 'asOf', before: String(AS_OF), after: String(AS_OF + 60) },
    { place: 'assets.ETH.usd', before: '2000', after: '2100' },
    { place: 'assets.WETH.usd', before: '2000', after: '2100' },
    { place: 'assets.WSTETH.usd', before: '2400', after: '2520' },
    { place: `expiries.ETH.${MONTH}.forwardUsd`, before: '2000', after: '2100' },
    { place: 'perps.ETH.usd', before: '2010', after: '2110.5' },
  ]);
});

test('behavior: what a perp gained is the market, not a trade: linear, dated and inverse', () => {
  const kinds = [
    [{}, 2 * 100.5],
    [{ expiry: MONTH }, 2 * 100],
    [{ settlement: 'inverse' }, 2 * 100 + 30 * 0.05],
  ] as const;
  for (const [terms, gainedUsd] of kinds) {
    const accrued = { unrealisedUsd: 30, fundingUsd: 0, ...terms };
    const before = bookAt(2000, [perp(2, accrued)]);
    const carried = carryPerps(before.portfolio, { before: before.market, after: bookAt(2100, []).market });
    const after = { ...bookAt(2100, []), portfolio: carried };
    const { equityUsd } = attributed(before, after);
    expect(Number(equityUsd.market)).toBeCloseTo(gainedUsd, 9);
    expect(equityUsd.positions).toBe('0');
  }
});

test('behavior: funding that was paid and a trade are the positions', () => {
  const before = bookAt(2000, [perp(2, { fundingUsd: 0 })]);
  const after = bookAt(2100, [perp(2, { unrealisedUsd: 201, fundingUsd: -3 })]);
  const { equityUsd } = attributed(before, after);
  expect([Number(equityUsd.market), Number(equityUsd.positions)]).toEqual([201, -3]);
});

test('behavior: the parts add up to the last digit, and the total is what the two reports say', () => {
  const before = bookAt(2000, [token('ETH', '3.3333'), option('-0.7'), perp('1.1', { unrealisedUsd: '0.1' })]);
  const after = bookAt(2034.567, [token('ETH', '2.9'), option('-0.9'), perp('1.3'), token('BTC', '0.017')], {});
  const change = attributed(before, after);
  const [was, is] = [computeMargin(before), computeMargin(after)];
  for (const name of ['equityUsd', 'maintenanceUsd', 'initialUsd'] as const) {
    const { market, positions, model, total: all } = change[name];
    expect(total(market, positions, model)).toBe(total(all));
    expect(total(String(was[name]), all)).toBe(total(String(is[name])));
  }
  expect(change.maintenanceUsd.model).not.toBe('0');
});

test('behavior: the same book twice differs in nothing', () => {
  const one = bookAt(2000, [token('ETH', 10), option(-2)]);
  const { positions, quotes, attribution, before, after } = describeChange(one, one);
  expect([positions, quotes]).toEqual([[], []]);
  expect(before).toEqual(after);
  expect((attribution as Attributed).equityUsd).toEqual({ market: '0', positions: '0', model: '0', total: '0' });
});

test('behavior: where the old positions have no price any more, the rest is still said', () => {
  const before = bookAt(2000, [option(-2), token('ETH', 1)]);
  const later = book([token('ETH', 1)], { ...PARTS, market: marketAt(2100, { expiries: [], vols: [] }) });
  const { attribution, after, positions } = describeChange(before, later);
  expect(attribution).toEqual({ error: expect.objectContaining({ code: 'MissingExpiryError' }) });
  expect(after.equityUsd).toBe(2100);
  expect(positions.map(({ change }) => change)).toEqual(['removed']);
});
