import { expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { explainBook } from '../../src/cli/explainBook.ts';
import { renderExplanation } from '../../src/cli/renderExplanation.ts';
import { computeMargin } from '../../src/engine/margin.ts';

const BOOK = {
  asOf: 1_740_000_000,
  model: { preset: 'paradex-2026', scenarios: [{ id: 'down', spot: 0.9, vol: 'none', weight: 1 }] },
  market: {
    assets: {
      ETH: { usd: 2000, confidence: 1 },
      BTC: { usd: 50_000, confidence: 1 },
      USDC: { usd: 1, confidence: 1, peg: 'USD' },
    },
    perps: { ETH: { usd: 2000, confidence: 1 }, BTC: { usd: 50_000, confidence: 1 } },
  },
  positions: [
    { kind: 'perp', underlying: 'ETH', amount: 3, unrealisedUsd: 0, fundingUsd: 0 },
    { kind: 'perp', underlying: 'ETH', amount: -1, unrealisedUsd: 0, fundingUsd: 0 },
    { kind: 'perp', underlying: 'BTC', amount: 0.1, unrealisedUsd: 0, fundingUsd: 0 },
    { kind: 'token', asset: 'USDC', amount: '1000.5' },
  ],
};

function explain(json: unknown) {
  const book = parseBook(json);
  return explainBook(book, computeMargin(book));
}

test('default: legs, what closing frees, and moves, by hand', () => {
  const lines = renderExplanation('a.json', explain(BOOK)).split('\n');
  const rows = lines.map((line) => line.trim().split(/ {2,}/));
  expect(lines[1]).toBe('Health 2.223: equity 1,001, maintenance 450');
  expect(lines[2]).toBe('Worst scenario: BTC −10 %; ETH −10 % (BTC:down + ETH:down): loses 900');
  expect(rows).toContainEqual(['ETH perp 3', '0', '600', '180', '360']);
  expect(rows).toContainEqual(['ETH perp −1', '0', '−200', '−100', '−200']);
  expect(rows).toContainEqual(['BTC perp 0.1', '0', '500', '250', '500']);
  expect(rows).toContainEqual(['USDC 1000.5', '1,001', '0', '0', '0']);
  // Without the 3, the floor: 2 % of 2,000. 1000.5 − 4000·x = 250 + 200·(1 − x): x = 550.5/3800, and all: 1000.5 − 9000·x = 450·(1 − x).
  expect(rows).toContainEqual(['ETH', `${((550.5 / 3800) * 100).toFixed(1)} %`, 'never']);
  expect(rows).toContainEqual(['all of BTC, ETH', `${((550.5 / 8550) * 100).toFixed(1)} %`, 'never']);
});

test('behavior: a leg without which there is no margin gives its error in its place', () => {
  const collateral = { WBTC: { mmHaircut: 0.1, imHaircut: 0, riskCancelling: true } };
  const assets = { ...BOOK.market.assets, WBTC: { usd: 50_000, confidence: 1 } };
  const explained = explain({
    ...BOOK,
    model: { preset: 'derive-pm2', parameters: { collateral } },
    market: { ...BOOK.market, assets },
    positions: [BOOK.positions[0], { kind: 'token', asset: 'WBTC', amount: 1 }],
  });
  // Without the perp nothing says whether the account is of ETH or of BTC.
  expect(explained.legs[0]?.closing).toEqual({ error: expect.objectContaining({ code: 'UnderlyingError' }) });
  expect(renderExplanation('a', explained)).toMatch(/ETH perp 3 +0 +1,080 +UnderlyingError/);
});

const GREEK_BOOK = {
  ...BOOK,
  model: 'crossmargin-1',
  market: {
    ...BOOK.market,
    assets: {
      ...BOOK.market.assets,
      ETH: { usd: 2000, confidence: 1, vol: 0.8 },
      BTC: { usd: 50_000, confidence: 1, vol: 0.5 },
    },
  },
};

test('default: Greeks, the profile of each factor by tenths, and beta-weighted delta, by hand', () => {
  const lines = renderExplanation('a.json', explain(GREEK_BOOK)).split('\n');
  const rows = lines.map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['ETH', '2', '4,000', '0', '0', '0', '0', '0', '0', '0']);
  // The value is cash and what the perps have gained: 1000.5 − 2 · 2000 · 50 %.
  expect(rows).toContainEqual(['−50 %', '1,000', '−1,000', '2', '0', '0']);
  expect(rows).toContainEqual(['today', '2,000', '1,001', '2', '0', '0']);
  expect(rows).toContainEqual(['+50 %', '75,000', '3,501', '0.1', '0', '0']);
  // Of 5,000 USD in BTC and 4,000 in ETH, BTC is the benchmark: 0.66 · 0.8/0.5.
  expect(rows).toContainEqual(['ETH', '1.056', 'model', '4,000', '4,224']);
  expect(rows).toContainEqual(['all in BTC', '0.1845', '9,224']);
});

test('behavior: a beta that is missing says so in its place', () => {
  expect(renderExplanation('a.json', explain(BOOK))).toMatch(
    /Beta-weighted delta: MissingBetaError: .*paradex-2026 has no corr/,
  );
});

test('behavior: a large book is explained but for what takes a margin a step', () => {
  const positions = Array.from({ length: 1500 }, (_, index) => ({ kind: 'token', asset: 'ETH', amount: index + 1 }));
  const { legs, moves, greeks } = explain({ ...GREEK_BOOK, positions });
  const closed = legs.filter(({ closing }) => 'freedMaintenanceUsd' in closing);
  // The legs that lose most: a budget of 100,000 legs for 1,500 at a time.
  expect(closed.map(({ index }) => index)).toEqual(Array.from({ length: 66 }, (_, index) => 1434 + index));
  expect(legs[0]?.closing).toEqual({ error: expect.objectContaining({ code: 'ExplanationSizeError' }) });
  expect(moves[0]?.moves).toEqual({ error: expect.objectContaining({ code: 'ExplanationSizeError' }) });
  expect(greeks[0]?.delta).toBe((1500 * 1501) / 2);
});
