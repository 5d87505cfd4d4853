import { at } from '../lookup.ts';

/**
 * Raw SVI: one expiry's total variance w(k) = a + b·(ρ·(k − m) + √((k − m)² + σ²)), k = ln(K/F).
 * Source: Gatheral, A parsimonious arbitrage-free implied volatility parameterization (2004).
 */
export interface Svi {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/** σ²·τ at a log-moneyness. */
export function totalVariance({ a, b, rho, m, sigma }: Svi, k: number): number {
  const x = k - m;
  return a + b * (rho * x + Math.sqrt(x * x + sigma * sigma));
}

/**
 * Durrleman's g(k) = (1 − k·w′/2w)² − w′²/4·(1/w + 1/4) + w″/2: the density of the underlying is g times a positive factor, so a slice is free of butterfly
 * arbitrage where g ≥ 0 (and its wings are no steeper than 2). −Infinity where there is no variance.
 * Source: Gatheral and Jacquier, Arbitrage-free SVI volatility surfaces (2014), lemma 2.2. Checked against the second difference of Black-76 prices and
 * against Vogt's published counter-example in test/engine/surface/svi.test.ts.
 */
export function butterfly(svi: Svi, k: number): number {
  return durrleman(k, curveOf(svi, k));
}

/** A slice's total variance with its slope and bend. */
export function curveOf({ a, b, rho, m, sigma }: Svi, k: number): Curve {
  const x = k - m;
  const root = Math.sqrt(x * x + sigma * sigma);
  return {
    w: a + b * (rho * x + root),
    slope: b * (rho + x / root),
    bend: (b * sigma * sigma) / (root * root * root),
  };
}

/** Total variance with its two derivatives. */
export interface Curve {
  readonly w: number;
  readonly slope: number;
  readonly bend: number;
}

/** g(k) of any curve of total variance: see {@link butterfly}. */
export function durrleman(k: number, { w, slope, bend }: Curve): number {
  if (!(w > 0)) return Number.NEGATIVE_INFINITY;
  const tangent = 1 - (k * slope) / (2 * w);
  return tangent * tangent - ((slope * slope) / 4) * (1 / w + 0.25) + bend / 2;
}

/** The steeper of the two wings: b·(1 + |ρ|). Above 2 the variance outgrows what any distribution has (Lee, 2004). */
export function wingSlope({ b, rho }: Svi): number {
  return b * (1 + Math.abs(rho));
}

/** Evenly spaced, both ends included. */
export function gridOf({ low, high }: { readonly low: number; readonly high: number }, points: number): number[] {
  const step = (high - low) / (points - 1);
  return Array.from({ length: points }, (_, index) => (index === points - 1 ? high : low + step * index));
}

/** The smallest value of a function on a grid. */
export function smallest(grid: readonly number[], value: (k: number) => number): number {
  let least = value(at(grid, 0));
  for (const k of grid) least = Math.min(least, value(k));
  return least;
}
