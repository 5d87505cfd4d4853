import type { PegParameters } from './families.ts';

/**
 * Sizes of the peg family. docs/model.md gives the file, the dates and the percentiles that each comes from: the worst on record,
 * to the next whole percent; twice that downwards for an asset that has no record here.
 */
export const pegSizes: PegParameters = {
  stable: { down: 0.2, up: 0.08 },
  wrapped: { down: 0.16, up: 0.08 },
  assets: {
    USDC: { down: 0.1, up: 0.05 },
    USDT: { down: 0.1, up: 0.08 },
    DAI: { down: 0.1, up: 0.06 },
    WETH: { down: 0, up: 0 },
    STETH: { down: 0.08, up: 0.06 },
    WSTETH: { down: 0.08, up: 0.06 },
    WBTC: { down: 0.07, up: 0.08 },
  },
  together: {
    day: '2023-03-11',
    moves: { USDC: 0.90076, DAI: 0.96699, USDT: 1.0077 },
    others: 0.90076,
  },
};
