import { incompleteBeta } from './gamma.ts';

/** The probability of at most so many successes in n trials of probability p. Source: Abramowitz and Stegun 26.5.24. */
export function binomialCdf(successes: number, trials: { readonly n: number; readonly p: number }): number {
  const { n, p } = trials;
  if (successes >= n) return 1;
  return successes < 0 ? 0 : incompleteBeta(1 - p, n - successes, successes + 1);
}
