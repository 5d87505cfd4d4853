import type { AaveHolding, AaveRaw, AaveReserve } from './aaveV3Read.ts';

const RAY = 10n ** 27n;
const WAD = 10n ** 18n;
const BPS = 10_000n;
const YEAR_SECONDS = 31_536_000n;

/** One reserve's configuration bitmap, as far as the account data and the liquidation rule need it. */
export interface AaveConfiguration {
  /** Basis points; 0 where the asset is no collateral. */
  readonly thresholdBps: bigint;
  /** 10,500 pays the liquidator 5 %. */
  readonly bonusBps: bigint;
  readonly decimals: bigint;
  readonly eModeCategory: bigint;
}

/** Aave's own answer to getUserAccountData, in its base currency. `healthFactorWad` is null where nothing is owed. */
export interface AaveAccountData {
  readonly totalCollateralBase: bigint;
  readonly totalDebtBase: bigint;
  readonly healthFactorWad: bigint | null;
}

/** Source: ReserveConfiguration.sol of Aave V3.0.2. */
export function unpackConfiguration(bits: bigint): AaveConfiguration {
  return {
    thresholdBps: (bits >> 16n) & 0xffffn,
    bonusBps: (bits >> 32n) & 0xffffn,
    decimals: (bits >> 48n) & 0xffn,
    eModeCategory: (bits >> 168n) & 0xffn,
  };
}

/** Whether the user's bitmap says that a reserve is collateral, and that it is borrowed. Two bits a reserve. */
export function flagsOf(userConfiguration: bigint, { id }: AaveReserve) {
  const bits = (userConfiguration >> (BigInt(id) * 2n)) & 3n;
  return { isBorrowing: (bits & 1n) !== 0n, isCollateral: (bits & 2n) !== 0n };
}

/** a · b in ray, half up. */
export function rayMul(a: bigint, b: bigint): bigint {
  return (a * b + RAY / 2n) / RAY;
}

/** The supply index at a time: linear in the rate. Source: ReserveLogic.getNormalizedIncome. */
export function normalizedIncome(reserve: AaveReserve, timestamp: number): bigint {
  const elapsed = BigInt(timestamp - reserve.lastUpdateTimestamp);
  const growth = RAY + (reserve.currentLiquidityRate * elapsed) / YEAR_SECONDS;
  return elapsed === 0n ? reserve.liquidityIndex : rayMul(growth, reserve.liquidityIndex);
}

/** The debt index at a time: three terms of the binomial. Source: ReserveLogic.getNormalizedDebt. */
export function normalizedDebt(reserve: AaveReserve, timestamp: number): bigint {
  const elapsed = BigInt(timestamp - reserve.lastUpdateTimestamp);
  if (elapsed === 0n) return reserve.variableBorrowIndex;
  return rayMul(compounded(reserve.currentVariableBorrowRate, elapsed), reserve.variableBorrowIndex);
}

/** Source: MathUtils.calculateCompoundedInterest. */
function compounded(rate: bigint, elapsed: bigint): bigint {
  const minusOne = elapsed - 1n;
  const minusTwo = elapsed > 2n ? elapsed - 2n : 0n;
  const powerTwo = rayMul(rate, rate) / (YEAR_SECONDS * YEAR_SECONDS);
  const powerThree = rayMul(powerTwo, rate) / YEAR_SECONDS;
  const second = (elapsed * minusOne * powerTwo) / 2n;
  const third = (elapsed * minusOne * minusTwo * powerThree) / 6n;
  return RAY + (rate * elapsed) / YEAR_SECONDS + second + third;
}

/** Smallest units supplied, interest to the block included. */
export function supplyOf({ reserve, scaledSupply }: AaveHolding, timestamp: number): bigint {
  return rayMul(scaledSupply, normalizedIncome(reserve, timestamp));
}

/** Smallest units owed, variable and stable, interest to the block included. */
export function debtOf({ reserve, scaledDebt, stableDebt }: AaveHolding, timestamp: number): bigint {
  return rayMul(scaledDebt, normalizedDebt(reserve, timestamp)) + stableDebt;
}

/** Threshold and bonus of one reserve for one account; both 0 where it does not count as the account's collateral. */
export function collateralTerms(holding: AaveHolding, raw: AaveRaw): { thresholdBps: bigint; bonusBps: bigint } {
  const own = unpackConfiguration(holding.reserve.configuration);
  const { isCollateral } = flagsOf(raw.userConfiguration, holding.reserve);
  if (own.thresholdBps === 0n || !isCollateral) return { thresholdBps: 0n, bonusBps: 0n };
  const inCategory = raw.eMode !== null && own.eModeCategory === raw.eMode.id;
  const { thresholdBps, bonusBps } = inCategory && raw.eMode !== null ? raw.eMode : own;
  return { thresholdBps, bonusBps: bonusBps - BPS };
}

/** What getUserAccountData must answer, by the rounding of GenericLogic.calculateUserAccountData. */
export function accountData(raw: AaveRaw): AaveAccountData {
  let totalCollateralBase = 0n;
  let totalDebtBase = 0n;
  let weightedThreshold = 0n;
  for (const holding of raw.holdings) {
    const { isBorrowing } = flagsOf(raw.userConfiguration, holding.reserve);
    const { thresholdBps } = collateralTerms(holding, raw);
    const collateral = thresholdBps === 0n ? 0n : inBase(supplyOf(holding, raw.timestamp), { holding, raw });
    totalCollateralBase += collateral;
    weightedThreshold += collateral * thresholdBps;
    totalDebtBase += isBorrowing ? inBase(debtOf(holding, raw.timestamp), { holding, raw }) : 0n;
  }
  const averageBps = totalCollateralBase === 0n ? 0n : weightedThreshold / totalCollateralBase;
  const adjusted = (totalCollateralBase * averageBps + BPS / 2n) / BPS;
  const healthFactorWad = totalDebtBase === 0n ? null : (adjusted * WAD + totalDebtBase / 2n) / totalDebtBase;
  return { totalCollateralBase, totalDebtBase, healthFactorWad };
}

/** Base currency = smallest units · price / 10^decimals, Down. The e-mode's own price stands in for its category. */
function inBase(amount: bigint, { holding, raw }: { readonly holding: AaveHolding; readonly raw: AaveRaw }): bigint {
  const { decimals, eModeCategory } = unpackConfiguration(holding.reserve.configuration);
  const shared = raw.eMode !== null && eModeCategory === raw.eMode.id ? raw.eMode.priceBase : 0n;
  return (amount * (shared === 0n ? holding.priceBase : shared)) / 10n ** decimals;
}
