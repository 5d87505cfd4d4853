import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OptionChain } from '../../../src/engine/surface/chain.ts';
import { fitSurface, type Surface } from '../../../src/engine/surface/surface.ts';
import { butterfly, gridOf, smallest, totalVariance } from '../../../src/engine/surface/svi.ts';
import { MarginError } from '../../../src/errors.ts';
import { CHAIN_FILES, realChain } from './chains.ts';

const CHAINS = CHAIN_FILES.map(realChain);

/** The least g and the least gap to any expiry before, on a grid of its own. */
function worstOf({ slices }: Surface): number {
  return Math.min(
    ...slices.flatMap(({ svi, reach }, index) => [
      smallest(gridOf(reach, 1013), (k) => butterfly(svi, k)),
      ...slices.slice(0, index).map((early) => {
        const both = gridOf(early.reach, 307).filter((k) => k >= reach.low && k <= reach.high);
        return Math.min(...both.map((k) => totalVariance(svi, k) - totalVariance(early.svi, k)));
      }),
    ]),
  );
}

test('behavior: whatever is wrong with the marks, a surface has no arbitrage or there is none', () => {
  const disturbed = fc.record({
    file: fc.nat({ max: CHAINS.length - 1 }),
    kept: fc.double({ min: 0.1, max: 1, noNaN: true }),
    noise: fc.double({ min: 0, max: 0.3, noNaN: true }),
    factors: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 50, maxLength: 97 }),
  });
  fc.assert(
    fc.property(disturbed, ({ file, kept, noise, factors }) => {
      const chain = CHAINS[file] as (typeof CHAINS)[number];
      const quotes = chain.quotes.flatMap((quote, index) => {
        const factor = factors[index % factors.length] ?? 0;
        const isKept = ((index * 7919) % 1000) / 1000 < kept;
        return isKept ? [{ ...quote, markVol: (quote.markVol ?? 0) * (1 + noise * factor) }] : [];
      });
      const surface = fitOrRefuse({ ...chain, quotes });
      if (surface !== undefined) expect(worstOf(surface)).toBeGreaterThanOrEqual(-1e-7);
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('default: with a third of their quotes gone the chains are still fitted', () => {
  for (const chain of CHAINS) {
    const quotes = chain.quotes.filter((_, index) => index % 3 !== 0);
    const surface = fitOrRefuse({ ...chain, quotes });
    expect(surface?.slices.length).toBeGreaterThan(6);
    expect(surface === undefined ? Number.NaN : worstOf(surface)).toBeGreaterThanOrEqual(-1e-7);
  }
});

function fitOrRefuse(chain: OptionChain): Surface | undefined {
  try {
    return fitSurface(chain);
  } catch (error) {
    if (error instanceof MarginError) return undefined;
    throw error;
  }
}
