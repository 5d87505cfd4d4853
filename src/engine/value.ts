import type { OptionType } from '../portfolio/position.ts';
import { log, logOnePlus, millsRatio, normalDensity } from './math.ts';

/** What Black-76 needs to know of one European option. */
export interface OptionTerms {
  readonly type: OptionType;
  readonly forwardUsd: number;
  readonly strikeUsd: number;
  /** Annual. */
  readonly vol: number;
  /** Of 365 days. At or below zero the option is worth its intrinsic value. */
  readonly years: number;
  /** Present value of 1 USD at expiry. */
  readonly discount: number;
}

/** Half a standard deviation of 0.5 %: below it a series takes over. */
const SMALL_HALF_DEVIATION = 0.005;
/** Where φ is below 1e-305: nothing is left of the value, or all of it. */
const HUGE_QUANTILE = 37.5;
/** Below it the value is that of no deviation at all, and its inverse would overflow. */
const LEAST_DEVIATION = 1e-300;

/**
 * The Black-76 value of one option, in USD. Intrinsic at or past expiry and at zero volatility. Never NaN for finite terms.
 *
 * Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976). The out-of-the-money value is computed
 * once for call and put, and the intrinsic value is added: put–call parity holds to rounding. The kernel (src/engine/kernel) computes the same three steps for
 * whole tables, to the last bit.
 * Checked in test/engine/value.test.ts: 70-digit reference (≤ 1e-15·max(F,K), ≤ 1e-12 relative above 1e-9·F), parity, bounds, monotony.
 */
export function optionValue({ type, forwardUsd, strikeUsd, vol, years, discount }: OptionTerms): number {
  const intrinsic = type === 'call' ? forwardUsd - strikeUsd : strikeUsd - forwardUsd;
  const least = Math.min(forwardUsd, strikeUsd);
  const value = timeValue(least, distanceOf(forwardUsd, strikeUsd), deviationOf(vol, years));
  return (value + (intrinsic > 0 ? intrinsic : 0)) * discount;
}

/** σ√τ; 0 at and past expiry. */
export function deviationOf(vol: number, years: number): number {
  return years > 0 && vol > 0 ? vol * Math.sqrt(years) : 0;
}

/** |ln(forward/strike)|; infinite where one of them is nothing. Exact differences near the money; two logarithms where the quotient overflows or loses digits to underflow. */
export function distanceOf(forward: number, strike: number): number {
  if (!(forward > 0 && strike > 0)) return Number.POSITIVE_INFINITY;
  const excess = (forward - strike) / strike;
  if (Math.abs(excess) < 0.25) return Math.abs(logOnePlus(excess));
  const ratio = forward / strike;
  return Math.abs(ratio > 1e-290 && ratio < 1e290 ? log(ratio) : log(forward) - log(strike));
}

/**
 * Undiscounted value of the option that is out of the money, from A = min(F,K), the distance |ln(F/K)| and s = σ√τ.
 * With h = |ln(F/K)|/s, t = s/2, u = t − h, v = t + h, G = A·φ(u), q the Mills ratio, from F·φ(d1) = K·φ(d2):
 * V = A − G·(q(u) + q(v)) for u ≥ 0, G·(q(−u) − q(v)) for u < 0.
 */
export function timeValue(least: number, distance: number, deviation: number): number {
  if (!(deviation > LEAST_DEVIATION)) return 0;
  const h = distance * (1 / deviation);
  const t = 0.5 * deviation;
  const u = t - h;
  const v = t + h;
  if (u >= HUGE_QUANTILE) return least;
  if (u <= -HUGE_QUANTILE) return 0;
  const g = least * normalDensity(u);
  const value = t < SMALL_HALF_DEVIATION ? g * smallDifference(h, t) : difference({ least, g, u, v });
  return value > 0 ? value : 0;
}

function difference({ least, g, u, v }: { least: number; g: number; u: number; v: number }): number {
  return u >= 0 ? least - g * (millsRatio(u) + millsRatio(v)) : g * (millsRatio(-u) - millsRatio(v));
}

/**
 * q(h − t) − q(h + t) for small t, where the difference of two ratios would lose its digits: −2·(t·q′ + t³/6·q‴ + t⁵/120·q⁗′) at h,
 * by q′ = h·q − 1 and q⁽ⁿ⁺¹⁾ = h·q⁽ⁿ⁾ + n·q⁽ⁿ⁻¹⁾. What is left out is below t⁶/100 of the value.
 */
function smallDifference(h: number, t: number): number {
  const q0 = millsRatio(h);
  const q1 = h * q0 - 1;
  const q2 = h * q1 + q0;
  const q3 = h * q2 + 2 * q1;
  const q4 = h * q3 + 3 * q2;
  const q5 = h * q4 + 4 * q3;
  const square = t * t;
  return -2 * t * (q1 + square * (q3 / 6 + (square * q5) / 120));
}
