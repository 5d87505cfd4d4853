import { parseAbi } from 'viem';

/** What we read of GMX v2's DataStore: it holds all state, by key. */
export const dataStoreAbi = parseAbi([
  'function roleStore() view returns (address)',
  'function getUint(bytes32 key) view returns (uint256)',
  'function getBytes32Count(bytes32 setKey) view returns (uint256)',
  'function getBytes32ValuesAt(bytes32 setKey, uint256 start, uint256 end) view returns (bytes32[])',
]);

const MARKET = 'struct Market { address marketToken; address indexToken; address longToken; address shortToken; }';
const PRICES = [
  'struct Price { uint256 min; uint256 max; }',
  'struct Prices { Price indexTokenPrice; Price longTokenPrice; Price shortTokenPrice; }',
] as const;
const POSITION = [
  'struct PositionAddresses { address account; address market; address collateralToken; }',
  'struct PositionNumbers { uint256 sizeInUsd; uint256 sizeInTokens; uint256 collateralAmount; int256 pendingImpactAmount; uint256 borrowingFactor; uint256 fundingFeeAmountPerSize; uint256 longTokenClaimableFundingAmountPerSize; uint256 shortTokenClaimableFundingAmountPerSize; uint256 increasedAtTime; uint256 decreasedAtTime; }',
  'struct PositionFlags { bool isLong; }',
  'struct Position { PositionAddresses addresses; PositionNumbers numbers; PositionFlags flags; }',
] as const;
const FEES = [
  'struct ReferralFees { bytes32 referralCode; address affiliate; address trader; uint256 totalRebateFactor; uint256 affiliateRewardFactor; uint256 adjustedAffiliateRewardFactor; uint256 traderDiscountFactor; uint256 totalRebateAmount; uint256 traderDiscountAmount; uint256 affiliateRewardAmount; }',
  'struct ProFees { uint256 traderTier; uint256 traderDiscountFactor; uint256 traderDiscountAmount; }',
  'struct FundingFees { uint256 fundingFeeAmount; uint256 claimableLongTokenAmount; uint256 claimableShortTokenAmount; uint256 latestFundingFeeAmountPerSize; uint256 latestLongTokenClaimableFundingAmountPerSize; uint256 latestShortTokenClaimableFundingAmountPerSize; }',
  'struct BorrowingFees { uint256 borrowingFeeUsd; uint256 borrowingFeeAmount; uint256 borrowingFeeReceiverFactor; uint256 borrowingFeeAmountForFeeReceiver; }',
  'struct UiFees { address uiFeeReceiver; uint256 uiFeeReceiverFactor; uint256 uiFeeAmount; }',
  'struct LiquidationFees { uint256 liquidationFeeUsd; uint256 liquidationFeeAmount; uint256 liquidationFeeReceiverFactor; uint256 liquidationFeeAmountForFeeReceiver; }',
  'struct Fees { ReferralFees referral; ProFees pro; FundingFees funding; BorrowingFees borrowing; UiFees ui; LiquidationFees liquidation; Price collateralTokenPrice; uint256 positionFeeFactor; uint256 protocolFeeAmount; uint256 positionFeeReceiverFactor; uint256 feeReceiverAmount; uint256 feeAmountForPool; uint256 positionFeeAmountForPool; uint256 positionFeeAmount; uint256 totalCostAmountExcludingFunding; uint256 totalCostAmount; uint256 totalDiscountAmount; }',
  'struct ExecutionPriceResult { int256 priceImpactUsd; uint256 executionPrice; bool balanceWasImproved; int256 proportionalPendingImpactUsd; int256 totalImpactUsd; uint256 priceImpactDiffUsd; }',
] as const;
const ORDER = [
  'struct OrderAddresses { address account; address receiver; address cancellationReceiver; address callbackContract; address uiFeeReceiver; address market; address initialCollateralToken; address[] swapPath; }',
  'struct OrderNumbers { uint8 orderType; uint8 decreasePositionSwapType; uint256 sizeDeltaUsd; uint256 initialCollateralDeltaAmount; uint256 triggerPrice; uint256 acceptablePrice; uint256 executionFee; uint256 callbackGasLimit; uint256 minOutputAmount; uint256 updatedAtTime; uint256 validFromTime; uint256 srcChainId; }',
  'struct OrderFlags { bool isLong; bool shouldUnwrapNativeToken; bool isFrozen; bool autoCancel; }',
  'struct Order { OrderAddresses addresses; OrderNumbers numbers; OrderFlags flags; bytes32[] dataList; }',
  'struct OrderInfo { bytes32 orderKey; Order order; }',
] as const;

/** What we read of the Reader of GMX v2, as gmx-synthetics a5c0c88 (March 2026) has it: other releases have other structures. */
export const gmxReaderAbi = parseAbi([
  MARKET,
  ...PRICES,
  ...POSITION,
  ...FEES,
  ...ORDER,
  'struct PositionInfo { bytes32 positionKey; Position position; Fees fees; ExecutionPriceResult executionPriceResult; int256 basePnlUsd; int256 uncappedBasePnlUsd; int256 pnlAfterPriceImpactUsd; }',
  'struct Remaining { int256 remainingCollateralUsd; int256 minCollateralUsd; int256 minCollateralUsdForLeverage; }',
  'struct PerCollateral { uint256 longToken; uint256 shortToken; }',
  'struct PerSide { PerCollateral long; PerCollateral short; }',
  'struct BaseFunding { PerSide fundingFeeAmountPerSize; PerSide claimableFundingAmountPerSize; }',
  'struct NextFunding { bool longsPayShorts; uint256 fundingFactorPerSecond; int256 nextSavedFundingFactorPerSecond; PerSide fundingFeeAmountPerSizeDelta; PerSide claimableFundingAmountPerSizeDelta; }',
  'struct VirtualInventory { uint256 virtualPoolAmountForLongToken; uint256 virtualPoolAmountForShortToken; int256 virtualInventoryForPositions; }',
  'struct MarketInfo { Market market; uint256 borrowingFactorPerSecondForLongs; uint256 borrowingFactorPerSecondForShorts; BaseFunding baseFunding; NextFunding nextFunding; VirtualInventory virtualInventory; bool isDisabled; }',
  'function getMarkets(address dataStore, uint256 start, uint256 end) view returns (Market[])',
  'function getMarketInfo(address dataStore, Prices prices, address marketKey) view returns (MarketInfo)',
  'function getAccountPositions(address dataStore, address account, uint256 start, uint256 end) view returns (Position[])',
  'function getAccountOrders(address dataStore, address account, uint256 start, uint256 end) view returns (OrderInfo[])',
  'function getPositionInfo(address dataStore, address referralStorage, bytes32 positionKey, Prices prices, uint256 sizeDeltaUsd, address uiFeeReceiver, bool usePositionSizeAsSizeDeltaUsd) view returns (PositionInfo)',
  'function getPositionPnlUsd(address dataStore, Market market, Prices prices, bytes32 positionKey, uint256 sizeDeltaUsd) view returns (int256 pnl, int256 uncapped, uint256 sizeDeltaInTokens)',
  'function isPositionLiquidatable(address dataStore, address referralStorage, bytes32 positionKey, Market market, Prices prices, bool shouldValidateMinCollateralUsd, bool forLiquidation) view returns (bool isLiquidatable, string reason, Remaining remaining)',
]);

const ITEMS = [
  'struct AddressItem { string key; address value; }',
  'struct AddressArrayItem { string key; address[] value; }',
  'struct AddressItems { AddressItem[] items; AddressArrayItem[] arrayItems; }',
  'struct UintItem { string key; uint256 value; }',
  'struct UintArrayItem { string key; uint256[] value; }',
  'struct UintItems { UintItem[] items; UintArrayItem[] arrayItems; }',
  'struct IntItem { string key; int256 value; }',
  'struct IntArrayItem { string key; int256[] value; }',
  'struct IntItems { IntItem[] items; IntArrayItem[] arrayItems; }',
  'struct BoolItem { string key; bool value; }',
  'struct BoolArrayItem { string key; bool[] value; }',
  'struct BoolItems { BoolItem[] items; BoolArrayItem[] arrayItems; }',
  'struct Bytes32Item { string key; bytes32 value; }',
  'struct Bytes32ArrayItem { string key; bytes32[] value; }',
  'struct Bytes32Items { Bytes32Item[] items; Bytes32ArrayItem[] arrayItems; }',
  'struct BytesItem { string key; bytes value; }',
  'struct BytesArrayItem { string key; bytes[] value; }',
  'struct BytesItems { BytesItem[] items; BytesArrayItem[] arrayItems; }',
  'struct StringItem { string key; string value; }',
  'struct StringArrayItem { string key; string[] value; }',
  'struct StringItems { StringItem[] items; StringArrayItem[] arrayItems; }',
  'struct EventLogData { AddressItems addressItems; UintItems uintItems; IntItems intItems; BoolItems boolItems; Bytes32Items bytes32Items; BytesItems bytesItems; StringItems stringItems; }',
] as const;

/** The events of the EventEmitter that name an account in a topic: everything that happens is one of these, told apart by `eventName`. */
export const gmxEventsAbi = parseAbi([
  ...ITEMS,
  'event EventLog1(address msgSender, string eventName, string indexed eventNameHash, bytes32 indexed topic1, EventLogData eventData)',
  'event EventLog2(address msgSender, string eventName, string indexed eventNameHash, bytes32 indexed topic1, bytes32 indexed topic2, EventLogData eventData)',
]);
