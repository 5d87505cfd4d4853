import { log, normalCdf, normalDensity } from '../engine/math.ts';

const STEPS = 60;

/**
 * The z with Φ(z) = p, for 0 < p < 1; ∓Infinity at 0 and 1. By Newton's steps, halved into a bracket, on the smaller tail.
 * Checked in test/statistics/distributions.test.ts: published quantiles, and Φ of the answer.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return p === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (!(p < 1)) return p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p === 0.5) return 0;
  return p > 0.5 ? -lowerTail(1 - p) : lowerTail(p);
}

/** p ≤ 0.5. Φ(z) ≤ exp(−z²/2)/2 for z ≤ 0, so that the answer is not below −√(−2·ln 2p). */
function lowerTail(p: number): number {
  let [low, high] = [-Math.sqrt(Math.max(0, -2 * log(2 * p))) - 1e-9, 0];
  let z = low / 2;
  for (let step = 0; step < STEPS; step += 1) {
    const excess = normalCdf(z) - p;
    if (excess > 0) high = z;
    else low = z;
    const next = z - excess / normalDensity(z);
    const moved = next > low && next < high ? next : (low + high) / 2;
    if (moved === z) return z;
    z = moved;
  }
  return z;
}
