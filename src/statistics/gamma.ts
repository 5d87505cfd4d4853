import { at } from '../engine/lookup.ts';
import { exp, log, logOnePlus } from '../engine/math.ts';

const HALF_LOG_TWO_PI = 0.9189385332046728;
/** Stirling's series: B(2k) ÷ (2k·(2k − 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
const STIRLING_FROM = 12;
const STEPS = 10_000;
const EPSILON = 1e-16;
const TINY = 1e-300;

/**
 * ln Γ(x) for x > 0: Stirling's series from 12 on, the recurrence below. Source: Abramowitz and Stegun 6.1.40 and 6.1.15.
 * Checked against factorials and Γ(1/2) = √π.
 */
export function logGamma(x: number): number {
  let shift = 0;
  let raised = x;
  for (; raised < STIRLING_FROM; raised += 1) shift += log(raised);
  const square = 1 / (raised * raised);
  let series = 0;
  for (let index = STIRLING.length - 1; index >= 0; index -= 1) series = at(STIRLING, index) + series * square;
  return (raised - 0.5) * log(raised) - raised + HALF_LOG_TWO_PI + series / raised - shift;
}

/**
 * The probability that χ² with so many degrees of freedom exceeds x. Source: Abramowitz and Stegun 6.5.29 (series) and 6.5.31 (continued fraction).
 * Checked against published quantiles of χ², and 2·(1 − Φ(√x)) and exp(−x/2) for one and two degrees.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const [shape, half] = [degrees / 2, x / 2];
  const front = exp(shape * log(half) - half - logGamma(shape));
  return half < shape + 1 ? 1 - front * gammaSeries(shape, half) : front * gammaFraction(shape, half);
}

function gammaSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let total = term;
  for (let step = 1; step < STEPS && term > total * EPSILON; step += 1) {
    term *= x / (shape + step);
    total += term;
  }
  return total;
}

/** Lentz's method. */
function gammaFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let step = 1; step < STEPS; step += 1) {
    const a = -step * (step - shape);
    b += 2;
    d = 1 / nonZero(a * d + b);
    c = nonZero(b + a / c);
    const factor = d * c;
    result *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return result;
}

/**
 * The regularised incomplete beta function I_x(a, b). Source: Abramowitz and Stegun 26.5.8 by Lentz's method; 6.6.3 on the other side.
 * Checked against binomial sums and I_x(a, b) + I_1−x(b, a) = 1.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * logComplement(x));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let step = 1; step < STEPS; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return result;
}

/** ln(1 − x). */
function logComplement(x: number): number {
  return x < 0.29 ? logOnePlus(-x) : log(1 - x);
}

function nonZero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}
