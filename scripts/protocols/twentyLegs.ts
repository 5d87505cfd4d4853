import type { Actor } from './actor.ts';
import type { OptionTrade } from './lyraTrade.ts';

const NEAR: readonly Omit<OptionTrade, 'board'>[] = [
  { strikeUsd: 1_700, type: 'shortPutQuote', size: 3, collateral: 5_100 },
  { strikeUsd: 1_800, type: 'longPut', size: 5 },
  { strikeUsd: 1_900, type: 'longPut', size: 4 },
  { strikeUsd: 2_000, type: 'longCall', size: 3 },
  { strikeUsd: 2_100, type: 'shortCallQuote', size: 2, collateral: 2_000 },
  { strikeUsd: 2_200, type: 'longCall', size: 6 },
  { strikeUsd: 2_400, type: 'shortCallBase', size: 2, collateral: 2 },
];

const FAR: readonly Omit<OptionTrade, 'board'>[] = [
  { strikeUsd: 1_600, type: 'longPut', size: 5 },
  { strikeUsd: 1_800, type: 'shortPutQuote', size: 4, collateral: 7_200 },
  { strikeUsd: 2_000, type: 'longPut', size: 2.5 },
  { strikeUsd: 2_000, type: 'longCall', size: 2 },
  { strikeUsd: 2_200, type: 'shortCallQuote', size: 3, collateral: 3_500 },
  { strikeUsd: 2_400, type: 'longCall', size: 5 },
  { strikeUsd: 2_600, type: 'shortCallBase', size: 3, collateral: 3 },
  { strikeUsd: 2_800, type: 'longCall', size: 4 },
];

/** Seven legs on Aave, five on Morpho, fifteen options and the collateral of six of them on Lyra. */
export async function openTwentyLegs(account: Actor): Promise<void> {
  await account.supply('WETH', 60);
  await account.supply('USDC', 40_000);
  await account.supply('WBTC', '1.5');
  await account.supply('DAI', 30_000);
  await account.borrow('USDC', 20_000);
  await account.borrow('DAI', 25_000);
  await account.borrow('WBTC', '0.2');
  await account.pledge('usdcForWeth', 10);
  await account.draw('usdcForWeth', 6_000);
  await account.pledge('daiForWbtc', '0.5');
  await account.draw('daiForWbtc', 10_000);
  await account.lend('wethForUsdc', 2);
  for (const option of NEAR) await account.trade({ ...option, board: 0 });
  for (const option of FAR) await account.trade({ ...option, board: 1 });
}
