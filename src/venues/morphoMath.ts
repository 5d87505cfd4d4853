import { zeroAddress } from 'viem';
import { mulDivDown, mulDivUp } from '../units/wad.ts';
import type { MorphoMarket, MorphoParams, MorphoPosition } from './morphoBlueRead.ts';

const WAD = 10n ** 18n;
const ORACLE_PRICE_SCALE = 10n ** 36n;
const VIRTUAL_SHARES = 10n ** 6n;
const VIRTUAL_ASSETS = 1n;
const MAX_LIQUIDATION_INCENTIVE_FACTOR = 1_150_000_000_000_000_000n; // 1.15
const LIQUIDATION_CURSOR = 300_000_000_000_000_000n; // 0.3

/** A market after its interest, and the shares that the fee recipient gained. */
export interface Accrued {
  readonly market: MorphoMarket;
  readonly feeShares: bigint;
}

/** The market as `accrueInterest` would leave it at a time (unix seconds). Source: Morpho._accrueInterest. */
export function accrue(
  { params, market, borrowRate }: { params: MorphoParams; market: MorphoMarket; borrowRate: bigint },
  timestamp: number,
): Accrued {
  const elapsed = BigInt(timestamp) - market.lastUpdate;
  if (elapsed === 0n || params.irm === zeroAddress) return { market, feeShares: 0n };
  const interest = wMulDown(market.totalBorrowAssets, wTaylorCompounded(borrowRate, elapsed));
  const totalBorrowAssets = market.totalBorrowAssets + interest;
  const totalSupplyAssets = market.totalSupplyAssets + interest;
  const feeAssets = wMulDown(interest, market.fee);
  const before = { assets: totalSupplyAssets - feeAssets, shares: market.totalSupplyShares };
  const feeShares = toSharesDown(feeAssets, before);
  const totalSupplyShares = market.totalSupplyShares + feeShares;
  return { market: { ...market, totalBorrowAssets, totalSupplyAssets, totalSupplyShares }, feeShares };
}

/** Smallest units of the loan token that a supplier may withdraw: shares to assets, Down. */
export function suppliedAssets({ supplyShares }: MorphoPosition, market: MorphoMarket): bigint {
  const { totalSupplyAssets, totalSupplyShares } = market;
  return mulDivDown(supplyShares, totalSupplyAssets + VIRTUAL_ASSETS, totalSupplyShares + VIRTUAL_SHARES);
}

/** Smallest units of the loan token that a borrower owes: shares to assets, Up. */
export function borrowedAssets({ borrowShares }: MorphoPosition, market: MorphoMarket): bigint {
  const { totalBorrowAssets, totalBorrowShares } = market;
  return mulDivUp(borrowShares, totalBorrowAssets + VIRTUAL_ASSETS, totalBorrowShares + VIRTUAL_SHARES);
}

/**
 * What a borrower may owe at most, over what it owes, Down; null where it owes nothing.
 * At 1e18 and above exactly where Morpho calls the position healthy. Source: Morpho._isHealthy.
 */
export function healthWad(
  { position, market }: { readonly position: MorphoPosition; readonly market: MorphoMarket },
  { price, lltv }: { readonly price: bigint; readonly lltv: bigint },
): bigint | null {
  if (position.borrowShares === 0n) return null;
  const maxBorrow = wMulDown(mulDivDown(position.collateral, price, ORACLE_PRICE_SCALE), lltv);
  return mulDivDown(maxBorrow, WAD, borrowedAssets(position, market));
}

/** What a liquidator gains on top, as a share (1e18). Source: Morpho.liquidate. */
export function liquidationBonusWad(lltv: bigint): bigint {
  const factor = mulDivDown(WAD, WAD, WAD - wMulDown(LIQUIDATION_CURSOR, WAD - lltv));
  return (factor < MAX_LIQUIDATION_INCENTIVE_FACTOR ? factor : MAX_LIQUIDATION_INCENTIVE_FACTOR) - WAD;
}

function wMulDown(a: bigint, b: bigint): bigint {
  return mulDivDown(a, b, WAD);
}

/** e^(x·n) − 1 by three terms, each Down. Source: MathLib.wTaylorCompounded. */
function wTaylorCompounded(x: bigint, n: bigint): bigint {
  const first = x * n;
  const second = mulDivDown(first, first, 2n * WAD);
  const third = mulDivDown(second, first, 3n * WAD);
  return first + second + third;
}

function toSharesDown(assets: bigint, total: { readonly assets: bigint; readonly shares: bigint }): bigint {
  return mulDivDown(assets, total.shares + VIRTUAL_SHARES, total.assets + VIRTUAL_ASSETS);
}
