import type { LiquidityParameters, VenueParameters } from './model.ts';

/**
 * What the liquidity charge counts with. docs/model.md gives the reasons: the volumes are policy, round numbers far below what is traded, for there is no
 * record of volumes here.
 */
export const liquidity: LiquidityParameters = {
  impact: 0.2357,
  participation: 0.1,
  dailyVolumeUsd: {
    BTC: 5e9,
    ETH: 2e9,
    WETH: 2e9,
    USDC: 2e9,
    USDT: 5e9,
    DAI: 1e8,
    WBTC: 1e8,
    STETH: 5e7,
    WSTETH: 5e7,
    SOL: 5e8,
    LINK: 1e8,
  },
  others: 2e6,
};

/** Policy: a thousandth of what would have to be sold at a venue, nothing of what the account holds by itself. */
export const venue: VenueParameters = { shares: { wallet: 0 }, others: 0.001 };
