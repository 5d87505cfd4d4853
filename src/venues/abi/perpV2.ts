import { parseAbi } from 'viem';

/** What we read of Perpetual Protocol V2's ClearingHouse. */
export const clearingHouseAbi = parseAbi([
  'function getVault() view returns (address)',
  'function getExchange() view returns (address)',
  'function getOrderBook() view returns (address)',
  'function getAccountBalance() view returns (address)',
  'function getClearingHouseConfig() view returns (address)',
  'function getAccountValue(address trader) view returns (int256)',
]);

/** What we read of its AccountBalance. */
export const accountBalanceAbi = parseAbi([
  'struct Info { int256 takerPositionSize; int256 takerOpenNotional; int256 lastTwPremiumGrowthGlobalX96; }',
  'function getBaseTokens(address trader) view returns (address[])',
  'function getAccountInfo(address trader, address baseToken) view returns (Info)',
  'function getMarkPrice(address baseToken) view returns (uint256)',
  'function getPnlAndPendingFee(address trader) view returns (int256 owedRealizedPnl, int256 unrealizedPnl, uint256 pendingFee)',
  'function getMarginRequirementForLiquidation(address trader) view returns (int256)',
]);

/** What we read of its Vault. */
export const perpVaultAbi = parseAbi([
  'function getSettlementToken() view returns (address)',
  'function getInsuranceFund() view returns (address)',
  'function getBalance(address trader) view returns (int256)',
  'function getCollateralTokens(address trader) view returns (address[])',
]);

/** What we read of its Exchange, OrderBook, base tokens and configuration. */
export const perpPartsAbi = parseAbi([
  'function getPendingFundingPayment(address trader, address baseToken) view returns (int256)',
  'function getOpenOrderIds(address trader, address baseToken) view returns (bytes32[])',
  'function isOpen() view returns (bool)',
  'function getMmRatio() view returns (uint24)',
  'function getLiquidationPenaltyRatio() view returns (uint24)',
]);

/** Whoever has money in the vault or a position was named by one of these. */
export const vaultEventsAbi = parseAbi([
  'event Deposited(address indexed collateralToken, address indexed trader, uint256 amount)',
]);

/** See {@link vaultEventsAbi}. */
export const clearingHouseEventsAbi = parseAbi([
  'event PositionChanged(address indexed trader, address indexed baseToken, int256 exchangedPositionSize, int256 exchangedPositionNotional, uint256 fee, int256 openNotional, int256 realizedPnl, uint256 sqrtPriceAfterX96)',
  'event LiquidityChanged(address indexed maker, address indexed baseToken, address indexed quoteToken, int24 lowerTick, int24 upperTick, int256 base, int256 quote, int128 liquidity, uint256 quoteFee)',
  'event PositionLiquidated(address indexed trader, address indexed baseToken, uint256 positionNotional, uint256 positionSize, uint256 liquidationFee, address liquidator)',
]);

/** See {@link vaultEventsAbi}: fees and penalties that somebody earns. */
export const accountBalanceEventsAbi = parseAbi(['event PnlRealized(address indexed trader, int256 amount)']);

/** With the events above, all that change what an account has in the vault. */
export const vaultTouchEventsAbi = parseAbi([
  'event Withdrawn(address indexed collateralToken, address indexed trader, uint256 amount)',
  'event BadDebtSettled(address indexed trader, uint256 amount)',
  'event CollateralLiquidated(address indexed trader, address indexed collateralToken, address indexed liquidator, uint256 collateral, uint256 repaidSettlementWithoutInsuranceFundFeeX10_S, uint256 insuranceFundFeeX10_S, uint24 discountRatio)',
]);

/** With the events above, all that change a position. */
export const clearingHouseTouchEventsAbi = parseAbi([
  'event PositionClosed(address indexed trader, address indexed baseToken, int256 closedPositionSize, int256 closedPositionNotional, int256 openNotional, int256 realizedPnl, uint256 closedPrice)',
  'event FundingPaymentSettled(address indexed trader, address indexed baseToken, int256 fundingPayment)',
]);
