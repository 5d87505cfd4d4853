import { chiSquareTail } from './gamma.ts';
import { countHits, type Hits, type TestResult } from './hits.ts';
import { kupiec, logBernoulli } from './kupiec.ts';

/**
 * Time until first failure: did the first hit come when the level says? χ² with one degree. Undefined without a hit.
 * Source: Kupiec (1995). Checked by hand in test/statistics/timeBetweenFailures.test.ts.
 */
export function timeUntilFirstFailure(hits: Hits, level: number): TestResult | undefined {
  const [first] = waits(hits);
  return first === undefined ? undefined : { lr: waitLr(first, level), p: chiSquareTail(waitLr(first, level), 1) };
}

/**
 * Time between failures: is every wait for a hit what the level says? LR added over the waits, χ² with a degree each; `mixed` adds Kupiec's, and one degree.
 * Waits count observed periods. Undefined without a hit. Source: Haas, "New Methods in Backtesting" (2001).
 */
export function timeBetweenFailures(
  hits: Hits,
  level: number,
): { readonly independence: TestResult; readonly mixed: TestResult } | undefined {
  const all = waits(hits);
  if (all.length === 0) return undefined;
  let lr = 0;
  for (const wait of all) lr += waitLr(wait, level);
  const mixed = lr + kupiec(countHits(hits), level).lr;
  return {
    independence: { lr, p: chiSquareTail(lr, all.length) },
    mixed: { lr: mixed, p: chiSquareTail(mixed, all.length + 1) },
  };
}

/** Observed periods from one hit to the next, the first from the start. */
function waits(hits: Hits): number[] {
  const found: number[] = [];
  let wait = 0;
  for (const hit of hits) {
    if (hit === null) continue;
    wait += 1;
    if (!hit) continue;
    found.push(wait);
    wait = 0;
  }
  return found;
}

/** One hit in so many periods: a Bernoulli likelihood at the level against that at 1/wait. */
function waitLr(wait: number, level: number): number {
  const once = { observations: wait, hits: 1 };
  return Math.max(0, -2 * (logBernoulli(once, 1 - level) - logBernoulli(once, 1 / wait)));
}
