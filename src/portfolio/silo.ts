import type { Decimal } from '../units/decimal.ts';

/** Nothing here can be liquidated: no debt is possible, or the leg is paid in full. */
export interface OwnedRule {
  readonly kind: 'owned';
}

/**
 * A lending account: liquidated when Σ collateral · threshold < debt.
 * The venue then closes `closeFactor` of the debt (all of it below `fullCloseBelow`) and takes the bonus on top.
 */
export interface LendingRule {
  readonly kind: 'lending';
  /** Per asset of the silo's positive legs: what counts as collateral (0…1), and what a liquidator earns on it (0.05 = 5 %). */
  readonly collateral: Readonly<Record<string, { readonly threshold: Decimal; readonly bonus: Decimal }>>;
  readonly closeFactor: Decimal;
  /** The health under which the whole debt is closed. */
  readonly fullCloseBelow: Decimal;
}

/**
 * One short option and its collateral at Lyra V1: liquidated when collateral < the venue's minimum,
 * `min(max(option value at shocked spot and volatility, static minimum), full collateral)`.
 * Source: OptionGreekCache.getMinCollateral and OptionToken.getLiquidationFees of the deployed contracts.
 */
export interface ShortOptionRule {
  readonly kind: 'shortOption';
  /** Collateral in the underlying (a covered call) or in the quote asset. */
  readonly collateralIn: 'underlying' | 'quote';
  /** Units of the collateral asset. */
  readonly minStaticCollateral: Decimal;
  /** Factor on spot, for instance 1.2 for a call and 0.8 for a put. */
  readonly spotShock: Decimal;
  /** Annual volatility at which the venue values the option for this purpose, at the time to expiry of the snapshot. */
  readonly shockVol: Decimal;
  /** Annual, continuous: the venue's own forward is spot · exp(rate · years). */
  readonly rate: Decimal;
  /** Share of what is left after closing that a liquidation takes. */
  readonly penaltyRatio: Decimal;
  /** USD. */
  readonly minPenaltyUsd: Decimal;
}

/**
 * A margin account of perpetuals: liquidated when its value < maintenanceRatio · Σ |position value|.
 * A liquidation closes up to `closeFactor` of all positions out of one of them (all of them where value ÷ requirement is below
 * `fullCloseBelow`, all of one that is worth `minPartialUsd` or less), and takes `penaltyRatio` of what it closes.
 * Source: AccountBalance and ClearingHouse of Perpetual Protocol V2.
 */
export interface PerpAccountRule {
  readonly kind: 'perpAccount';
  readonly maintenanceRatio: Decimal;
  readonly penaltyRatio: Decimal;
  readonly closeFactor: Decimal;
  readonly fullCloseBelow: Decimal;
  /** USD. */
  readonly minPartialUsd: Decimal;
}

/**
 * One perpetual position with collateral of its own: liquidated, and then closed whole, when what the venue's test counts of it,
 * its value and `adjustmentUsd`, is < `requirementUsd` or not above zero. A liquidation takes `penaltyUsd`, at most what is left.
 * Source: PositionUtils.isPositionLiquidatable of GMX v2.
 */
export interface IsolatedPerpRule {
  readonly kind: 'isolatedPerp';
  /** USD. It goes by the size at which the position was entered, and does not move with the price. */
  readonly requirementUsd: Decimal;
  /** USD, signed. What closing costs by the legs and not by the venue's test (+), or the other way round (−). */
  readonly adjustmentUsd: Decimal;
  /** USD. */
  readonly penaltyUsd: Decimal;
}

export type SiloRule = OwnedRule | LendingRule | ShortOptionRule | PerpAccountRule | IsolatedPerpRule;

/** A venue's own margin account: one Aave user, one Morpho market, one Lyra position. */
export interface Silo {
  /** Unique in a portfolio, for instance `aaveV3` or `lyra:12`. */
  readonly id: string;
  readonly venue: string;
  readonly rule: SiloRule;
}
