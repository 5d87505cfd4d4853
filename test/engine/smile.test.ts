import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { smileFactor } from '../../src/engine/smile.ts';
import { optionValue } from '../../src/engine/value.ts';
import { AS_OF, book, DAY, MARKET, MONTH, option, scenarios, token } from './books.ts';

const SHAPE = crossmargin1.parameters.smile;
const ROOT = Math.sqrt(30 / 365);
const CAP = 0.25 - 0.1 * ROOT;

function at(strikeUsd: number, days = 30) {
  return { strikeUsd, forwardUsd: 2000, seconds: days * DAY };
}

describe('the smile', () => {
  test('default: tilt and wings are linear in log-moneyness up to the cap, by hand', () => {
    const share = Math.log(2500 / 2000) / (2.4 * ROOT);
    expect(share).toBeLessThan(1);
    expect(smileFactor(at(2500), { tilt: 1 }, SHAPE)).toBeCloseTo(1 + CAP * share, 14);
    expect(smileFactor(at(2500), { tilt: -1 }, SHAPE)).toBeCloseTo(1 - CAP * share, 14);
    expect(smileFactor(at(1600), { tilt: 1 }, SHAPE)).toBeCloseTo(1 - CAP * share, 14);
    expect(smileFactor(at(1600), { wings: 1 }, SHAPE)).toBeCloseTo(1 + CAP * share, 14);
    expect(smileFactor(at(2000), { tilt: 1, wings: 1 }, SHAPE)).toBe(1);
    expect(smileFactor(at(1e6), { tilt: 1 }, SHAPE)).toBeCloseTo(1 + CAP, 14);
    expect(smileFactor(at(1e-6), { wings: 1 }, SHAPE)).toBeCloseTo(1 + CAP, 14);
  });

  test('behavior: the twist leaves 30 days, and is the whole share at no time and at the longest', () => {
    expect(smileFactor(at(2500), { twist: 1 }, SHAPE)).toBe(1);
    expect(smileFactor(at(2500, 0), { twist: 1 }, SHAPE)).toBeCloseTo(1.25, 14);
    expect(smileFactor(at(2500, 10), { twist: 1 }, SHAPE)).toBeCloseTo(1.125, 14);
    expect(smileFactor(at(2500, 90), { twist: -1 }, SHAPE)).toBeCloseTo(1.125, 14);
    expect(smileFactor(at(2500, 36_500), { twist: 1 }, SHAPE)).toBeLessThan(0.751);
  });

  test('behavior: never below zero, never NaN, the cap never turned around by a long term', () => {
    for (const days of [0, 0.01, 30, 3650]) {
      for (const strike of [1e-9, 2000, 1e9]) {
        const factor = smileFactor(at(strike, days), { tilt: 9, wings: -9, twist: -9 }, SHAPE);
        expect(factor).toBeGreaterThanOrEqual(0);
      }
    }
    expect(smileFactor(at(1e9, 3650), { tilt: 1 }, SHAPE)).toBe(1);
    expect(smileFactor({ ...at(2000), forwardUsd: 0 }, { tilt: 1 }, SHAPE)).toBe(1);
  });
});

describe('the family smile', () => {
  const ONLY = { model: { preset: 'crossmargin-1', scenarios: [{ family: 'smile' }] } };

  test('default: a risk reversal that is flat in price and level loses by the tilt, by hand', () => {
    const legs = [option(-1), option(1, { type: 'put', strike: 1500 }), token('USDC', 5000)];
    const margin = computeMargin(book(legs, ONLY));
    const value = (type: 'call' | 'put', strikeUsd: number, vol: number) =>
      optionValue({ type, strikeUsd, vol, forwardUsd: 2000, years: 30 / 365, discount: 1 });
    const tilted = (strike: number) => 0.8 * (1 + (CAP * Math.log(strike / 2000)) / (2.4 * ROOT));
    const lossUsd =
      value('call', 2500, tilted(2500)) -
      value('call', 2500, 0.8) +
      value('put', 1500, 0.8) -
      value('put', 1500, tilted(1500));
    expect(margin.binding).toEqual({
      id: 'smile:tilt:up',
      sentence: 'smile tilted up to high strikes',
      lossUsd: expect.closeTo(lossUsd, 9),
    });
    expect(margin.scenarios.map(({ id }) => id)).toEqual([
      'unshocked',
      ...['tilt:up', 'tilt:down', 'wings:up', 'wings:down', 'twist:up', 'twist:down'].map((id) => `smile:${id}`),
    ]);
  });

  test('behavior: a calendar spread loses by the twist, a fly by the wings', () => {
    const late = AS_OF + 180 * DAY;
    const first = { ...MARKET.expiries[0], expiry: AS_OF + 7 * DAY };
    const market = {
      ...MARKET,
      expiries: [...MARKET.expiries, first, { ...first, expiry: late }],
      vols: [...MARKET.vols, ...[first.expiry, late].map((expiry) => ({ ...MARKET.vols[1], expiry }))],
    };
    const calendar = [option(-1, { strike: 2000, expiry: first.expiry }), option(1, { strike: 2000, expiry: late })];
    const { binding } = computeMargin(book([...calendar, token('USDC', 5000)], { ...ONLY, market }));
    expect(binding.id).toBe('smile:twist:up');
    const fly = [option(-1, { strike: 2500 }), option(-1, { strike: 1500, type: 'put' }), token('USDC', 5000)];
    expect(computeMargin(book(fly, ONLY)).binding.id).toBe('smile:wings:up');
  });

  test('behavior: a volatility shock by number goes by term, and is said', () => {
    const shock = { id: 'x', spot: 0.9, vol: 0.64, weight: 1 };
    const margin = computeMargin(
      book([option(-1, { type: 'put', strike: 1500 }), token('USDC', 5000)], scenarios(shock)),
    );
    const value = (vol: number, forwardUsd: number) =>
      optionValue({ type: 'put', strikeUsd: 1500, vol, forwardUsd, years: 30 / 365, discount: 1 });
    expect(margin.binding).toEqual({
      id: 'x',
      sentence: 'ETH −10 %, volatility +64 %',
      lossUsd: expect.closeTo(value(0.8 * 1.64, 1800) - value(0.8, 2000), 9),
    });
    expect(MONTH).toBe(AS_OF + 30 * DAY);
  });
});
