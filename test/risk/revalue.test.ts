import { expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { changesOf } from '../../src/history/changes.ts';
import { HOUR_SECONDS, readPrices } from '../../src/history/prices.ts';
import { historicalDraws } from '../../src/risk/draws.ts';
import { lossesIn, MissingFactorError, volFactor } from '../../src/risk/revalue.ts';
import { expectedShortfall, valueAtRisk } from '../../src/statistics/tail.ts';
import { dataText } from '../history/data.ts';

const AS_OF = 1_700_000_000;
const EXPIRY = AS_OF + 30 * 86_400;
const { volShock } = crossmargin1.parameters;
const { portfolio, market } = parseBook({
  asOf: AS_OF,
  model: 'crossmargin-1',
  market: {
    assets: {
      ETH: { usd: 2000, confidence: 1, vol: 0.6 },
      STETH: { usd: 1990, confidence: 1, peg: 'ETH' },
      USDC: { usd: 1, confidence: 1, peg: 'USD' },
    },
    perps: { ETH: { usd: 2001, confidence: 1 } },
    expiries: [
      { underlying: 'ETH', expiry: EXPIRY, carry: 0.02, rate: 0.01, confidence: { forward: 1, rate: 1, vol: 1 } },
    ],
    vols: [{ underlying: 'ETH', expiry: EXPIRY, strike: 2100, vol: 0.6 }],
  },
  positions: [
    { kind: 'token', asset: 'STETH', amount: 3 },
    { kind: 'token', asset: 'USDC', amount: -4000 },
    { kind: 'perp', underlying: 'ETH', amount: -1, unrealisedUsd: 12, fundingUsd: 0 },
    { kind: 'option', underlying: 'ETH', type: 'call', strike: 2100, expiry: EXPIRY, amount: -2 },
  ],
});
const book = { portfolio, market, volShock };
const draws = (factors: string[], ...rows: number[][]) => ({
  factors,
  rows: rows.map((row) => Float64Array.from(row)),
});

test("default: losses are those of the engine's own scenarios, price and volatility moved", () => {
  const moves = [
    [0.8, 0.4],
    [1.25, -0.2],
    [1, 0],
  ] as const;
  const scenarios = moves.map(([spot, vol], index) => ({ id: `${index}`, spot, vol, weight: 1 }));
  const result = computeMargin({ portfolio, market, model: { ...crossmargin1, scenarios } });
  const losses = lossesIn(
    { ...book, horizonSeconds: 0 },
    draws(['ETH', volFactor('ETH')], ...moves.map(([spot, vol]) => [Math.log(spot), Math.log(1 + vol)])),
  );
  losses.forEach((loss, index) => {
    const scenario = result.scenarios.find(({ id }) => id === `${index}`);
    expect(loss).toBeCloseTo(-(scenario?.pnlUsd ?? Number.NaN), 8);
  });
});

test('behavior: a day passes: what is sold gains its time value, all else still', () => {
  const [loss = 0] = lossesIn({ ...book, horizonSeconds: 86_400 }, draws(['ETH', volFactor('ETH')], [0, 0]));
  expect(loss).toBeLessThan(0);
});

test('behavior: a pegged asset moves by its own factor where there is one, else with its peg', () => {
  const [withPeg = 0, own = 0] = [
    lossesIn({ ...book, horizonSeconds: 0 }, draws(['ETH', volFactor('ETH')], [-0.1, 0]))[0],
    lossesIn({ ...book, horizonSeconds: 0 }, draws(['ETH', 'STETH', volFactor('ETH')], [-0.1, -0.2, 0]))[0],
  ];
  expect(own - withPeg).toBeCloseTo(3 * 1990 * (Math.exp(-0.1) - Math.exp(-0.2)), 8);
});

test('error: what no factor moves is refused, not still', () => {
  expect(() => lossesIn({ ...book, horizonSeconds: 0 }, draws(['BTC', volFactor('ETH')], [0, 0]))).toThrow(
    MissingFactorError,
  );
  expect(() => lossesIn({ ...book, horizonSeconds: 0 }, draws(['ETH'], [0]))).toThrow('vol:ETH');
});

test('default: an hour ahead, from hourly prices: the worst hour of March 2020 is the largest loss', () => {
  const changes = changesOf(readPrices(dataText('hourly_prices_2020-03.csv.gz'), HOUR_SECONDS), HOUR_SECONDS);
  const spot = { ...portfolio, positions: portfolio.positions.filter(({ kind }) => kind === 'token') };
  const past = historicalDraws(changes, changes.times.length);
  const losses = lossesIn({ ...book, portfolio: spot, horizonSeconds: HOUR_SECONDS }, past).sort();
  const worst = Math.min(...(changes.columns[changes.factors.indexOf('ETH')] ?? []));
  expect(losses.at(-1)).toBeCloseTo(3 * 1990 * (1 - Math.exp(worst)), 8);
  expect(expectedShortfall(losses, 0.99)).toBeGreaterThan(valueAtRisk(losses, 0.99));
});
