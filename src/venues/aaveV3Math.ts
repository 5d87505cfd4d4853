import { mulDivDown, mulDivUp, WAD } from '../units/wad.ts';
import type { AaveReserve } from './aaveV3Market.ts';
import type { AaveRounding, AaveRule } from './aaveV3Rule.ts';

const RAY = 10n ** 27n;
const YEAR_SECONDS = 31_536_000n;

/** One reserve's configuration bitmap, as far as the account data and the liquidation rule need it. */
export interface AaveConfiguration {
  /** Basis points; 0 where the asset is no collateral. */
  readonly thresholdBps: bigint;
  /** 10,500 pays the liquidator 5 %. */
  readonly bonusBps: bigint;
  readonly decimals: bigint;
  /** Of V3.0; not used by later versions. */
  readonly eModeCategory: bigint;
}

/** Source: ReserveConfiguration.sol of Aave V3.0.2 and V3.6: what is read stands in the same bits. */
export function unpackConfiguration(bits: bigint): AaveConfiguration {
  return {
    thresholdBps: (bits >> 16n) & 0xffffn,
    bonusBps: (bits >> 32n) & 0xffffn,
    decimals: (bits >> 48n) & 0xffn,
    eModeCategory: (bits >> 168n) & 0xffn,
  };
}

/** Whether the user's bitmap says that a reserve is collateral, and that it is borrowed. Two bits a reserve. */
export function flagsOf(userConfiguration: bigint, { id }: Pick<AaveReserve, 'id'>) {
  const bits = (userConfiguration >> (BigInt(id) * 2n)) & 3n;
  return { isBorrowing: (bits & 1n) !== 0n, isCollateral: (bits & 2n) !== 0n };
}

/** a · b in ray, half up. */
export function rayMul(a: bigint, b: bigint): bigint {
  return (a * b + RAY / 2n) / RAY;
}

/** The supply index at a time: linear in the rate, in every version. Source: ReserveLogic.getNormalizedIncome. */
export function normalizedIncome(reserve: AaveReserve, timestamp: number): bigint {
  const elapsed = BigInt(timestamp - reserve.lastUpdateTimestamp);
  const growth = RAY + (reserve.currentLiquidityRate * elapsed) / YEAR_SECONDS;
  return elapsed === 0n ? reserve.liquidityIndex : rayMul(growth, reserve.liquidityIndex);
}

/** When, and by which version of the Pool, an index is asked for. */
export interface AaveMoment {
  readonly timestamp: number;
  readonly interest: AaveRule['interest'];
}

/** The debt index at a time: three terms. Source: ReserveLogic.getNormalizedDebt. */
export function normalizedDebt(reserve: AaveReserve, { timestamp, interest }: AaveMoment): bigint {
  const elapsed = BigInt(timestamp - reserve.lastUpdateTimestamp);
  if (elapsed === 0n) return reserve.variableBorrowIndex;
  const compound = interest === 'binomial' ? binomial : exponential;
  return rayMul(compound(reserve.currentVariableBorrowRate, elapsed), reserve.variableBorrowIndex);
}

/** Source: MathUtils.calculateCompoundedInterest of Aave V3.0.2. */
function binomial(rate: bigint, elapsed: bigint): bigint {
  const minusOne = elapsed - 1n;
  const minusTwo = elapsed > 2n ? elapsed - 2n : 0n;
  const powerTwo = rayMul(rate, rate) / (YEAR_SECONDS * YEAR_SECONDS);
  const powerThree = rayMul(powerTwo, rate) / YEAR_SECONDS;
  const second = (elapsed * minusOne * powerTwo) / 2n;
  const third = (elapsed * minusOne * minusTwo * powerThree) / 6n;
  return RAY + (rate * elapsed) / YEAR_SECONDS + second + third;
}

/** 1 + x + x²/2 + x³/6. Source: MathUtils.calculateCompoundedInterest of Aave V3.6. */
function exponential(rate: bigint, elapsed: bigint): bigint {
  const x = (rate * elapsed) / YEAR_SECONDS;
  return RAY + x + rayMul(x, x / 2n + rayMul(x, x / 6n));
}

/** Smallest units of a scaled supply. Source: AToken.balanceOf of V3.0.2; TokenMath.getATokenBalance of V3.6. */
export function supplied(
  scaled: bigint,
  { index, rounding }: { readonly index: bigint; readonly rounding: AaveRounding },
) {
  return rounding === 'halfUp' ? rayMul(scaled, index) : mulDivDown(scaled, index, RAY);
}

/** Smallest units of a scaled debt. Source: VariableDebtToken.balanceOf of V3.0.2; TokenMath.getVTokenBalance of V3.6. */
export function owed(scaled: bigint, { index, rounding }: { readonly index: bigint; readonly rounding: AaveRounding }) {
  return rounding === 'halfUp' ? rayMul(scaled, index) : mulDivUp(scaled, index, RAY);
}

/** Collateral, its sum weighted by thresholds in basis points, and debt, in base currency. */
export interface AaveSums {
  readonly collateralBase: bigint;
  readonly weightedBps: bigint;
  readonly debtBase: bigint;
}

/** Null where nothing is owed. Source: the end of GenericLogic.calculateUserAccountData of V3.0.2 and of V3.6. */
export function healthFactorOf(
  { collateralBase, weightedBps, debtBase }: AaveSums,
  rounding: AaveRounding,
): bigint | null {
  if (debtBase === 0n) return null;
  if (rounding === 'directional') return (weightedBps * WAD + debtBase / 2n) / debtBase / 10_000n;
  const averageBps = collateralBase === 0n ? 0n : weightedBps / collateralBase;
  const adjusted = (collateralBase * averageBps + 5_000n) / 10_000n;
  return (adjusted * WAD + debtBase / 2n) / debtBase;
}
