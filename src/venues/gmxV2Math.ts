import { mulDivDown, mulDivUp } from '../units/wad.ts';
import type { GmxMarketState, GmxPrice, PerSide } from './gmxV2Markets.ts';
import type { GmxHolding } from './gmxV2Read.ts';

const FACTOR = 10n ** 30n;
/** What a per-size figure is multiplied by: 1e30 and another 1e15. */
const PER_SIZE = 10n ** 45n;

/** The borrowing factor of a side at the block. Source: MarketUtils.getNextCumulativeBorrowingFactor. */
export function nextBorrowingFactor(
  { borrowingFactor, borrowingUpdatedAt, info, now }: GmxMarketState,
  isLong: boolean,
) {
  const [stored, updatedAt, perSecond] = isLong
    ? [borrowingFactor.long, borrowingUpdatedAt.long, info.borrowingFactorPerSecondForLongs]
    : [borrowingFactor.short, borrowingUpdatedAt.short, info.borrowingFactorPerSecondForShorts];
  return stored + since(updatedAt, now) * perSecond;
}

/** What funding adds to the per-size figures from its last update to the block. Source: MarketUtils.getNextFundingAmountPerSize. */
export function fundingSince({ market, prices, info, openInterest, fundingUpdatedAt, now }: GmxMarketState): {
  readonly fee: PerSide;
  readonly claimable: PerSide;
} {
  const { longsPayShorts, fundingFactorPerSecond } = info.nextFunding;
  const [paying, receiving] = longsPayShorts
    ? [openInterest.long, openInterest.short]
    : [openInterest.short, openInterest.long];
  const [payingUsd, receivingUsd] = [paying, receiving].map((side) => side.longToken + side.shortToken) as [
    bigint,
    bigint,
  ];
  const nothing = { longToken: 0n, shortToken: 0n };
  if (payingUsd === 0n || receivingUsd === 0n) {
    return { fee: { long: nothing, short: nothing }, claimable: { long: nothing, short: nothing } };
  }
  const factor = since(fundingUpdatedAt, now) * fundingFactorPerSecond;
  const fundingUsd = mulDivDown(payingUsd, factor, FACTOR) / divisorOf(market);
  const share = (usd: bigint) => mulDivDown(fundingUsd, usd, payingUsd);
  const shares = { longToken: share(paying.longToken), shortToken: share(paying.shortToken) };
  const { longTokenPrice, shortTokenPrice } = prices;
  const fee = {
    longToken: feePerSize(shares.longToken, { sizeUsd: paying.longToken, price: longTokenPrice }),
    shortToken: feePerSize(shares.shortToken, { sizeUsd: paying.shortToken, price: shortTokenPrice }),
  };
  const claimable = {
    longToken: mulDivDown(shares.longToken, PER_SIZE, receivingUsd) / longTokenPrice.max,
    shortToken: mulDivDown(shares.shortToken, PER_SIZE, receivingUsd) / shortTokenPrice.max,
  };
  return longsPayShorts
    ? { fee: { long: fee, short: nothing }, claimable: { long: nothing, short: claimable } }
    : { fee: { long: nothing, short: fee }, claimable: { long: claimable, short: nothing } };
}

/** What a position owes and has earned since it was last touched, with the factors as stored (`isPending` false) or at the block. */
export function accrued({ position, state }: GmxHolding, isPending: boolean) {
  const { numbers } = position;
  const { isLong } = position.flags;
  const { market, info } = state;
  const side = isLong ? 'long' : 'short';
  const pending = fundingSince(state);
  // Both tokens of a single-token market have one key, which is raised once for each.
  const raise = isPending ? divisorOf(market) : 0n;
  const isLongToken = isSame(position.addresses.collateralToken, market.longToken);
  const collateral = isLongToken ? 'longToken' : 'shortToken';
  const stored = info.baseFunding;
  const perSize = stored.fundingFeeAmountPerSize[side][collateral] + raise * pending.fee[side][collateral];
  const claimable = {
    long: stored.claimableFundingAmountPerSize[side].longToken + raise * pending.claimable[side].longToken,
    short: stored.claimableFundingAmountPerSize[side].shortToken + raise * pending.claimable[side].shortToken,
  };
  const storedFactor = isLong ? state.borrowingFactor.long : state.borrowingFactor.short;
  const factor = isPending ? nextBorrowingFactor(state, isLong) : storedFactor;
  const borrowingUsd = mulDivDown(numbers.sizeInUsd, factor - numbers.borrowingFactor, FACTOR);
  const earned = (latest: bigint, from: bigint) => mulDivDown(numbers.sizeInUsd, latest - from, PER_SIZE);
  return {
    borrowingUsd,
    borrowingAmount: borrowingUsd / collateralPrice(state, position.addresses.collateralToken).min,
    fundingPerSize: perSize,
    fundingAmount: mulDivUp(numbers.sizeInUsd, perSize - numbers.fundingFeeAmountPerSize, PER_SIZE),
    claimablePerSize: claimable,
    claimableLong: earned(claimable.long, numbers.longTokenClaimableFundingAmountPerSize),
    claimableShort: earned(claimable.short, numbers.shortTokenClaimableFundingAmountPerSize),
  };
}

/** The profit before the market's cap, USD, 1e30: longs are closed at the lower price, shorts at the higher. Source: PositionUtils.getPositionPnlUsd. */
export function uncappedPnl({ position: { numbers, flags }, state }: GmxHolding): bigint {
  const { min, max } = state.prices.indexTokenPrice;
  return flags.isLong ? numbers.sizeInTokens * min - numbers.sizeInUsd : numbers.sizeInUsd - numbers.sizeInTokens * max;
}

/** What closing all of it costs, in collateral tokens, before discounts. Source: PositionPricingUtils.getPositionFeesAfterReferral. */
export function closingFee({ position, state, info }: GmxHolding): bigint {
  const { improved, worsened } = state.positionFeeFactor;
  const factor = info.executionPriceResult.balanceWasImproved ? improved : worsened;
  const { min } = collateralPrice(state, position.addresses.collateralToken);
  return applyFactor(position.numbers.sizeInUsd, factor) / min;
}

/** A share of an amount, Down. Source: Precision.applyFactor. */
export function applyFactor(amount: bigint, factor: bigint): bigint {
  return mulDivDown(amount, factor, FACTOR);
}

/** USD per smallest unit of the collateral. */
export function collateralPrice({ market, prices }: GmxMarketState, token: string): GmxPrice {
  return isSame(token, market.longToken) ? prices.longTokenPrice : prices.shortTokenPrice;
}

/** Whether two addresses are one. */
export function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function divisorOf({ longToken, shortToken }: GmxMarketState['market']): bigint {
  return isSame(longToken, shortToken) ? 2n : 1n;
}

function feePerSize(usd: bigint, { sizeUsd, price }: { readonly sizeUsd: bigint; readonly price: GmxPrice }): bigint {
  if (usd === 0n || sizeUsd === 0n) return 0n;
  return mulDivUp(mulDivUp(usd, PER_SIZE, sizeUsd), 1n, price.max);
}

/** Seconds since an update; a figure that was never updated has no time before it. */
function since(updatedAt: bigint, now: bigint): bigint {
  return updatedAt === 0n ? 0n : now - updatedAt;
}
