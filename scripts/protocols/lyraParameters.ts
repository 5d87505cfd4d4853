import { maxUint256, parseEther, zeroAddress } from 'viem';
import { type LyraSystem, SECURITY_MODULE, SETH, SUSD } from './lyraSystem.ts';

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
const MONTH = 28n * DAY;
const wad = (value: string) => parseEther(value);

const OPTION_MARKET = {
  maxBoardExpiry: 12n * MONTH,
  securityModule: SECURITY_MODULE,
  feePortionReserved: wad('0.1'),
  staticBaseSettlementFee: wad('0.0075'),
};

const LIQUIDITY_POOL = {
  minDepositWithdraw: wad('1'),
  depositDelay: WEEK,
  withdrawalDelay: WEEK,
  withdrawalFee: wad('0.01'),
  liquidityCBThreshold: wad('0.01'),
  liquidityCBTimeout: 3n * DAY,
  ivVarianceCBThreshold: wad('0.1'),
  skewVarianceCBThreshold: wad('0.35'),
  ivVarianceCBTimeout: 12n * HOUR,
  skewVarianceCBTimeout: 12n * HOUR,
  guardianMultisig: zeroAddress,
  guardianDelay: 2n * WEEK,
  boardSettlementCBTimeout: 6n * HOUR,
  maxFeePaid: wad('0.01'),
};

const GREEK_CACHE = {
  maxStrikesPerBoard: 30n,
  acceptableSpotPricePercentMove: wad('0.05'),
  staleUpdateDuration: 3n * HOUR,
  varianceIvGWAVPeriod: DAY,
  varianceSkewGWAVPeriod: 3n * DAY,
  optionValueIvGWAVPeriod: DAY,
  optionValueSkewGWAVPeriod: 3n * DAY,
  gwavSkewFloor: wad('0.5'),
  gwavSkewCap: wad('2'),
  rateAndCarry: wad('0.05'),
};

const MIN_COLLATERAL = {
  minStaticBaseCollateral: wad('0.2'),
  minStaticQuoteCollateral: wad('200'),
  shockVolA: wad('2.5'),
  shockVolPointA: 2n * WEEK,
  shockVolB: wad('1.8'),
  shockVolPointB: 8n * WEEK,
  callSpotPriceShock: wad('1.2'),
  putSpotPriceShock: wad('0.8'),
};

const FORCE_CLOSE = {
  ivGWAVPeriod: 12n * HOUR,
  skewGWAVPeriod: DAY,
  shortVolShock: wad('1.2'),
  shortPostCutoffVolShock: wad('1.4'),
  longVolShock: wad('0.8'),
  longPostCutoffVolShock: wad('0.5'),
  liquidateVolShock: wad('1.3'),
  liquidatePostCutoffVolShock: wad('1.6'),
  shortSpotMin: wad('0.01'),
  liquidateSpotMin: wad('0.02'),
};

/** `standardSize` is ten times the package's: a hundred contracts move the volatility by two points, not by twenty. */
const PRICING = {
  optionPriceFeeCoefficient: wad('0.01'),
  optionPriceFee1xPoint: 6n * WEEK,
  optionPriceFee2xPoint: 16n * WEEK,
  spotPriceFeeCoefficient: wad('0.01'),
  spotPriceFee1xPoint: 6n * WEEK,
  spotPriceFee2xPoint: 12n * WEEK,
  vegaFeeCoefficient: wad('100'),
  standardSize: wad('50'),
  skewAdjustmentFactor: wad('0.75'),
};

const TRADE_LIMITS = {
  minDelta: wad('0.15'),
  minForceCloseDelta: wad('0.25'),
  tradingCutoff: DAY / 2n,
  minBaseIV: wad('0.35'),
  maxBaseIV: wad('2'),
  minSkew: wad('0.5'),
  maxSkew: wad('1.5'),
  minVol: wad('0.55'),
  maxVol: wad('3'),
  absMinSkew: wad('0.15'),
  absMaxSkew: wad('5'),
  capSkewsToAbs: false,
};

const VARIANCE_FEE = {
  defaultVarianceFeeCoefficient: wad('0.25'),
  forceCloseVarianceFeeCoefficient: wad('0.25'),
  skewAdjustmentCoefficient: wad('3'),
  referenceSkew: wad('1'),
  minimumStaticSkewAdjustment: wad('1'),
  vegaCoefficient: wad('0.01'),
  minimumStaticVega: 0n,
  ivVarianceCoefficient: wad('1.5'),
  minimumStaticIvVariance: wad('1'),
};

const PARTIAL_COLLATERAL = {
  penaltyRatio: wad('0.2'),
  liquidatorFeeRatio: wad('0.4'),
  smFeeRatio: wad('0.3'),
  minLiquidationFee: wad('15'),
};

/** Sets the package's default parameters (its defaultParams.js), but for the trade size noted at `PRICING`. */
export async function setLyraParameters(system: LyraSystem): Promise<void> {
  const { optionMarket, pool, hedger, greekCache, pricer, optionToken, exchanger } = system;
  await optionMarket.write('setOptionMarketParams', [OPTION_MARKET]);
  await pool.write('setLiquidityPoolParameters', [LIQUIDITY_POOL]);
  await hedger.write('setPoolHedgerParams', [{ interactionDelay: DAY, hedgeCap: maxUint256 }]);
  await hedger.write('setShortBuffer', [wad('2')]);
  await greekCache.write('setGreekCacheParameters', [GREEK_CACHE]);
  await greekCache.write('setMinCollateralParameters', [MIN_COLLATERAL]);
  await greekCache.write('setForceCloseParameters', [FORCE_CLOSE]);
  await pricer.write('setPricingParams', [PRICING]);
  await pricer.write('setTradeLimitParams', [TRADE_LIMITS]);
  await pricer.write('setVarianceFeeParams', [VARIANCE_FEE]);
  await optionToken.write('setPartialCollateralParams', [PARTIAL_COLLATERAL]);
  await exchanger.write('setFeeRateForExchange', [SETH, SUSD, wad('0.0075')]);
  await exchanger.write('setFeeRateForExchange', [SUSD, SETH, wad('0.005')]);
}
