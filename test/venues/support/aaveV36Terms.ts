import { AAVE_RESERVES, STABLE_EMODE } from '../../../scripts/protocols/aaveV3.ts';
import { addCategory, MIXED_EMODE } from '../../../scripts/protocols/aaveV36.ts';
import type { AaveMarketFixture } from './aaveMarket.ts';

/** Bitcoin is collateral in this category and nowhere else: V3.6 alone can do that. */
export const BITCOIN_EMODE = 3;
/** 0 is none. */
export const EMODES_OF_V36 = [0, STABLE_EMODE, MIXED_EMODE, BITCOIN_EMODE] as const;
/** DAI is an isolated collateral: 10,000,000.00 may be owed against it. */
const DAI_CEILING = 1_000_000_000;

/** Everything that V3.6 can say of a reserve, before anybody supplies it: category-only collateral, isolation, siloed borrowing, caps. */
export async function useTermsOfV36({ aave: { configurator }, tokens }: AaveMarketFixture): Promise<void> {
  const at = (symbol: keyof typeof tokens) => tokens[symbol].contract.address;
  await configurator.write('configureReserveAsCollateral', [at('WBTC'), 0, 0, 0]);
  const { ltvBps, thresholdBps, bonusBps } = AAVE_RESERVES.WBTC;
  await addCategory(configurator, {
    terms: [BITCOIN_EMODE, ltvBps, thresholdBps, bonusBps, 'Bitcoin'],
    collateral: [tokens.WBTC],
    borrowable: [tokens.USDC, tokens.DAI, tokens.WETH],
  });
  await configurator.write('setDebtCeiling', [at('DAI'), DAI_CEILING]);
  await configurator.write('setBorrowableInIsolation', [at('USDC'), true]);
  await configurator.write('setSiloedBorrowing', [at('WBTC'), true]);
  await configurator.write('setSupplyCap', [at('WETH'), 1_000_000]);
  await configurator.write('setBorrowCap', [at('WETH'), 1_000_000]);
}

/** Which reserves are collateral in a category, as only the configurator may set it, which refuses while somebody supplies one. */
export async function setCollateralBitmap({ chain, aave }: AaveMarketFixture, [id, bitmap]: readonly [number, bigint]) {
  const { address } = aave.configurator;
  await chain.testClient.impersonateAccount({ address });
  await chain.testClient.setBalance({ address, value: 10n ** 18n });
  await aave.pool.write('configureEModeCategoryCollateralBitmap', [id, bitmap], { from: address });
  await chain.testClient.stopImpersonatingAccount({ address });
}
