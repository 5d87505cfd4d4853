import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freeToPledge } from '../../src/engine/freeToPledge.ts';

describe('freeToPledge', () => {
  test('default: equity less the initial margin, or less a tenth of it where that is more', () => {
    expect(freeToPledge({ equityUsd: 1000, initialUsd: 250, shortfallUsd: 0 })).toBe(750);
    expect(freeToPledge({ equityUsd: 1000, initialUsd: 20, shortfallUsd: 0 })).toBe(900);
  });

  test('behavior: what observed silos are under water is not free', () => {
    expect(freeToPledge({ equityUsd: 1000, initialUsd: 250, shortfallUsd: 100 })).toBe(650);
    expect(freeToPledge({ equityUsd: 1000, initialUsd: 20, shortfallUsd: 2000 })).toBe(-1100);
  });

  test('behavior: nothing is free of what is under water itself', () => {
    expect(freeToPledge({ equityUsd: -1000, initialUsd: 0, shortfallUsd: 0 })).toBe(-1000);
  });

  /** As `LiquidationAuction.cushionOf` and `AuctionPrice` have it, with the deployment's imFactor and reward. */
  test('behavior: where an account begins to be sold, the first price pays its pledges and the keeper', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (equityUsd, share) => {
          const initialUsd = share * equityUsd;
          const freeUsd = freeToPledge({ equityUsd, initialUsd, shortfallUsd: 0 });
          const pledgedAtEdgeUsd = equityUsd - (equityUsd - freeUsd) / 1.25;
          expect(0.95 * equityUsd * (1 - 0.005)).toBeGreaterThan(pledgedAtEdgeUsd);
        },
      ),
    );
  });
});
