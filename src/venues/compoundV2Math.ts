import { mulDivDown, WAD } from '../units/wad.ts';
import type { CompoundHolding, CompoundMarket } from './compoundV2Read.ts';

/** A market at a block, its interest included. */
export interface Accrued {
  readonly totalBorrows: bigint;
  /** 1e18. */
  readonly borrowIndex: bigint;
  /** Smallest units of the underlying a smallest unit of the market's token, 1e18. */
  readonly exchangeRate: bigint;
}

/** What the Comptroller weighs: USD, 1e18. */
export interface AccountSums {
  readonly collateral: bigint;
  readonly debt: bigint;
}

/**
 * The market as `accrueInterest` would leave it at a block: simple interest on the blocks since the last accrual, each step Down.
 * Source: VToken.accrueInterest and exchangeRateStoredInternal of Venus 5.2.0, equal to Compound V2's CToken.
 */
export function accrue(market: CompoundMarket, blockNumber: bigint): Accrued {
  const factor = market.borrowRate * (blockNumber - market.accrualBlock);
  const interest = mulDivDown(factor, market.totalBorrows, WAD);
  const totalBorrows = market.totalBorrows + interest;
  const totalReserves = market.totalReserves + mulDivDown(market.reserveFactor, interest, WAD);
  const borrowIndex = market.borrowIndex + mulDivDown(factor, market.borrowIndex, WAD);
  if (market.totalSupply === 0n) return { totalBorrows, borrowIndex, exchangeRate: market.exchangeRateStored };
  const exchangeRate = mulDivDown(market.cash + totalBorrows - totalReserves, WAD, market.totalSupply);
  return { totalBorrows, borrowIndex, exchangeRate };
}

/** Smallest units of the underlying that the account may redeem: Down. */
export function suppliedAssets({ balance }: CompoundHolding, { exchangeRate }: Accrued): bigint {
  return mulDivDown(balance, exchangeRate, WAD);
}

/** Smallest units of the underlying that the account owes: Down, as the market itself rounds. */
export function borrowedAssets({ debt }: CompoundHolding, { borrowIndex }: Accrued): bigint {
  return debt.principal === 0n ? 0n : mulDivDown(debt.principal, borrowIndex, debt.index);
}

/**
 * Collateral by its factor, and debt, of the markets that the account entered; each product Down.
 * Source: ComptrollerLens.getHypotheticalAccountLiquidity of Venus 5.2.0.
 */
export function accountSums(holdings: readonly CompoundHolding[], blockNumber: bigint): AccountSums {
  let collateral = 0n;
  let debt = 0n;
  for (const holding of holdings) {
    if (!holding.isMember) continue;
    const accrued = accrue(holding.market, blockNumber);
    const { price, collateralFactor } = holding.market;
    const weight = mulDivDown(mulDivDown(collateralFactor, accrued.exchangeRate, WAD), price, WAD);
    collateral += mulDivDown(weight, holding.balance, WAD);
    debt += mulDivDown(price, borrowedAssets(holding, accrued), WAD);
  }
  return { collateral, debt };
}

/** Collateral by its factor over debt, Down; null without debt. Below 1e18 exactly where the Comptroller sees a shortfall. */
export function healthOf({ collateral, debt }: AccountSums): bigint | null {
  return debt === 0n ? null : mulDivDown(collateral, WAD, debt);
}
