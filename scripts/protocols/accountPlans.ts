import { STABLE_EMODE } from './aaveV3.ts';
import type { Actor } from './actor.ts';
import { openTwentyLegs } from './twentyLegs.ts';
import type { UserName } from './users.ts';

/** How one account comes to be, at ETH 2,000. */
export interface AccountPlan {
  readonly name: UserName;
  readonly about: string;
  open(account: Actor): Promise<void>;
  /** It keeps what it is left with. All others spend it. */
  readonly keeps?: true;
}

/** Goes first: the others borrow from it. */
export async function openLender(lender: Actor): Promise<void> {
  await lender.supply('WETH', 5_000);
  await lender.supply('USDC', 10_000_000);
  await lender.supply('DAI', 10_000_000);
  await lender.supply('WBTC', 200);
  await lender.lend('usdcForWeth', 3_000_000);
  await lender.lend('wethForUsdc', 1_500);
  await lender.lend('daiForWbtc', 3_000_000);
  await lender.mint('USDC', 3_000_000);
  await lender.mint('WETH', 500);
}

/** All accounts but the lender and the Safe. */
export const ACCOUNT_PLANS: readonly AccountPlan[] = [
  {
    name: 'aave only',
    about: '50 WETH on Aave against 30,000 USDC: comfortable.',
    open: async (account) => {
      await account.supply('WETH', 50);
      await account.borrow('USDC', 30_000);
    },
  },
  {
    name: 'morpho only',
    about: '30 WETH on Morpho against 20,000 USDC: comfortable.',
    open: async (account) => {
      await account.pledge('usdcForWeth', 30);
      await account.draw('usdcForWeth', 20_000);
    },
  },
  {
    name: 'hedged borrower',
    about: '100 WETH on Aave against 95,000 USDC, and 100 Lyra puts struck at 2,000: the fall costs it little.',
    open: async (account) => {
      await account.supply('WETH', 100);
      await account.borrow('USDC', 95_000);
      await account.trade({ board: 1, strikeUsd: 2_000, type: 'longPut', size: 100 });
    },
  },
  {
    name: 'covered call',
    about: '50 WETH on Aave against 30,000 USDC, and 40 Lyra calls sold at 2,400 that the WETH covers.',
    open: async (account) => {
      await account.supply('WETH', 50);
      await account.borrow('USDC', 30_000);
      await account.trade({ board: 0, strikeUsd: 2_400, type: 'shortCallQuote', size: 40, collateral: 30_000 });
    },
  },
  {
    name: 'cross-venue debt',
    about: '50 WETH on Aave against USDC, which is Morpho collateral for a debt of 48 WETH: two ether net.',
    open: async (account) => {
      await account.supply('WETH', 50);
      await account.borrow('USDC', 50_000);
      await account.pledge('wethForUsdc', 120_000);
      await account.draw('wethForUsdc', 48);
      await account.sell('WETH', 48);
    },
  },
  {
    name: 'spread',
    about: 'Long 20 Lyra calls at 2,000, short 20 at 2,200 of the same expiry: they net.',
    open: async (account) => {
      await account.trade({ board: 1, strikeUsd: 2_000, type: 'longCall', size: 20 });
      await account.trade({ board: 1, strikeUsd: 2_200, type: 'shortCallQuote', size: 20, collateral: 22_000 });
    },
  },
  {
    name: 'rescued',
    about:
      'Aave would liquidate its 100 WETH against 150,000 USDC; 100 Lyra puts and 30 WETH on Morpho carry the whole.',
    open: async (account) => {
      await account.supply('WETH', 100);
      await account.borrow('USDC', 150_000);
      await account.trade({ board: 1, strikeUsd: 2_000, type: 'longPut', size: 100 });
      await account.pledge('usdcForWeth', 30);
    },
  },
  {
    name: 'under water',
    about: '80 WETH on Aave against 127,500 USDC: after the fall it owes more than it has.',
    open: async (account) => {
      await account.supply('WETH', 80);
      await account.borrow('USDC', 127_500);
    },
  },
  { name: 'dust', about: 'A few units of the smallest kind, supplied and owed, on Aave and Morpho.', open: openDust },
  { name: 'empty', about: 'Holds nothing anywhere; it is only on the watch list.', open: async () => {} },
  {
    name: 'twenty legs',
    about:
      'Four assets supplied and three borrowed on Aave, three Morpho markets, fifteen Lyra options on both boards.',
    open: openTwentyLegs,
  },
  {
    name: 'stable loop',
    about: 'DAI supplied on Aave and USDC borrowed against it, three times over, in the e-mode of stablecoins.',
    open: openStableLoop,
  },
  {
    name: 'venus borrower',
    about: '40 WETH on Venus against 35,000 USDC, and 0.2 WBTC beside it that it does not use as collateral.',
    open: async (account) => {
      await account.mint('WETH', 40);
      await account.enter('WETH');
      await account.take('USDC', 35_000);
      await account.mint('WBTC', '0.2');
    },
  },
  {
    name: 'perp long',
    about: '20,000 USDC at Perp, and 20 ether long on it.',
    open: async (account) => {
      await account.margin(20_000);
      await account.perp(20);
    },
  },
  {
    name: 'two chains',
    about: '40 WETH on Aave against 36,000 USDC here; on the rollup, where there is one, it owes 40 WETH: nothing net.',
    open: async (account) => {
      await account.supply('WETH', 40);
      await account.borrow('USDC', 36_000);
      await account.sell('USDC', 36_000);
    },
  },
  {
    name: 'basis trade',
    about: '50 WETH on Aave against 40,000 USDC, and 50 ether short at Perp on 20,000 USDC: nothing net.',
    open: async (account) => {
      await account.supply('WETH', 50);
      await account.borrow('USDC', 40_000);
      await account.margin(20_000);
      await account.perp(-50);
    },
  },
  {
    name: 'liquidity provider',
    about: 'WETH and USDC between 1,400 and 2,600 at Uniswap; the WETH is borrowed on Venus against 60,000 USDC.',
    open: async (account) => {
      await account.mint('USDC', 60_000);
      await account.enter('USDC');
      await account.take('WETH', 15);
      await account.range({ WETH: 15, USDC: 30_000, lowUsd: 1_400, highUsd: 2_600 });
    },
  },
  {
    name: 'treasury wallet',
    about: '20 WETH on Venus against 20,000 USDC, which are still in its wallet, beside 5 WETH.',
    keeps: true,
    open: async (account) => {
      await account.mint('WETH', 20);
      await account.enter('WETH');
      await account.take('USDC', 20_000);
      await account.receive('WETH', 5);
    },
  },
];

/** Aave values 2 wei of DAI at nothing: its health factor is infinite though something is owed. */
async function openDust(account: Actor): Promise<void> {
  await account.supply('USDC', '0.000007');
  await account.borrow('DAI', '0.000000000000000002');
  await account.pledge('wethForUsdc', '0.000005');
  await account.draw('wethForUsdc', '0.000000000000000003');
}

async function openStableLoop(account: Actor): Promise<void> {
  await account.supply('DAI', 100_000);
  await account.useEMode(STABLE_EMODE);
  for (const amount of [95_000, 90_000]) {
    await account.borrow('USDC', amount);
    await account.sell('USDC', amount);
    await account.supply('DAI', amount);
  }
  await account.borrow('USDC', 85_000);
}
