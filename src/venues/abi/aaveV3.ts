import { parseAbi } from 'viem';

/** What we read of Aave V3's Pool. The last two functions are of V3.2 and later, `getEModeCategoryData` with a price source of V3.0. */
export const poolAbi = parseAbi([
  'struct ReserveData { uint256 configuration; uint128 liquidityIndex; uint128 currentLiquidityRate; uint128 variableBorrowIndex; uint128 currentVariableBorrowRate; uint128 currentStableBorrowRate; uint40 lastUpdateTimestamp; uint16 id; address aTokenAddress; address stableDebtTokenAddress; address variableDebtTokenAddress; address interestRateStrategyAddress; uint128 accruedToTreasury; uint128 unbacked; uint128 isolationModeTotalDebt; }',
  'struct EModeCategory { uint16 ltv; uint16 liquidationThreshold; uint16 liquidationBonus; address priceSource; string label; }',
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getReservesList() view returns (address[])',
  'function getReserveData(address asset) view returns (ReserveData)',
  'function getUserConfiguration(address user) view returns (uint256)',
  'function getUserEMode(address user) view returns (uint256)',
  'function getEModeCategoryData(uint8 id) view returns (EModeCategory)',
  'struct CollateralConfig { uint16 ltv; uint16 liquidationThreshold; uint16 liquidationBonus; }',
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getEModeCategoryCollateralConfig(uint8 id) view returns (CollateralConfig)',
  'function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)',
]);

/** The constants by which pool, aToken and debt token name their implementation, in every version of V3. */
export const revisionAbi = parseAbi([
  'function POOL_REVISION() view returns (uint256)',
  'function ATOKEN_REVISION() view returns (uint256)',
  'function DEBT_TOKEN_REVISION() view returns (uint256)',
]);

/** Our own lens (contracts/lens/AaveV3Lens.sol): many accounts in one call. */
export const aaveV3LensAbi = parseAbi([
  'struct ReserveTokens { uint256 id; address aToken; address variableDebtToken; address stableDebtToken; }',
  'struct Balance { uint256 index; uint256 scaledSupply; uint256 scaledDebt; uint256 stableDebt; }',
  'struct AccountState { uint256 userConfiguration; uint256 eMode; uint256 totalCollateralBase; uint256 totalDebtBase; uint256 healthFactor; Balance[] balances; }',
  'function read(address pool, ReserveTokens[] reserves, address[] accounts) view returns (AccountState[] states)',
]);

/** Names the oracle of a market. */
export const addressesProviderAbi = parseAbi(['function getPriceOracle() view returns (address)']);

/** Aave's own prices, in its base currency. */
export const aaveOracleAbi = parseAbi([
  'function getAssetPrice(address asset) view returns (uint256)',
  'function BASE_CURRENCY() view returns (address)',
  'function BASE_CURRENCY_UNIT() view returns (uint256)',
]);

/** aToken and variable debt token hold scaled balances; the stable debt token computes its own. */
export const scaledTokenAbi = parseAbi([
  'function scaledBalanceOf(address user) view returns (uint256)',
  'function balanceOf(address user) view returns (uint256)',
]);

/** The Pool events that name who holds a supply or owes a debt. */
export const poolEventsAbi = parseAbi([
  'event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referralCode)',
  'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)',
]);

/** The Pool events that name whose bitmap or e-mode changed without a token that moved; a seizure may clear a bit that stood over nothing. */
export const poolTouchEventsAbi = parseAbi([
  'event ReserveUsedAsCollateralEnabled(address indexed reserve, address indexed user)',
  'event ReserveUsedAsCollateralDisabled(address indexed reserve, address indexed user)',
  'event UserEModeSet(address indexed user, uint8 categoryId)',
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
]);

/** What the proxies of Pool and tokens say when they get another implementation. */
export const upgradeEventsAbi = parseAbi(['event Upgraded(address indexed implementation)']);

/** Every balance of an aToken or debt token began with one of these: mints, transfers and seizures alike. */
export const tokenEventsAbi = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event BalanceTransfer(address indexed from, address indexed to, uint256 value, uint256 index)',
]);
