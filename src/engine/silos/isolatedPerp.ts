import type { IsolatedPerpRule } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import { sum } from '../lookup.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/**
 * One perpetual position with its own collateral, by its venue's rule: liquidated when value + adjustmentUsd < requirementUsd, or not above
 * zero. The penalty is paid out of what the position is still worth: what it cannot pay, nobody owes.
 *
 * Source: PositionUtils.isPositionLiquidatable of GMX v2 (gmx-synthetics a5c0c88).
 * Checked by hand-computed positions and properties in test/engine/isolatedPerp.test.ts.
 */
export function assessIsolatedPerp(rule: Floats<IsolatedPerpRule>, { legs, valuesUsd }: SiloState): SiloAssessment {
  const requirementUsd = Math.max(0, rule.requirementUsd - rule.adjustmentUsd);
  if (legs.every(({ kind }) => kind !== 'perp')) return { breakCostUsd: 0, requirementUsd: 0, health: null };
  const valueUsd = sum(valuesUsd);
  const countedUsd = valueUsd + rule.adjustmentUsd;
  const isLiquidated = countedUsd < rule.requirementUsd || countedUsd <= 0;
  const breakCostUsd = isLiquidated ? Math.min(rule.penaltyUsd, Math.max(0, valueUsd)) : 0;
  return { breakCostUsd, requirementUsd, health: healthOf(countedUsd, rule.requirementUsd) };
}

function healthOf(countedUsd: number, requiredUsd: number): number | null {
  if (requiredUsd > 0) return Math.max(0, countedUsd / requiredUsd);
  return countedUsd > 0 ? null : 0;
}
