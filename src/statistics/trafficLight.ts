import { binomialCdf } from './binomial.ts';
import { type HitCount, requireCount } from './hits.ts';

export type Zone = 'green' | 'yellow' | 'red';

const YELLOW_FROM = 0.95;
const RED_FROM = 0.9999;

/**
 * The zone of a number of hits: by the probability of at most so many, were the coverage right; yellow from 95 %, red from 99.99 %.
 * Source: Basel Committee, "Supervisory framework for the use of backtesting" (1996). Checked: of 250 at 99 % green to 4, yellow 5 to 9, red from 10.
 *
 * @throws {HitCountError}
 */
export function trafficLight(count: HitCount, level: number): Zone {
  requireCount(count, level);
  const probability = binomialCdf(count.hits, { n: count.observations, p: 1 - level });
  if (probability >= RED_FROM) return 'red';
  return probability >= YELLOW_FROM ? 'yellow' : 'green';
}
