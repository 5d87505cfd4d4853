import type { Decimal } from '../units/decimal.ts';
import type { DeriveParameters, DeriveScenario } from './deriveModel.ts';

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

/** What the standard manager asks for in one market, as shares of a notional. */
export interface StandardMarketRatios {
  /** Of |size| · mark. */
  readonly perp: Decimal;
  /** Of spot, on top of the mark of a short call. */
  readonly shortCall: Decimal;
  /** Of spot, on top of the mark of a short put, or `shortPutMark` of the mark where that is more. */
  readonly shortPut: Decimal;
  readonly shortPutMark: Decimal;
  /** Of the forward, for calls sold beyond those that are held, where the loss of an expiry is bounded by nothing else. */
  readonly unpairedCall: Decimal;
}

/**
 * A subaccount of Derive v2 under the standard manager: anyone may start an auction when its maintenance margin is below zero. What an
 * auction leaves of its equity is not known; it can be nothing.
 * Source: StandardManager and DutchAuction of Derive v2 (v2-core 7736900d).
 */
export interface StandardMarginRule {
  readonly kind: 'standardMargin';
  /** The asset that counts at face value. */
  readonly cash: string;
  /** The share of its price that counts, by the asset of the silo's other tokens. */
  readonly collateral: Readonly<Record<string, Decimal>>;
  /** By underlying. */
  readonly markets: Readonly<Record<string, StandardMarketRatios>>;
}

/**
 * A subaccount of Derive v2 under a portfolio manager: as under the standard one, by the maintenance margin of its own model.
 * Source: PMRM and PMRM_2 of Derive v2.
 */
export interface PortfolioMarginRule {
  readonly kind: 'portfolioMargin';
  readonly parameters: DeriveParameters;
  readonly scenarios: readonly DeriveScenario[];
}

/** What a pool asks for one leg: a fixed amount, and for an option that was sold what it is in the money by. */
export interface AskedMargin {
  /** Of which of the pool's tokens: 0 or 1. */
  readonly token: 0 | 1;
  /** Units of that token, whatever the price. */
  readonly fixed: Decimal;
  /** Its notional in units of that token, and its range. Absent: the fixed amount is all. */
  readonly sold?: {
    readonly notional: Decimal;
    readonly tickLower: number;
    readonly tickMiddle: number;
    readonly tickUpper: number;
  };
}

/**
 * A margin account at a pool whose options are ranges of liquidity: liquidated when what counts is worth less than what is asked for, both in
 * the pool's two tokens together. A liquidation takes what is short in either token, at most half of what counts.
 * Source: CollateralTracker and PanopticPool of Panoptic v1.
 */
export interface RangeAccountRule {
  readonly kind: 'rangeAccount';
  /** The ids of assets of the market, in the pool's order. */
  readonly token0: string;
  readonly token1: string;
  readonly decimals0: number;
  readonly decimals1: number;
  /** Units of each token that count: deposits and premium, and nothing that an open position is worth. */
  readonly counted0: Decimal;
  readonly counted1: Decimal;
  readonly asked: readonly AskedMargin[];
}

export type SiloRule =
  | OwnedRule
  | LendingRule
  | ShortOptionRule
  | PerpAccountRule
  | IsolatedPerpRule
  | StandardMarginRule
  | PortfolioMarginRule
  | RangeAccountRule;

/** A venue's own margin account: one Aave user, one Morpho market, one Lyra position. */
export interface Silo {
  /** Unique in a portfolio, for instance `aaveV3` or `lyra:12`. */
  readonly id: string;
  readonly venue: string;
  readonly rule: SiloRule;
}
