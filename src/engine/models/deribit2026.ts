import type { DeribitModel, DeribitPair, DeribitScenario } from './venueModels.ts';

const STEPS = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
const TAIL_SPOTS = [0.34, 0.67, 1.5, 2, 3, 4, 5, 6];
const VOL_DIRECTIONS = ['up', 'none', 'down'] as const;

/**
 * Deribit's segregated portfolio margin. Parameters: `model_params` of the venue's own `private/pme/simulate` answers, docs.deribit.com
 * (BTC, USD) and a recorded mainnet answer of 2026-02-15 (ETH); the tables: support.deribit.com, "Portfolio Margin".
 * The term formula has no floor on days; an hour keeps it finite.
 */
export const deribit2026: DeribitModel = {
  preset: 'deribit-2026',
  parameters: {
    cash: 'USDC',
    mmFactor: 0.8,
    tailFactor: 1,
    pairs: { BTC: pair(0.16, 0.5), ETH: pair(0.18, 0.4) },
    currencies: {
      BTC: { annualisedMove: 0.075, minMove: 0.01, dampenerUsd: 100_000 },
      ETH: { annualisedMove: 0.05, minMove: 0.005, dampenerUsd: 200_000 },
      USD: { annualisedMove: 0.1, minMove: 0.01, dampenerUsd: 25_000 },
    },
  },
  scenarios: [...standard(), ...extended()],
};

function pair(priceRange: number, up: number): DeribitPair {
  const volShock = { up, down: 0.25, floor: 0.5, shortPower: 0.3, longPower: 0.13, dteFloorDays: 1 / 24 };
  return { priceRange, volShock, largestDeltaUsd: 20_000_000 };
}

function standard(): DeribitScenario[] {
  return STEPS.flatMap((step) => VOL_DIRECTIONS.map((vol) => ({ id: `${step}/4:${vol}`, range: step / 4, vol })));
}

function extended(): DeribitScenario[] {
  return TAIL_SPOTS.map((spot) => ({ id: `tail:${spot}`, spot, vol: 'up' }));
}
