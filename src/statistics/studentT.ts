import { log } from '../engine/math.ts';
import { incompleteBeta, logGamma } from './gamma.ts';

const LOG_PI = 1.1447298858494002;
const STEPS = 200;

/** The probability that Student's t with ν degrees of freedom is at most x. Source: Abramowitz and Stegun 26.7.1. Checked against published quantiles. */
export function studentTCdf(x: number, degrees: number): number {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + x * x), degrees / 2, 0.5);
  return x < 0 ? tail : 1 - tail;
}

/** The logarithm of its density. */
export function studentTLogDensity(x: number, degrees: number): number {
  const constant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * (log(degrees) + LOG_PI);
  return constant - ((degrees + 1) / 2) * log(1 + (x * x) / degrees);
}

/** The x with cumulative probability p, 0 < p < 1, by bisection to the last bits. */
export function studentTQuantile(p: number, degrees: number): number {
  if (p > 0.5) return -studentTQuantile(1 - p, degrees);
  let [low, high] = [-2, 0];
  while (studentTCdf(low, degrees) > p) low *= 2;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTCdf(middle, degrees) > p) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
