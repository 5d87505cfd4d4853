import { describe, expect, test } from 'vitest';
import { tailHistory } from '../../scripts/tailAverage.ts';
import { canonical } from '../../src/book/canonical.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { calibrate } from '../../src/calibrate/calibrate.ts';
import { dayOf } from '../../src/calibrate/day.ts';
import { CalibrationError, FewPeriodsError, StaleHistoryError } from '../../src/calibrate/errors.ts';
import { holdVol } from '../../src/calibrate/volatility.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { exp } from '../../src/engine/math.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { DAY_SECONDS, type PriceSeries } from '../../src/history/prices.ts';
import { hashModel } from '../../src/report/snapshot.ts';
import { FlatSeriesError } from '../../src/risk/ewma.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { book, MARKET, token } from '../engine/books.ts';

const history = tailHistory();
const REAL = {
  base: crossmargin1,
  prices: [...history.factors, ...history.pegs.map(({ prices }) => prices)],
  vols: [history.index],
  pegs: { STETH: 'ETH', USDC: 'USD', USDT: 'USD' },
};
const START = 1_577_836_800;

/** Prices from changes, a day apart. */
function seriesFrom(asset: string, changes: readonly number[]): PriceSeries {
  let price = 100;
  const prices = [100, ...changes.map((change) => (price *= exp(change)))];
  return { asset, times: prices.map((_, day) => START + day * DAY_SECONDS), prices };
}

/** Two assets at these daily volatilities, changes of this correlation. */
function drawn(days: number, { rho, vols }: { rho: number; vols: readonly [number, number] }): PriceSeries[] {
  const random = createRandom(11);
  const pairs = Array.from({ length: days }, () => {
    const [x, y] = [random.normal(), random.normal()];
    return [vols[0] * x, vols[1] * (rho * x + Math.sqrt(1 - rho * rho) * y)] as const;
  });
  return [
    seriesFrom(
      'A',
      pairs.map(([a]) => a),
    ),
    seriesFrom(
      'B',
      pairs.map(([, b]) => b),
    ),
  ];
}

function plain(prices: readonly PriceSeries[], parts: object = {}) {
  return calibrate({ base: crossmargin1, prices, vols: [], pegs: {}, ...parts });
}

/** ±1 % a day, a fall of 30 % on one, and after it the calm again. */
function crash(calmDays: number): PriceSeries {
  const wave = (length: number) => Array.from({ length }, (_, day) => (day % 2 === 0 ? 0.01 : -0.01));
  return seriesFrom('A', [...wave(400), ...(calmDays < 0 ? [] : [-0.35]), ...wave(Math.max(0, calmDays))]);
}

describe('calibrate', () => {
  test('default: the draws are the committed ones, and every number is beside what it was', () => {
    const { asOf, model, measured, kept } = calibrate(REAL);
    expect(asOf).toBe('2025-11-30');
    expect(model.parameters.tailAverage).toEqual(crossmargin1.parameters.tailAverage);
    expect(kept).toEqual([]);
    expect(measured.find(({ parameter }) => parameter === 'correlation.pairs.BTC/ETH')).toMatchObject({
      before: 0.66,
      after: 0.64,
    });
    expect(measured.find(({ parameter }) => parameter === 'volShock.up')).toMatchObject({ before: 0.5, after: 0.52 });
    expect(measured.find(({ parameter }) => parameter === 'peg.assets.USDC.down')).toMatchObject({
      before: 0.1,
      after: 0.1,
    });
    expect(measured.find(({ parameter }) => parameter === 'tailAverage.calm.BTC.down')?.after).toBeCloseTo(-4.05, 1);
    const { crises, addOns, smile, imFactor } = crossmargin1.parameters;
    expect(model.parameters).toMatchObject({ crises, addOns, smile, imFactor });
    expect(model.scenarios).toBe(crossmargin1.scenarios);
  });

  test('behavior: the volatility and correlation that a history was drawn with are found again', () => {
    const { model } = plain(drawn(4000, { rho: 0.8, vols: [0.03, 0.05] }));
    const { leastVols } = model.parameters.range;
    const annual = Math.sqrt(365);
    // What is held lies above what was drawn: it is the highest of the EWMAs of late.
    expect(leastVols.A).toBeGreaterThan(0.03 * annual);
    expect(leastVols.A).toBeLessThan(0.03 * annual * 1.25);
    expect((leastVols.B ?? 0) / (leastVols.A ?? 1)).toBeCloseTo(5 / 3, 0);
    const rho = model.parameters.correlation.pairs['A/B'] ?? 0;
    expect(rho).toBeLessThan(0.8);
    expect(rho).toBeGreaterThan(0.6);
    expect(model.parameters.correlation.pairs['BTC/ETH']).toBe(0.66);
  });

  test('behavior: after a crash it rises the next day; after a calm year it has halved by the half-life that the model states', () => {
    const halfLife = crossmargin1.parameters.range.halfLifeDays;
    const before = holdVol(crash(-1), halfLife);
    const after = holdVol(crash(0), halfLife);
    expect(before.held).toBeCloseTo(0.01 * Math.sqrt(365), 6);
    // 0.97 · 0.01² + 0.03 · 0.35².
    expect(after.held).toBeCloseTo(Math.sqrt(365 * (0.97 * 0.0001 + 0.03 * 0.1225)), 10);
    for (const days of [90, 180]) {
      const { held, today, since } = holdVol(crash(days), halfLife);
      expect(held).toBeCloseTo(after.held * 2 ** (-days / halfLife), 8);
      expect(held).toBeGreaterThan(today);
      expect(since).toBe(START + 401 * DAY_SECONDS);
    }
    const { held, today } = holdVol(crash(360), halfLife);
    expect(held).toBe(today);
    expect(holdVol(crash(90), 180).held).toBeCloseTo(after.held / Math.sqrt(2), 8);
    expect(plain([crash(90)]).model.parameters.range.leastVols.A).toBeCloseTo(after.held / 2, 3);
  });

  test('behavior: a book takes the model; the range follows it, and the market where that is wilder', () => {
    const { model } = calibrate(REAL);
    const range = { ...model.parameters.range, leastVols: { ...model.parameters.range.leastVols, ETH: 1 } };
    const json = JSON.parse(canonical({ ...model, parameters: { ...model.parameters, range } }));
    const fall = (vol: number) => {
      const assets = { ...MARKET.assets, ETH: { usd: 2000, confidence: 1, vol } };
      const margin = computeMargin(
        book([token('ETH', 1), token('USDC', -1)], { model: json, market: { ...MARKET, assets } }),
      );
      return -(margin.scenarios.find(({ id }) => id === 'grid:-3/3:none')?.pnlUsd ?? Number.NaN);
    };
    expect(fall(0.2)).toBeCloseTo(2000 * 3 * Math.sqrt(2 / 365), 8);
    expect(fall(1.5)).toBeCloseTo(2000 * 3 * 1.5 * Math.sqrt(2 / 365), 8);
    const parsed = parseBook({ asOf: 1, model: JSON.parse(canonical(model)), market: MARKET, positions: [] }).model;
    expect(parsed).toEqual(model);
    expect(hashModel(parsed)).toBe(hashModel(model));
  });

  test('behavior: the same history, the same bytes; another day, another hash', () => {
    const prices = drawn(500, { rho: 0.5, vols: [0.02, 0.04] });
    const text = canonical(plain(prices).model);
    expect(canonical(plain(prices.toReversed()).model)).toBe(text);
    const earlier = plain(prices, { asOf: START + 480 * DAY_SECONDS }).model;
    expect(hashModel(earlier)).not.toBe(hashModel(plain(prices).model));
  });

  test('behavior: nothing after the day is looked at', () => {
    const asOf = START + 450 * DAY_SECONDS;
    const prices = drawn(500, { rho: 0.5, vols: [0.02, 0.04] });
    const otherwise = prices.map((series) => ({
      ...series,
      prices: series.prices.map((price, day) => (day > 450 ? price * (1 + (day % 5)) : price)),
    }));
    expect(plain(otherwise, { asOf })).toEqual(plain(prices, { asOf }));
    const cut = Date.UTC(2024, 0, 31) / 1000;
    const later = (series: PriceSeries) => ({
      ...series,
      prices: series.prices.map((price, index) =>
        (series.times[index] ?? 0) > cut ? price * (1 + (index % 3)) : price,
      ),
    });
    const future = { ...REAL, prices: REAL.prices.map(later), vols: REAL.vols.map(later), asOf: cut };
    expect(calibrate(future)).toEqual(calibrate({ ...REAL, asOf: cut }));
  });

  test('behavior: a peg is as bad as its worst day, and a record never shrinks', () => {
    const [eth = history.index] = drawn(400, { rho: 0, vols: [0.03, 0.03] });
    const coin = {
      ...eth,
      asset: 'COIN',
      prices: eth.prices.map((_, day) => (day === 100 ? 0.7 : day === 200 ? 1.055 : 1)),
    };
    const usdc = { ...coin, asset: 'USDC' };
    const steady = { ...eth, asset: 'DAI', prices: eth.prices.map(() => 1) };
    const staked = {
      ...eth,
      asset: 'STAKED',
      prices: eth.prices.map((price, day) => price * (day === 50 ? 0.75 : 0.99)),
    };
    const pegs = { COIN: 'USD', USDC: 'USD', DAI: 'USD', STAKED: 'A' };
    const { model } = plain([eth, coin, usdc, steady, staked], { pegs });
    expect(model.parameters.peg.assets).toMatchObject({
      COIN: { down: 0.3, up: 0.08 },
      USDC: { down: 0.3, up: 0.06 },
      DAI: { down: 0.1, up: 0.06 },
      STAKED: { down: 0.25, up: 0.08 },
    });
  });

  test('behavior: what cannot be measured is kept, by name', () => {
    const { kept, model } = plain(drawn(120, { rho: 0.5, vols: [0.02, 0.04] }));
    expect(kept.map(({ parameter }) => parameter)).toEqual(['correlation', 'volShock', 'tailAverage']);
    expect(model.parameters.tailAverage).toBe(crossmargin1.parameters.tailAverage);
    const [without] = calibrate({ ...REAL, vols: [] }).kept.filter(({ parameter }) => parameter === 'tailAverage');
    expect(without?.reason).toBe('draws need an index of volatility');
  });

  test('error: histories that are too short, flat, old or of nothing', () => {
    const [a = history.index, b = history.index] = drawn(200, { rho: 0.5, vols: [0.02, 0.04] });
    expect(() =>
      plain([
        seriesFrom(
          'A',
          Array.from({ length: 50 }, (_, day) => 0.01 * (day % 3)),
        ),
      ]),
    ).toThrow(FewPeriodsError);
    expect(() => plain([{ ...a, prices: a.prices.map(() => 5) }])).toThrow(FlatSeriesError);
    const old = { ...b, times: b.times.slice(0, 150), prices: b.prices.slice(0, 150) };
    expect(() => plain([a, old], { asOf: a.times.at(-1) })).toThrow(StaleHistoryError);
    expect(plain([a, old]).asOf).toBe(dayOf(old.times.at(-1) ?? 0));
    expect(() => plain([])).toThrow(CalibrationError);
    expect(() => plain([a], { pegs: { A: 'USD' } })).toThrow('no asset that follows no other');
    expect(() => plain([a, b], { pegs: { B: 'C' } })).toThrow('B follows C, which has no prices');
    const [index] = REAL.vols;
    const short = index && { ...index, times: index.times.slice(0, 100), prices: index.prices.slice(0, 100) };
    expect(() => calibrate({ ...REAL, vols: short ? [short] : [] })).toThrow(FewPeriodsError);
  });

  test('behavior: days are written as people do', () => {
    for (const day of ['1970-01-01', '2000-02-29', '2024-02-29', '2024-03-01', '2025-12-31', '2100-03-01']) {
      expect(dayOf(Date.parse(day) / 1000)).toBe(day);
    }
  });
});
