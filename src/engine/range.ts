import { MarginError } from '../errors.ts';
import type { FloatPosition } from './inputs.ts';
import { exp } from './math.ts';

/** ½·ln 1.0001: one tick of the root of a price. */
const HALF_TICK = 4.999750016665417e-5;

/** Liquidity between two prices, in units of whole tokens. */
export interface RangeTerms {
  /** Liquidity, signed: L ÷ 10^((decimals0 + decimals1)/2). */
  readonly amount: number;
  /** Roots of the lowest and the highest price of token 0 in token 1. */
  readonly lowerRoot: number;
  readonly upperRoot: number;
}

/** What is in a range at one price, signed as the liquidity. */
export interface RangeAmounts {
  readonly amount0: number;
  readonly amount1: number;
}

/**
 * The terms of a range position: √price = 1.0001^(tick/2) · 10^((decimals0 − decimals1)/2).
 * Source: Uniswap v3 whitepaper, §6.1 and §6.2. Checked against integer arithmetic in test/engine/range.test.ts.
 *
 * @throws {TickRangeError} where the lower tick is not below the upper one.
 */
export function rangeTerms(position: FloatPosition & { readonly kind: 'range' }): RangeTerms {
  const { index, tickLower, tickUpper, decimals0, decimals1, amount } = position;
  if (!(tickLower < tickUpper)) throw new TickRangeError(index, { tickLower, tickUpper });
  return {
    amount: amount / rootOfTen(decimals0 + decimals1),
    lowerRoot: rootAtTick(tickLower, position),
    upperRoot: rootAtTick(tickUpper, position),
  };
}

/**
 * The two amounts at the price of a pool that trades at the market: amount0 = ℓ·(1/s − 1/√upper), amount1 = ℓ·(s − √lower), s = √price held between the two.
 * Source: Uniswap v3 whitepaper, §6.2; LiquidityAmounts.getAmountsForLiquidity. Checked against them in integer arithmetic, and that
 * the value never falls with either price (test/engine/range.test.ts).
 */
export function rangeAmounts({ amount, lowerRoot, upperRoot }: RangeTerms, root: number): RangeAmounts {
  const s = Math.min(upperRoot, Math.max(lowerRoot, root));
  return { amount0: (amount * (upperRoot - s)) / (s * upperRoot), amount1: amount * (s - lowerRoot) };
}

/** The root of the price of a tick, of one whole token 0 in whole tokens 1. */
export function rootAtTick(tick: number, decimals: { readonly decimals0: number; readonly decimals1: number }): number {
  return exp(tick * HALF_TICK) * rootOfTen(decimals.decimals0 - decimals.decimals1);
}

/** √(price0 / price1); beyond every range where the second is worth nothing. */
export function rootOf(price0Usd: number, price1Usd: number): number {
  return price1Usd > 0 ? Math.sqrt(price0Usd / price1Usd) : Number.POSITIVE_INFINITY;
}

/** √(10^exponent): the power exact up to 10^22, then one rounding a step. */
function rootOfTen(exponent: number): number {
  let power = 1;
  for (let step = 0; step < Math.abs(exponent); step += 1) power *= 10;
  const root = Math.sqrt(power);
  return exponent < 0 ? 1 / root : root;
}

/** A range whose ends are not in order. */
export class TickRangeError extends MarginError {
  readonly code = 'TickRangeError';
  readonly index: number;

  constructor(index: number, { tickLower, tickUpper }: { readonly tickLower: number; readonly tickUpper: number }) {
    super(
      `positions[${index}] is a range from tick ${tickLower} to ${tickUpper}. The lower tick must be below the upper one.`,
    );
    this.index = index;
  }
}
