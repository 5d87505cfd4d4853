import { at, sum } from '../lookup.ts';
import type { DeriveAccount, DeriveExpiry } from './account.ts';
import { optionValues, TODAY } from './shock.ts';

/**
 * What each leg adds to the basis contingency, in the order of the legs; it competes with the scenarios.
 * Per expiry: min(PnL at basis.up, PnL at basis.down, 0) · (add + mult·τ), without static discounts.
 * Source: design margin-model §6. Checked against the published case test_56 (test/engine/derivePm2.test.ts).
 */
export function basisPnl({ legs, expiries, model }: DeriveAccount): number[] {
  const pnl = legs.map(() => 0);
  const { up, down, add, mult } = model.parameters.basis;
  for (const expiry of expiries) {
    const moves = [up, down].map((spot) => movePnl(expiry, spot));
    const [worst = []] = moves.toSorted((a, b) => sum(a) - sum(b));
    if (!(sum(worst) < 0)) continue;
    expiry.members.forEach((member, index) => {
      pnl[member] = at(worst, index) * (add + mult * expiry.years);
    });
  }
  return pnl;

  function movePnl(expiry: DeriveExpiry, spot: number): number[] {
    const today = optionValues(expiry, TODAY, model.parameters);
    return optionValues(expiry, { spot, vol: 'none' }, model.parameters).map(
      (value, index) => value - at(today, index),
    );
  }
}
