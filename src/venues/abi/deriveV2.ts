import { parseAbi } from 'viem';

/** What we read of Derive's SubAccounts. */
export const subAccountsAbi = parseAbi([
  'struct AssetBalance { address asset; uint256 subId; int256 balance; }',
  'function lastAccountId() view returns (uint256)',
  'function ownerOf(uint256 accountId) view returns (address)',
  'function manager(uint256 accountId) view returns (address)',
  'function getAccountBalances(uint256 accountId) view returns (AssetBalance[])',
]);

/** Every owner of a subaccount once received it. */
export const subAccountsEventsAbi = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
]);

/** What we read of Matching, which holds subaccounts for others. */
export const matchingAbi = parseAbi(['function subAccountToOwner(uint256 accountId) view returns (address)']);

/** Every change of a balance; the first 20 bytes of what changed are the asset, the last 12 the sub id. */
export const balanceEventsAbi = parseAbi([
  'event BalanceAdjusted(uint256 indexed accountId, address indexed manager, bytes32 indexed assetAndSubId, int256 amount, int256 preBalance, int256 postBalance, uint256 tradeId)',
]);

/** Whom Matching holds a subaccount for. */
export const matchingEventsAbi = parseAbi([
  'event DepositedSubAccount(uint256 indexed accountId, address indexed owner)',
]);

/** What we read of the cash asset. `calculateBalanceWithInterest` is no view: it accrues, and is asked all the same. */
export const cashAssetAbi = parseAbi([
  'function calculateBalanceWithInterest(uint256 accountId) returns (int256)',
  'function accountIdIndex(uint256 accountId) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function totalBorrow() view returns (uint256)',
  'function netSettledCash() view returns (int256)',
  'function borrowIndex() view returns (uint256)',
  'function supplyIndex() view returns (uint256)',
  'function lastTimestamp() view returns (uint256)',
  'function smFeePercentage() view returns (uint256)',
  'function rateModel() view returns (address)',
  'function wrappedAsset() view returns (address)',
]);

/** What we read of the model of the cash asset's rate. */
export const rateModelAbi = parseAbi([
  'function minRate() view returns (uint256)',
  'function rateMultiplier() view returns (uint256)',
  'function highRateMultiplier() view returns (uint256)',
  'function optimalUtil() view returns (uint256)',
]);

/** What we read of a base, option or perp asset; each has its own part of it. */
export const deriveAssetAbi = parseAbi([
  'function wrappedAsset() view returns (address)',
  'function settlementFeed() view returns (address)',
  'function openInterest(uint256 subId) view returns (uint256)',
  'function calcSettlementValue(uint256 subId, int256 balance) view returns (int256 payout, bool priceSettled)',
  'function positions(uint256 accountId) view returns (uint256 lastMarkPrice, int256 funding, int256 pnl, int256 lastAggregatedFunding, uint256 lastFundingPaid)',
  'function getUnsettledAndUnrealizedCash(uint256 accountId) view returns (int256)',
  'function getIndexPrice() view returns (uint256 price, uint256 confidence)',
  'function getPerpPrice() view returns (uint256 price, uint256 confidence)',
  'function getImpactPrices() view returns (uint256 bid, uint256 ask)',
  'function aggregatedFunding() view returns (int256)',
  'function lastFundingPaidAt() view returns (uint256)',
  'function staticInterestRate() view returns (int256)',
  'function fundingConvergencePeriod() view returns (int256)',
  'function maxRatePerHour() view returns (int256)',
  'function minRatePerHour() view returns (int256)',
  'function isDisabled() view returns (bool)',
  'function frozenPerpPrice() view returns (int256)',
]);

/** What all managers answer of an account. */
export const managerAbi = parseAbi([
  'function getMargin(uint256 accountId, bool isInitial) view returns (int256)',
  'function getMarginAndMarkToMarket(uint256 accountId, bool isInitial, uint256 scenarioId) view returns (int256 margin, int256 markToMarket)',
]);

/** What the standard manager goes by. */
export const standardManagerAbi = parseAbi([
  'struct AssetDetail { bool isWhitelisted; uint8 assetType; uint256 marketId; }',
  'function assetDetails(address asset) view returns (AssetDetail)',
  'function getMarketFeeds(uint256 marketId) view returns (address spotFeed, address forwardFeed, address volFeed)',
  'function perpMarginRequirements(uint256 marketId) view returns (uint256 mmPerpReq, uint256 imPerpReq)',
  'function optionMarginParams(uint256 marketId) view returns (uint256 maxSpotReq, uint256 minSpotReq, uint256 mmCallSpotReq, uint256 mmPutSpotReq, uint256 MMPutMtMReq, uint256 unpairedIMScale, uint256 unpairedMMScale, uint256 mmOffsetScale)',
  'function baseMarginParams(uint256 marketId) view returns (uint256 marginFactor, uint256 IMScale)',
  'function oracleContingencyParams(uint256 marketId) view returns (uint256 perpThreshold, uint256 optionThreshold, uint256 baseThreshold, uint256 OCFactor)',
  'function depegParams() view returns (uint256 threshold, uint256 depegFactor)',
  'function stableFeed() view returns (address)',
  'function getIsolatedMargin(uint256 marketId, uint256 strike, uint256 expiry, bool isCall, int256 balance, bool isInitial) view returns (int256 margin, int256 markToMarket)',
]);

/** What a portfolio manager is for, and where its parameters are. `getAccountLib` is PMRM_2_1's alone. */
export const portfolioManagerAbi = parseAbi([
  'function option() view returns (address)',
  'function perp() view returns (address)',
  'function lib() view returns (address)',
  'function getAccountLib(uint256 accountId) view returns (address)',
  'function stableFeed() view returns (address)',
  'function interestRateFeed() view returns (address)',
]);

/** The scenarios of PMRM. */
export const scenariosAbi = parseAbi([
  'struct Scenario { uint256 spotShock; uint8 volShock; }',
  'function getScenarios() view returns (Scenario[])',
]);

/** The scenarios of PMRM_2. */
export const scenarios2Abi = parseAbi([
  'struct Scenario { uint256 spotShock; uint8 volShock; uint256 dampeningFactor; }',
  'function getScenarios() view returns (Scenario[])',
]);

/** The parameters of PMRM, in the order in which its library stores them. */
export const portfolioLibAbi = parseAbi([
  'struct Basis { uint256 spotUp; uint256 spotDown; uint256 addFactor; uint256 multFactor; }',
  'struct Other { uint256 pegLossThreshold; uint256 pegLossFactor; uint256 confThreshold; uint256 confMargin; uint256 basePercent; uint256 perpPercent; uint256 optionPercent; }',
  'struct Margin { uint256 imFactor; uint256 rateMultScale; uint256 rateAddScale; uint256 baseStaticDiscount; }',
  'struct VolShock { uint256 volRangeUp; uint256 volRangeDown; int256 shortTermPower; int256 longTermPower; uint256 dteFloor; }',
  'function getBasisContingencyParams() view returns (Basis)',
  'function getOtherContingencyParams() view returns (Other)',
  'function getStaticDiscountParams() view returns (Margin)',
  'function getVolShockParams() view returns (VolShock)',
]);

/** The parameters of PMRM_2. */
export const portfolioLib2Abi = parseAbi([
  'struct Basis { uint256 spotUp; uint256 spotDown; uint256 addFactor; uint256 multFactor; }',
  'struct Other { uint256 pegLossThreshold; uint256 pegLossFactor; uint256 confThreshold; uint256 confMargin; uint256 MMPerpPercent; uint256 IMPerpPercent; uint256 MMOptionPercent; uint256 IMOptionPercent; }',
  'struct Margin { uint256 imFactor; uint256 mmFactor; uint256 shortRateMultScale; uint256 longRateMultScale; uint256 shortRateAddScale; uint256 longRateAddScale; uint256 shortBaseStaticDiscount; uint256 longBaseStaticDiscount; }',
  'struct VolShock { uint256 volRangeUp; uint256 volRangeDown; int256 shortTermPower; int256 longTermPower; uint256 dteFloor; uint256 minVolUpShock; }',
  'struct SkewShock { uint256 linearBaseCap; uint256 absBaseCap; int256 linearCBase; int256 absCBase; int256 minKStar; int256 widthScale; int256 volParamStatic; int256 volParamScale; }',
  'struct Collateral { bool isEnabled; bool isRiskCancelling; uint256 MMHaircut; uint256 IMHaircut; }',
  'function getBasisContingencyParams() view returns (Basis)',
  'function getOtherContingencyParams() view returns (Other)',
  'function getMarginParams() view returns (Margin)',
  'function getVolShockParams() view returns (VolShock)',
  'function getSkewShockParams() view returns (SkewShock)',
  'function getCollateralParameters(address asset) view returns (Collateral)',
]);

/** Derive's feeds; each kind has its own part of it. */
export const deriveFeedAbi = parseAbi([
  'function getSpot() view returns (uint256 price, uint256 confidence)',
  'function getForwardPrice(uint64 expiry) view returns (uint256 price, uint256 confidence)',
  'function getSettlementPrice(uint64 expiry) view returns (bool settled, uint256 price)',
  'function getVol(uint128 strike, uint64 expiry) view returns (uint256 vol, uint256 confidence)',
  'function getExpiryMinConfidence(uint64 expiry) view returns (uint256)',
  'function getInterestRate(uint64 expiry) view returns (int256 rate, uint256 confidence)',
]);
