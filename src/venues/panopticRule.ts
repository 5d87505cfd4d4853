import type { SiloRule } from '../portfolio/silo.ts';
import type { AccountView } from './panopticAccount.ts';
import type { LegTerms } from './panopticLegs.ts';
import type { PanopticHolding } from './panopticRead.ts';
import type { VenueHealth } from './venue.ts';

/** How the pool itself closes the account. */
export function ruleOf(_holding: PanopticHolding, _: { view: AccountView; terms: LegTerms }): SiloRule {
  return { kind: 'owned' };
}
export function healthsOf(
  _holding: PanopticHolding,
  _: { view: AccountView; terms: LegTerms },
): readonly VenueHealth[] {
  return [];
}
