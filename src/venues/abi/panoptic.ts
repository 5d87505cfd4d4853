import { parseAbi } from 'viem';

const KEY = 'struct PoolKey { address currency0; address currency1; uint24 fee; int24 tickSpacing; address hooks; }';

/** How the factories of the versions say that they have made a pool: each has its own signature, by the order of the versions. */
export const factoryAbi = parseAbi([
  KEY,
  'event PoolDeployed(address indexed poolAddress, address indexed uniswapPool, address collateralTracker0, address collateralTracker1, uint256 amount0, uint256 amount1)',
  'event PoolDeployed(address indexed poolAddress, address indexed uniswapPool, address collateralTracker0, address collateralTracker1)',
  'event PoolDeployed(address indexed poolAddress, address indexed oracleContract, PoolKey poolKey, address collateralTracker0, address collateralTracker1, uint256 amount0, uint256 amount1)',
  'event PoolDeployed(address indexed poolAddress, address indexed uniswapPool, address collateralTracker0, address collateralTracker1, address riskEngine)',
  'event PoolDeployed(address indexed poolAddress, bytes32 indexed idV4, address collateralTracker0, address collateralTracker1, address riskEngine)',
  'event PoolDeployed(address indexed poolAddress, address indexed oracleContract, bytes32 indexed idV4, address collateralTracker0, address collateralTracker1)',
]);

/** Every way in which a pool of any version says that a position was opened, closed, or had its premium settled. */
export const positionEventAbi = parseAbi([
  'event OptionMinted(address indexed recipient, uint128 positionSize, uint256 indexed tokenId, uint128 poolUtilizations)',
  'event OptionMinted(address indexed recipient, uint256 indexed tokenId, uint256 balanceData, uint256 commissions)',
  'event OptionMinted(address indexed recipient, uint256 indexed tokenId, uint256 balanceData)',
  'event OptionBurnt(address indexed recipient, uint128 positionSize, uint256 indexed tokenId, int256 premia)',
  'event OptionBurnt(address indexed recipient, uint128 positionSize, uint256 indexed tokenId, int256[4] premiaByLeg)',
  'event PremiumSettled(address indexed user, uint256 indexed tokenId, int256 settledAmounts)',
  'event PremiumSettled(address indexed user, uint256 indexed tokenId, uint256 legIndex, int256 settledAmounts)',
]);

/** Whoever holds shares was given them by one of these. */
export const shareEventAbi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 amount)']);

/** Whoever holds liquidity at the position manager itself was given it by one of these. */
export const managerEventAbi = parseAbi([
  'event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 amount)',
  'event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] amounts)',
]);

/** What a pool of v1 and v1.1 says of itself, and of an account. */
export const poolV1Abi = parseAbi([
  KEY,
  'function poolKey() view returns (PoolKey)',
  'function getOracleTicks() view returns (int24 currentTick, int24 fastOracleTick, int24 slowOracleTick, int24 latestObservation, uint256 medianData)',
  'function numberOfLegs(address user) view returns (uint256)',
  'function numberOfPositions(address user) view returns (uint256)',
  'function getAccumulatedFeesAndPositionsData(address user, bool includePendingPremium, uint256[] positionIdList) view returns (uint256 shortPremium, uint256 longPremium, uint256[2][] positionBalances)',
]);

/** The same of v2. */
export const poolV2Abi = parseAbi([
  'function poolManager() view returns (address)',
  'function poolId() view returns (uint64)',
  'function poolKey() view returns (bytes)',
  'function getOracleTicks() view returns (int24 currentTick, int24 spotTick, int24 medianTick, int24 latestTick, uint256 oraclePack)',
  'function getRiskParameters(uint256 builderCode) view returns (uint256 riskParameters, int24 currentTick)',
  'function numberOfLegs(address user) view returns (uint256)',
  'function getFullPositionsData(address user, bool includePendingPremium, uint256[] positionIdList) view returns (uint256 shortPremium, uint256 longPremium, uint256[] positionBalances, uint256[] collateralRequirements, int256[] netPremiaPerPosition)',
]);

/** What v2's risk engine says of an account. */
export const riskEngineAbi = parseAbi([
  'function CROSS_BUFFER_0() view returns (uint256)',
  'function CROSS_BUFFER_1() view returns (uint256)',
  'function getMargin(uint256[] positionBalanceArray, int24 atTick, address user, uint256[] positionIdList, uint256 shortPremia, uint256 longPremia, address ct0, address ct1) view returns (uint256 tokenData0, uint256 tokenData1, uint256 globalUtilizations)',
]);

/** What we read of a collateral tracker of any version. */
export const trackerAbi = parseAbi([
  'function asset() view returns (address)',
  'function totalAssets() view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address owner) view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
  'function getAccountMarginDetails(address user, int24 atTick, uint256[2][] positionBalanceArray, uint128 shortPremium, uint128 longPremium) view returns (uint256)',
  'function assetsAndInterest(address owner) view returns (uint256 assets, uint256 interest)',
  'function interestState(address user) view returns (int128 userBorrowIndex, int128 netBorrows)',
  'function borrowIndex() view returns (uint80)',
  'function lastInteractionTimestamp() view returns (uint256)',
  'function interestRate() view returns (uint128)',
]);

/** What we read of the position manager, by how a version names a pool: its address, v4's id of it, or its key. */
export const managerAbis = {
  address: parseAbi([
    'function getPoolId(address pool) view returns (uint64)',
    'function balanceOf(address owner, uint256 id) view returns (uint256)',
    'function getAccountLiquidity(address pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper) view returns (uint256)',
    'function getAccountPremium(address pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper, int24 atTick, uint256 isLong) view returns (uint128 premium0, uint128 premium1)',
    'function getAccountFeesBase(address pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper) view returns (int128 feesBase0, int128 feesBase1)',
  ]),
  id: parseAbi([
    'function getPoolId(bytes32 pool) view returns (uint64)',
    'function balanceOf(address owner, uint256 id) view returns (uint256)',
    'function getAccountLiquidity(bytes32 pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper) view returns (uint256)',
    'function getAccountPremium(bytes32 pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper, int24 atTick, uint256 isLong) view returns (uint128 premium0, uint128 premium1)',
  ]),
  key: parseAbi([
    'function balanceOf(address owner, uint256 id) view returns (uint256)',
    'function getAccountLiquidity(bytes pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper) view returns (uint256)',
    'function getAccountPremium(bytes pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper, int24 atTick, uint256 isLong, uint256 vegoid) view returns (uint128 premium0, uint128 premium1)',
    'function getAccountFeesBase(bytes pool, address owner, uint256 tokenType, int24 tickLower, int24 tickUpper) view returns (int128 feesBase0, int128 feesBase1)',
  ]),
} as const;

/** Uniswap v4's manager of all pools: one view of its storage. */
export const uniswapV4Abi = parseAbi(['function extsload(bytes32 slot) view returns (bytes32)']);
