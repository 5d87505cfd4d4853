import type { Address, Hex } from 'viem';
import type { GmxPrice } from './gmxV2Markets.ts';

/** A position as GMX stores it. */
export interface GmxPosition {
  readonly addresses: { readonly account: Address; readonly market: Address; readonly collateralToken: Address };
  readonly numbers: {
    /** USD at which it was entered, 1e30. */
    readonly sizeInUsd: bigint;
    /** Smallest units of the index token. */
    readonly sizeInTokens: bigint;
    readonly collateralAmount: bigint;
    readonly pendingImpactAmount: bigint;
    readonly borrowingFactor: bigint;
    readonly fundingFeeAmountPerSize: bigint;
    readonly longTokenClaimableFundingAmountPerSize: bigint;
    readonly shortTokenClaimableFundingAmountPerSize: bigint;
    readonly increasedAtTime: bigint;
    readonly decreasedAtTime: bigint;
  };
  readonly flags: { readonly isLong: boolean };
}

/** What Reader.getPositionInfo says of closing all of a position, as far as it is read. Amounts are in collateral tokens. */
export interface GmxPositionInfo {
  readonly position: GmxPosition;
  readonly fees: {
    readonly funding: {
      readonly fundingFeeAmount: bigint;
      readonly claimableLongTokenAmount: bigint;
      readonly claimableShortTokenAmount: bigint;
      readonly latestFundingFeeAmountPerSize: bigint;
      readonly latestLongTokenClaimableFundingAmountPerSize: bigint;
      readonly latestShortTokenClaimableFundingAmountPerSize: bigint;
    };
    readonly borrowing: { readonly borrowingFeeUsd: bigint; readonly borrowingFeeAmount: bigint };
    readonly ui: { readonly uiFeeAmount: bigint };
    readonly collateralTokenPrice: GmxPrice;
    readonly positionFeeAmount: bigint;
    readonly totalCostAmount: bigint;
    readonly totalDiscountAmount: bigint;
  };
  readonly executionPriceResult: {
    readonly priceImpactUsd: bigint;
    readonly balanceWasImproved: boolean;
    readonly proportionalPendingImpactUsd: bigint;
    readonly totalImpactUsd: bigint;
  };
  readonly basePnlUsd: bigint;
  readonly uncappedBasePnlUsd: bigint;
}

/** Reader.isPositionLiquidatable: whether, why, and what it compared, USD, 1e30. */
export type GmxVerdict = readonly [
  isLiquidatable: boolean,
  reason: string,
  remaining: {
    readonly remainingCollateralUsd: bigint;
    readonly minCollateralUsd: bigint;
    readonly minCollateralUsdForLeverage: bigint;
  },
];

/** An order that waits to be executed; what it brings in lies in the OrderVault. */
export interface GmxOrderInfo {
  readonly orderKey: Hex;
  readonly order: {
    readonly addresses: {
      readonly account: Address;
      readonly receiver: Address;
      readonly cancellationReceiver: Address;
      readonly initialCollateralToken: Address;
    };
    readonly numbers: { readonly orderType: number; readonly initialCollateralDeltaAmount: bigint };
  };
}
