import { describe, expect, test } from 'vitest';
import { readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { readLegs } from '../../src/engine/readLegs.ts';
import { legValue } from '../../src/engine/valuation.ts';
import { createValuer } from '../../src/engine/valuer.ts';
import { shockedVol } from '../../src/engine/volShock.ts';
import { book, MARKET, MONTH, option, perp, token } from './books.ts';

const INVERSE = { settlement: 'inverse' };
const ACCRUED = { unrealisedUsd: 70, fundingUsd: -20 };
/** A forward off spot and a rate, so that what is inverse differs from what is linear. */
const [EXPIRY] = MARKET.expiries;
const SLOPED = { ...MARKET, expiries: [{ ...EXPIRY, forwardUsd: 2060, rate: 0.07 }] };
const CONTRACTS = [
  option(-3, INVERSE),
  option(-3),
  option(2, { type: 'put', strike: 1500, ...INVERSE }),
  perp(-2, { ...INVERSE, ...ACCRUED }),
  perp(1, { expiry: MONTH, ...ACCRUED }),
  perp(-1, { expiry: MONTH, ...INVERSE, ...ACCRUED }),
];
const CASH = token('USDC', 80_000);

function marginOf(positions: Parameters<typeof book>[0], market: object = SLOPED) {
  return computeMargin(book([...positions, CASH], { market } as Parameters<typeof book>[1]));
}

describe('inverse contracts and dated futures under crossmargin-1', () => {
  test('behavior: what is priced once is, to the bit, what each contract is worth by itself', () => {
    const { parameters } = crossmargin1;
    const legs = readLegs(readInputs(book(CONTRACTS, { market: SLOPED } as Parameters<typeof book>[1])));
    const valuer = createValuer(legs, { parameters });
    for (const factor of [1, 0.66, 1.5]) {
      for (const vol of ['none', 'up', 'down'] as const) {
        const shock = {
          price: () => factor,
          vol: (leg: (typeof legs)[number] & { kind: 'option' }) => shockedVol(leg, vol, parameters.volShock),
        };
        expect(valuer({ id: 's', vol, weight: 1 }, () => factor)).toEqual(legs.map((leg) => legValue(leg, shock)));
      }
    }
  });

  test('behavior: delta and gamma in dollars are the slope and the curve of the value, vega that of volatility', () => {
    for (const [index, contract] of CONTRACTS.entries()) {
      const [leg] = readLegs(readInputs(book([contract], { market: SLOPED } as Parameters<typeof book>[1])));
      if (leg === undefined) throw new RangeError('no leg');
      const at = (factor: number, volatility = 0) =>
        legValue(leg, { price: () => factor, vol: ({ vol }) => vol + volatility });
      const [greeks] = marginOf([contract]).legs.find((entry) => entry.index === 0)?.greeks ?? [];
      const step = 1e-4;
      const slope = (at(1 + step) - at(1 - step)) / (2 * step);
      const curve = (at(1 + step) - 2 * at(1) + at(1 - step)) / step ** 2;
      expect(greeks?.deltaUsd, String(index)).toBeCloseTo(slope, 2);
      expect(Math.abs((greeks?.gammaUsd ?? 0) - curve), String(index)).toBeLessThan(1 + 1e-4 * Math.abs(curve));
      expect(greeks?.vega, String(index)).toBeCloseTo((at(1, step) - at(1, -step)) / (2 * step), 2);
    }
  });

  test('behavior: an inverse option has no rho: it is a share of spot whatever the rate', () => {
    const greeksOf = (terms: Parameters<typeof option>[1]) =>
      marginOf([option(-3, terms)]).legs.find(({ index }) => index === 0)?.greeks?.[0];
    expect(greeksOf(INVERSE)?.rho).toBe(0);
    expect(greeksOf({})?.rho).toBeGreaterThan(0);
  });

  test('behavior: the basis nets a future with options of its expiry, and with nothing else', () => {
    const flat = { ...MARKET, expiries: [{ ...EXPIRY, forwardUsd: 2000, rate: 0 }] };
    const basis = (positions: Parameters<typeof book>[0]) => marginOf(positions, flat).addOns.basis ?? -1;
    // 30 days: 7.5 % · 30/365 is under the floor of 1 %.
    expect(basis([perp(-3, { expiry: MONTH })])).toBeCloseTo(3 * 2000 * 0.01, 9);
    expect(basis([perp(-3, { expiry: MONTH }), perp(3)])).toBeCloseTo(3 * 2000 * 0.01 + 3 * 2010 * 0.01, 9);
    const synthetic = [option(3, { strike: 2000 }), option(-3, { strike: 2000, type: 'put' })];
    expect(basis([...synthetic, perp(-3, { expiry: MONTH })])).toBeLessThan(
      basis([perp(-3, { expiry: MONTH })]) + 1e-9,
    );
  });

  test('behavior: doubt about a price nets within one contract only: not a perp with a future, not linear with inverse', () => {
    const unsure = { ...MARKET, assets: { ...MARKET.assets, ETH: { ...MARKET.assets.ETH, confidence: 0.9 } } };
    const oracle = (positions: Parameters<typeof book>[0]) => marginOf(positions, unsure).addOns.oracle ?? -1;
    const share = crossmargin1.parameters.addOns.oracle;
    expect(oracle([perp(2), perp(-2, { silo: 'book' })])).toBeCloseTo(0, 9);
    expect(oracle([perp(2), perp(-2, { expiry: MONTH })])).toBeCloseTo(share * 0.1 * (2 * 2010 + 2 * 2000), 6);
    expect(oracle([perp(2), perp(-2, INVERSE)])).toBeCloseTo(share * 0.1 * (2 * 2010 + 2 * 2010), 6);
  });
});
