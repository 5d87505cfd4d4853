import { describe, expect, test } from 'vitest';
import { fitErrors } from '../../../src/engine/surface/fitErrors.ts';
import { sectionAt } from '../../../src/engine/surface/section.ts';
import { type FittedSlice, fitSurface } from '../../../src/engine/surface/surface.ts';
import { butterfly, durrleman, gridOf, smallest, totalVariance, wingSlope } from '../../../src/engine/surface/svi.ts';
import { CHAIN_FILES, realChain } from './chains.ts';

/** The days without a crash; the others are the 4th, 5th and 7th of February 2026. */
const CALM = /2026-(01-24|02-14)/;
const SURFACES = CHAIN_FILES.map((file) => ({ file, surface: fitSurface(realChain(file)) }));

/** Not the grid of the fit, nor that of its own check. */
function points({ reach }: Pick<FittedSlice, 'reach'>): number[] {
  return gridOf(reach, 2017);
}

test('default: there are twelve chains, of twelve expiries each, and every one of them is fitted', () => {
  expect(SURFACES.length).toBe(12);
  for (const { surface } of SURFACES) expect([surface.slices.length, surface.tooFew]).toEqual([12, []]);
});

describe.each(SURFACES)('$file', ({ file, surface }) => {
  const { slices } = surface;

  test('default: the median error is at most 0.5 volatility points on a calm day, 1.5 in a crash', () => {
    for (const slice of slices) {
      const { core } = fitErrors(slice);
      expect(core.strikes).toBeGreaterThanOrEqual(2);
      expect(core.medianPoints).toBeLessThanOrEqual(CALM.test(file) ? 0.5 : 1.5);
    }
  });

  test('behavior: no butterfly: the density is nowhere negative, at the expiries and between them', () => {
    for (const slice of slices) {
      expect(smallest(points(slice), (k) => butterfly(slice.svi, k))).toBeGreaterThanOrEqual(0);
      expect(wingSlope(slice.svi)).toBeLessThanOrEqual(2);
    }
    slices.slice(1).forEach(({ expiry }, index) => {
      const before = slices[index]?.expiry ?? 0;
      for (const share of [0.1, 0.4, 0.6, 0.9]) {
        const { reach, curve } = sectionAt(surface, Math.round(before + share * (expiry - before)));
        expect(smallest(gridOf(reach, 211), (k) => durrleman(k, curve(k)))).toBeGreaterThanOrEqual(0);
      }
    });
  });

  test('behavior: no calendar: total variance never falls with time, between any two expiries that answer', () => {
    slices.forEach((late, index) => {
      for (const early of slices.slice(0, index)) {
        const both = points(early).filter((k) => k >= late.reach.low && k <= late.reach.high);
        const excess = (k: number) => totalVariance(late.svi, k) - totalVariance(early.svi, k);
        expect(smallest(both, excess)).toBeGreaterThanOrEqual(-1e-9);
      }
    });
  });

  test('behavior: at least nine in ten liquid strikes are priced within half the spread of their mark', () => {
    const errors = slices.map((slice) => fitErrors(slice));
    const total = (of: (one: (typeof errors)[number]) => number) => errors.reduce((all, one) => all + of(one), 0);
    const liquid = total((one) => one.liquid);
    expect(liquid).toBeGreaterThan(150);
    expect(total((one) => one.nearMark) / liquid).toBeGreaterThanOrEqual(0.9);
    // Where the venue's own marks are off the quotes, so is a fit to them, but not by more.
    expect(total((one) => one.betweenQuotes) / total((one) => one.marksBetweenQuotes)).toBeGreaterThan(0.9);
  });

  test('behavior: the stated forward is the one that the quotes imply', () => {
    for (const { forwardUsd, parity } of slices) {
      if (parity === undefined || parity.strikes < 10) continue;
      const offUsd = Math.abs(parity.forwardUsd - forwardUsd);
      expect(offUsd).toBeLessThanOrEqual(parity.uncertaintyUsd + 0.001 * forwardUsd);
    }
  });
});

test('behavior: the same bits whatever the order of the quotes', () => {
  const [file = ''] = CHAIN_FILES;
  const chain = realChain(file);
  const reversed = fitSurface({ ...chain, quotes: [...chain.quotes].reverse() });
  expect(reversed.slices).toEqual(SURFACES[0]?.surface.slices);
});
