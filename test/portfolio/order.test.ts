import { describe, expect, test } from 'vitest';
import { compareText, positionKey, sortPortfolio } from '../../src/portfolio/order.ts';
import { book, option, perp, range, token } from '../engine/books.ts';

const { portfolio } = book([perp(1), token('ETH', 2, { silo: 'b' }), option(3), token('ETH', 1, { silo: 'a' })]);

describe('sortPortfolio', () => {
  test('default', () => {
    const sorted = sortPortfolio(portfolio);
    expect(sorted.silos.map(({ id }) => id)).toEqual(['a', 'b', 'book']);
    expect(sorted.positions.map(({ kind, silo }) => [kind, silo])).toEqual([
      ['token', 'a'],
      ['token', 'b'],
      ['option', 'book'],
      ['perp', 'book'],
    ]);
  });

  test('behavior: any order gives the same, and the input is not touched', () => {
    const before = [...portfolio.positions];
    const reversed = { positions: portfolio.positions.toReversed(), silos: portfolio.silos.toReversed() };
    expect(sortPortfolio(reversed)).toEqual(sortPortfolio(portfolio));
    expect(portfolio.positions).toEqual(before);
  });
});

describe('positionKey', () => {
  test('behavior: equal amounts have equal keys, however they are written', () => {
    const [position] = book([token('ETH', '1.5')]).portfolio.positions;
    if (position?.kind !== 'token') throw new TypeError('the book has a token');
    const written = { ...position, amount: { raw: 1_500_000n, decimals: 6 } };
    expect(positionKey(written)).toBe(positionKey(position));
    expect(positionKey({ ...written, amount: { raw: 1_500_001n, decimals: 6 } })).not.toBe(positionKey(position));
  });

  test('behavior: every field counts', () => {
    const base = [option(1), perp(1), token('ETH', 1), range(1)];
    const changed = [
      option(2),
      option(1, { strike: 2501 }),
      option(1, { type: 'put' }),
      option(1, { expiry: 1 }),
      option(1, { underlying: 'BTC' }),
      option(1, { custody: 'observed' }),
      option(1, { silo: 'x' }),
      option(1, { silo: 'book', venue: 'v' }),
      perp(1, { unrealisedUsd: 1 }),
      perp(1, { fundingUsd: 1 }),
      perp(2),
      token('BTC', 1),
      range(2),
      ...[{ token0: 'ETH' }, { token1: 'BTC' }, { decimals0: 8 }, { decimals1: 8 }].map((terms) => range(1, terms)),
      ...[{ tickLower: 0 }, { tickUpper: 0 }].map((terms) => range(1, terms)),
    ];
    const keys = [...base, ...changed].map((position) => book([position]).portfolio.positions.map(positionKey)[0]);
    expect(new Set(keys).size).toBe(base.length + changed.length);
  });
});

describe('compareText', () => {
  test('default', () => {
    expect(['b', 'a', 'B', 'é', ''].sort(compareText)).toEqual(['', 'B', 'a', 'b', 'é']);
    expect(compareText('a', 'a')).toBe(0);
  });
});
