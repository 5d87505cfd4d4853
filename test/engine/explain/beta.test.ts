import { expect, test } from 'vitest';
import { betaDelta, MissingBetaError } from '../../../src/engine/explain/beta.ts';
import { book, perp, token } from '../books.ts';

const LEGS = [token('ETH', 10), token('BTC', -0.2), token('USDC', 500)];

test('default: by the model: correlation times the ratio of the volatilities, by hand', () => {
  // ρ 0.66, ETH at 70 %, BTC at 200 %: β of BTC to ETH = 0.66 · 2/0.7.
  const beta = (0.66 * 2) / 0.7;
  const result = betaDelta(book(LEGS));
  expect(result?.benchmark).toBe('ETH');
  expect(result?.rows.map(({ factor, source, deltaUsd }) => [factor, source, deltaUsd])).toEqual([
    ['BTC', 'model', -10_000],
    ['ETH', 'model', 20_000],
  ]);
  expect(result?.rows.map((row) => row.beta)).toEqual([expect.closeTo(beta, 12), 1]);
  expect(result?.betaDeltaUsd).toBeCloseTo(20_000 - 10_000 * beta, 8);
  expect(result?.betaDelta).toBeCloseTo((20_000 - 10_000 * beta) / 2000, 10);
});

test('behavior: to another benchmark, held or not', () => {
  const beta = (0.66 * 0.7) / 2;
  const result = betaDelta(book([token('ETH', 10)]), { benchmark: 'BTC' });
  expect(result?.betaDeltaUsd).toBeCloseTo(20_000 * beta, 8);
  expect(result?.betaDelta).toBeCloseTo((20_000 * beta) / 50_000, 10);
});

test('behavior: a beta that is handed in goes before the model, under any model', () => {
  const legs = [perp(3), token('BTC', 1)];
  const given = { benchmark: 'BTC', betas: { ETH: 1.5 } };
  for (const model of ['crossmargin-1', 'siloed']) {
    const result = betaDelta(book(legs, { model }), given);
    expect(result?.rows.map(({ beta, source }) => [beta, source])).toEqual([
      [1, 'model'],
      [1.5, 'given'],
    ]);
    expect(result?.betaDeltaUsd).toBeCloseTo(50_000 + 1.5 * 3 * 2010, 8);
  }
});

test('behavior: an exact hedge by beta leaves nothing', () => {
  const hedge = betaDelta(book([token('ETH', 10), token('BTC', -0.2)]), { benchmark: 'ETH', betas: { BTC: 2 } });
  expect(hedge?.betaDelta).toBeCloseTo(0, 12);
});

test('behavior: a book of dollars has no beta', () => {
  expect(betaDelta(book([token('USDC', 500)]))).toBeUndefined();
});

test('error: a beta that nothing gives', () => {
  expect(() => betaDelta(book([token('ETH', 1), token('NEW', 1)]))).toThrow(/market.assets.NEW.vol is missing/);
  expect(() => betaDelta(book(LEGS, { model: 'siloed' }))).toThrow(/siloed has no correlations/);
  expect(() => betaDelta(book(LEGS), { benchmark: 'DOGE' })).toThrow(MissingBetaError);
});
