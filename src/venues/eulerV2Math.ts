import { MarginError } from '../errors.ts';
import { mulDivDown, mulDivUp, WAD } from '../units/wad.ts';

/** Of loan-to-value ratios and discounts. */
const ONE_BPS = 10_000n;
/** Shares and assets that every vault counts as there from the start. */
const VIRTUAL_DEPOSIT = 1_000_000n;
const DEBT_FRACTION_BITS = 31n;

/** A vault's totals with interest up to the block: assets in smallest units, `totalBorrowsExact` shifted left by 31 bits. */
export interface EulerTotals {
  readonly totalSupply: bigint;
  readonly cash: bigint;
  readonly totalBorrowsExact: bigint;
}

/** What a vault says of one of its collaterals. Ratios 1e4, times unix seconds. */
export interface EulerLtv {
  readonly liquidationLtv: bigint;
  readonly initialLiquidationLtv: bigint;
  /** When the liquidation ratio has come down from the initial one; 0 where the collateral was never configured. */
  readonly targetTimestamp: bigint;
  readonly rampDuration: bigint;
}

/** What a vault weighs of an account, in its unit of account. */
export interface EulerLiquidity {
  readonly collateralValue: bigint;
  readonly liabilityValue: bigint;
}

/** Smallest units that an exact debt is owed as: Up. Source: the Euler Vault Kit's owed amounts, 31 fractional bits. */
export function debtAssets(exact: bigint): bigint {
  return (exact + (1n << DEBT_FRACTION_BITS) - 1n) >> DEBT_FRACTION_BITS;
}

/** Smallest units that a vault counts as its own: cash and what is owed to it, Up. */
export function totalAssets({ cash, totalBorrowsExact }: EulerTotals): bigint {
  return cash + debtAssets(totalBorrowsExact);
}

/** Smallest units that shares are redeemed for, were there cash enough: Down, with the vault's virtual deposit. */
export function sharesToAssets(shares: bigint, totals: EulerTotals): bigint {
  return mulDivDown(shares, totalAssets(totals) + VIRTUAL_DEPOSIT, totals.totalSupply + VIRTUAL_DEPOSIT);
}

/** Smallest units that shares cost to get: Up. Whoever owes shares needs as much to repay them. */
export function sharesCost(shares: bigint, totals: EulerTotals): bigint {
  return mulDivUp(shares, totalAssets(totals) + VIRTUAL_DEPOSIT, totals.totalSupply + VIRTUAL_DEPOSIT);
}

/** The ratio (1e4) at which a collateral counts for liquidation at a time: a lowered one comes down in a straight line. */
export function liquidationLtvAt(ltv: EulerLtv, timestamp: number): bigint {
  const { liquidationLtv, initialLiquidationLtv, targetTimestamp, rampDuration } = ltv;
  const left = targetTimestamp - BigInt(timestamp);
  if (left <= 0n || rampDuration === 0n || liquidationLtv >= initialLiquidationLtv) return liquidationLtv;
  return liquidationLtv + mulDivDown(initialLiquidationLtv - liquidationLtv, left, rampDuration);
}

/** What quotes of collateral count, each at its ratio (1e4), Down one by one. */
export function collateralValue(quoted: readonly { readonly quote: bigint; readonly ltv: bigint }[]): bigint {
  return quoted.reduce((sum, { quote, ltv }) => sum + mulDivDown(quote, ltv, ONE_BPS), 0n);
}

/** Collateral over debt, Down; null where the debt is worth nothing. The vault lets an account be liquidated at 1e18 and below. */
export function eulerHealthWad({ collateralValue: collateral, liabilityValue }: EulerLiquidity): bigint | null {
  return liabilityValue === 0n ? null : mulDivDown(collateral, WAD, liabilityValue);
}

/**
 * What a liquidator gains on top at most, as a share (1e18), Up. The discount grows with what is missing, one minus the health, up to
 * the vault's largest (1e4): a liquidator who pays 1 takes 1 ÷ (1 − discount).
 *
 * @throws {EulerDiscountError} for a discount of everything, which a vault cannot be set to.
 */
export function largestBonusWad(maxDiscount: bigint): bigint {
  if (maxDiscount >= ONE_BPS) throw new EulerDiscountError(maxDiscount);
  return mulDivUp(maxDiscount, WAD, ONE_BPS - maxDiscount);
}

/** A liquidation discount under which collateral would be given away. */
export class EulerDiscountError extends MarginError {
  readonly code = 'EulerDiscountError';
  /** 1e4. */
  readonly maxDiscount: bigint;

  constructor(maxDiscount: bigint) {
    super(
      `A vault of Euler V2 states the liquidation discount ${maxDiscount} of 10000, and no vault can be set to all of it. Check that the vaults of the deployment are Euler's.`,
    );
    this.maxDiscount = maxDiscount;
  }
}
