import type { Address } from 'viem';
import { type Figure, requireAgreement } from './agreement.ts';
import { accrued, applyFactor, closingFee, collateralPrice, fundingSince, uncappedPnl } from './gmxV2Math.ts';
import type { GmxHolding } from './gmxV2Read.ts';

/** What the venue's liquidation test compares, USD, 1e30. */
export interface GmxTest {
  /** The larger of the venue's minimum and the share of the size. */
  readonly requiredUsd: bigint;
  /** As the venue's view says it: without what has accrued since the market was last touched. */
  readonly ownUsd: bigint;
  /** As a liquidation finds it, which updates the market first: all fees up to the block. */
  readonly remainingUsd: bigint;
  /** What the test takes for price impact: never a gain, and at most a share of the size. */
  readonly impactUsd: bigint;
}

/** Whether a keeper's liquidation at the block would succeed. Source: PositionUtils.isPositionLiquidatable. */
export function isLiquidatable({ requiredUsd, remainingUsd }: Pick<GmxTest, 'requiredUsd' | 'remainingUsd'>): boolean {
  return remainingUsd < requiredUsd || remainingUsd <= 0n;
}

/**
 * The liquidation test of a position, after all that the venue says of it was computed again from the state.
 * The price impact alone is the venue's word (a power function and the pool's imbalance); the test's is bounded by it.
 *
 * @throws {VenueDisagreesError} for the first figure that differs.
 */
export function checkHolding(
  holding: GmxHolding,
  { venue, minCollateralUsd }: { readonly venue: string; readonly minCollateralUsd: bigint },
): GmxTest {
  const account = holding.position.addresses.account;
  requireAgreement({ venue, account }, [
    ...positionFigures(holding),
    ...fundingFigures(holding),
    ...feeFigures(holding),
  ]);
  return checkTest(holding, { venue, account, minCollateralUsd });
}

function positionFigures({ position, info, state }: GmxHolding): readonly Figure[] {
  const stored = [...Object.entries(position.numbers), ['isLong', position.flags.isLong ? 1n : 0n] as const];
  const shown: Readonly<Record<string, bigint>> = {
    ...info.position.numbers,
    isLong: info.position.flags.isLong ? 1n : 0n,
  };
  const price = collateralPrice(state, position.addresses.collateralToken);
  return [
    ...stored.map(([name, value]) => ({ name, own: shown[name] as bigint, computed: value as bigint })),
    { name: 'collateralTokenPrice.min', own: info.fees.collateralTokenPrice.min, computed: price.min },
    { name: 'collateralTokenPrice.max', own: info.fees.collateralTokenPrice.max, computed: price.max },
  ];
}

function fundingFigures({ state }: GmxHolding): readonly Figure[] {
  const { fundingFeeAmountPerSizeDelta, claimableFundingAmountPerSizeDelta } = state.info.nextFunding;
  const { fee, claimable } = fundingSince(state);
  return (['long', 'short'] as const).flatMap((side) =>
    (['longToken', 'shortToken'] as const).flatMap((token) => [
      {
        name: `fundingFeeAmountPerSizeDelta.${side}.${token}`,
        own: fundingFeeAmountPerSizeDelta[side][token],
        computed: fee[side][token],
      },
      {
        name: `claimableFundingAmountPerSizeDelta.${side}.${token}`,
        own: claimableFundingAmountPerSizeDelta[side][token],
        computed: claimable[side][token],
      },
    ]),
  );
}

function feeFigures(holding: GmxHolding): readonly Figure[] {
  const { fees, basePnlUsd, uncappedBasePnlUsd } = holding.info;
  const { funding, borrowing, ui, totalDiscountAmount: discount } = fees;
  const due = accrued(holding, true);
  const pnl = uncappedPnl(holding);
  const fee = closingFee(holding);
  const total = fee + due.borrowingAmount + due.fundingAmount + ui.uiFeeAmount - discount;
  const { long, short } = due.claimablePerSize;
  return [
    { name: 'uncappedBasePnlUsd', own: uncappedBasePnlUsd, computed: pnl },
    { name: 'the uncapped profit of getPositionPnlUsd', own: holding.pnl.uncapped, computed: pnl },
    { name: 'basePnlUsd', own: basePnlUsd, computed: capped(holding.pnl.pnl, pnl) },
    { name: 'borrowingFeeUsd', own: borrowing.borrowingFeeUsd, computed: due.borrowingUsd },
    { name: 'borrowingFeeAmount', own: borrowing.borrowingFeeAmount, computed: due.borrowingAmount },
    { name: 'latestFundingFeeAmountPerSize', own: funding.latestFundingFeeAmountPerSize, computed: due.fundingPerSize },
    { name: 'fundingFeeAmount', own: funding.fundingFeeAmount, computed: due.fundingAmount },
    { name: 'latestClaimableLong', own: funding.latestLongTokenClaimableFundingAmountPerSize, computed: long },
    { name: 'latestClaimableShort', own: funding.latestShortTokenClaimableFundingAmountPerSize, computed: short },
    { name: 'claimableLongTokenAmount', own: funding.claimableLongTokenAmount, computed: due.claimableLong },
    { name: 'claimableShortTokenAmount', own: funding.claimableShortTokenAmount, computed: due.claimableShort },
    { name: 'positionFeeAmount', own: fees.positionFeeAmount, computed: fee },
    { name: 'totalCostAmount', own: fees.totalCostAmount, computed: total },
  ];
}

/** A profit as the market caps it, which is the venue's word: never more than it is, and no loss. */
function capped(ownUsd: bigint, uncappedUsd: bigint): bigint {
  if (uncappedUsd <= 0n || ownUsd > uncappedUsd) return uncappedUsd;
  return ownUsd < 0n ? 0n : ownUsd;
}

function checkTest(
  holding: GmxHolding,
  { venue, account, minCollateralUsd }: { venue: string; account: Address; minCollateralUsd: bigint },
): GmxTest {
  const { position, state, info, verdict } = holding;
  const { sizeInUsd, collateralAmount } = position.numbers;
  const [isOwnLiquidatable, , own] = verdict;
  const { min } = collateralPrice(state, position.addresses.collateralToken);
  const untouched = accrued(holding, false);
  const { fees, basePnlUsd } = info;
  const costBefore = fees.positionFeeAmount + untouched.borrowingAmount + untouched.fundingAmount + fees.ui.uiFeeAmount;
  const before = (collateralAmount - costBefore + fees.totalDiscountAmount) * min + basePnlUsd;
  const impactUsd = own.remainingCollateralUsd - before;
  const byLeverage = applyFactor(sizeInUsd, state.minCollateralFactor);
  const requiredUsd = byLeverage > minCollateralUsd ? byLeverage : minCollateralUsd;
  const test = { requiredUsd, remainingUsd: own.remainingCollateralUsd };
  requireAgreement({ venue, account }, [
    { name: 'minCollateralUsd', own: own.minCollateralUsd, computed: minCollateralUsd },
    { name: 'minCollateralUsdForLeverage', own: own.minCollateralUsdForLeverage, computed: byLeverage },
    { name: 'the price impact of the liquidation test', own: impactUsd, computed: testImpact(holding, impactUsd) },
    { name: 'isLiquidatable', own: isOwnLiquidatable ? 1n : 0n, computed: isLiquidatable(test) ? 1n : 0n },
  ]);
  const remainingUsd = (collateralAmount - fees.totalCostAmount) * min + basePnlUsd + impactUsd;
  return { requiredUsd, ownUsd: own.remainingCollateralUsd, remainingUsd, impactUsd };
}

/**
 * The impact of closing and the one put off when opening, as a loss of at most a share of the size. Where closing gains, the view of the position has
 * bounded that gain and the test has not: then the test's own figure stands, if it lies between ours and zero.
 */
function testImpact({ position, state, info }: GmxHolding, ownUsd: bigint): bigint {
  const { priceImpactUsd, proportionalPendingImpactUsd } = info.executionPriceResult;
  const lowest = -applyFactor(position.numbers.sizeInUsd, state.maxLiquidationImpactFactor);
  const impact = priceImpactUsd + proportionalPendingImpactUsd;
  const clamped = impact > 0n ? 0n : impact < lowest ? lowest : impact;
  return priceImpactUsd > 0n && ownUsd >= clamped && ownUsd <= 0n ? ownUsd : clamped;
}
