import { mulDivDown, WAD } from '../units/wad.ts';

const INDEX_SCALE = 10n ** 15n;

/** A market's stored totals: principals, and the indices (1e15) of the last accrual. */
export interface CometTotals {
  readonly baseSupplyIndex: bigint;
  readonly baseBorrowIndex: bigint;
  readonly totalSupplyBase: bigint;
  readonly totalBorrowBase: bigint;
  /** Unix seconds. */
  readonly lastAccrualTime: number;
}

/** What a rate goes by: all 1e18, the rates per second. */
export interface CometCurve {
  readonly kink: bigint;
  readonly base: bigint;
  readonly slopeLow: bigint;
  readonly slopeHigh: bigint;
}

/** What interest goes by. */
export interface CometInterest {
  readonly totals: CometTotals;
  readonly supplyCurve: CometCurve;
  readonly borrowCurve: CometCurve;
}

/** Indices of supply and debt, 1e15. */
export interface CometIndices {
  readonly supply: bigint;
  readonly borrow: bigint;
}

/** The stored indices: those that Comet's own views of health go by. */
export function storedIndices({ totals }: CometInterest): CometIndices {
  return { supply: totals.baseSupplyIndex, borrow: totals.baseBorrowIndex };
}

/**
 * The indices at a time: those that an action at that time goes by, an absorption too. Linear from the last accrual, every product down.
 *
 * Source: Comet.accruedInterestIndices. Checked: the market's own totalSupply and totalBorrow at every reading.
 */
export function accruedIndices({ totals, supplyCurve, borrowCurve }: CometInterest, timestamp: number): CometIndices {
  const seconds = BigInt(timestamp - totals.lastAccrualTime);
  const utilisation = utilisationOf(totals);
  const grown = (index: bigint, curve: CometCurve) =>
    index + mulDivDown(index, rateOf(curve, utilisation) * seconds, WAD);
  return { supply: grown(totals.baseSupplyIndex, supplyCurve), borrow: grown(totals.baseBorrowIndex, borrowCurve) };
}

/** Principal at an index, down: a debt too, as `borrowBalanceOf` states it. Source: CometCore.presentValue. */
export function presentValue(principal: bigint, index: bigint): bigint {
  return mulDivDown(principal, index, INDEX_SCALE);
}

/** One asset's amount with its price (1e8) and its unit. */
export interface CometAmount {
  readonly amount: bigint;
  readonly price: bigint;
  readonly scale: bigint;
}

/** Worth in the market's own currency, 1e8, down: a debt too, which Comet truncates toward zero. Source: Comet.mulPrice, signedMulPrice. */
export function worthOf({ amount, price, scale }: CometAmount): bigint {
  return mulDivDown(amount, price, scale);
}

/** An amount of collateral and the share of its worth that counts, 1e18. */
export interface CometPledge extends CometAmount {
  readonly factor: bigint;
}

/** What counts of the collateral, 1e8: each worth is rounded down, then its share. Source: Comet.isLiquidatable. */
export function creditOf(pledges: readonly CometPledge[]): bigint {
  return pledges.reduce((sum, pledge) => sum + mulDivDown(worthOf(pledge), pledge.factor, WAD), 0n);
}

/** Below 1e18 exactly where the credit is less than the debt, which is where Comet's liquidity is negative. Null where the debt is worth nothing. */
export function healthOf(creditValue: bigint, debtValue: bigint): bigint | null {
  return debtValue === 0n ? null : mulDivDown(creditValue, WAD, debtValue);
}

/** Source: Comet.getUtilization, at the stored indices. */
function utilisationOf(totals: CometTotals): bigint {
  const supplied = presentValue(totals.totalSupplyBase, totals.baseSupplyIndex);
  if (supplied === 0n) return 0n;
  return mulDivDown(presentValue(totals.totalBorrowBase, totals.baseBorrowIndex), WAD, supplied);
}

/** Source: Comet.getSupplyRate and getBorrowRate. */
function rateOf({ kink, base, slopeLow, slopeHigh }: CometCurve, utilisation: bigint): bigint {
  if (utilisation <= kink) return base + mulDivDown(slopeLow, utilisation, WAD);
  return base + mulDivDown(slopeLow, kink, WAD) + mulDivDown(slopeHigh, utilisation - kink, WAD);
}
