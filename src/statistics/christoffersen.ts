import { chiSquareTail } from './gamma.ts';
import { countHits, type Hits, type TestResult } from './hits.ts';
import { kupiec, logBernoulli } from './kupiec.ts';

/**
 * Independence: is a hit as likely after a hit as after none? χ² with one degree. Pairs across a null are not counted.
 * Source: Christoffersen, "Evaluating Interval Forecasts" (1998). Checked by hand and against its limit cases in test/statistics/christoffersen.test.ts.
 */
export function independence(hits: Hits): TestResult {
  const after = { hit: { observations: 0, hits: 0 }, none: { observations: 0, hits: 0 } };
  hits.forEach((hit, index) => {
    const before = index === 0 ? null : (hits[index - 1] ?? null);
    if (hit === null || before === null) return;
    const state = before ? after.hit : after.none;
    state.observations += 1;
    state.hits += hit ? 1 : 0;
  });
  const all = {
    observations: after.hit.observations + after.none.observations,
    hits: after.hit.hits + after.none.hits,
  };
  const apart = logShare(after.hit) + logShare(after.none);
  const lr = Math.max(0, -2 * (logShare(all) - apart));
  return { lr, p: chiSquareTail(lr, 1) };
}

/** Conditional coverage: as many hits as the level says, and independent ones. LR of both added, χ² with two degrees. */
export function conditionalCoverage(hits: Hits, level: number): TestResult {
  const lr = kupiec(countHits(hits), level).lr + independence(hits).lr;
  return { lr, p: chiSquareTail(lr, 2) };
}

/** ln of the likelihood at the share that was seen. */
function logShare(count: { readonly observations: number; readonly hits: number }): number {
  return count.observations === 0 ? 0 : logBernoulli(count, count.hits / count.observations);
}
