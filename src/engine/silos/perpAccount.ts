import type { PerpAccountRule } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import type { PerpLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/**
 * A margin account of perpetuals by its venue's rule.
 *
 * requirement = maintenanceRatio · Σ |position value|; health = value of all legs ÷ requirement. Below 1 a liquidation pays penaltyRatio of what
 * it closes: up to `closeFactor` of all positions out of one of them, the whole of one of at most `minPartialUsd`; below `fullCloseBelow`, all.
 * The penalty is not bounded by what the account is worth: what it cannot pay, it owes.
 *
 * Source: ClearingHouse._liquidate and AccountBalance.getLiquidatablePositionSize of Perpetual Protocol V2 (curie-contract 2.8.4).
 * Checked by hand-computed accounts and properties in test/engine/perpAccount.test.ts.
 */
export function assessPerpAccount(rule: Floats<PerpAccountRule>, { legs, valuesUsd }: SiloState): SiloAssessment {
  const notionals = legs.flatMap((leg, index) => (leg.kind === 'perp' ? [notionalOf(leg, at(valuesUsd, index))] : []));
  const totalUsd = sum(notionals);
  const valueUsd = sum(valuesUsd);
  const requirementUsd = rule.maintenanceRatio * totalUsd;
  if (requirementUsd === 0) return { breakCostUsd: 0, requirementUsd: 0, health: null };
  const health = Math.max(0, valueUsd / requirementUsd);
  if (valueUsd >= requirementUsd) return { breakCostUsd: 0, requirementUsd, health };
  const partial = notionals.map((notionalUsd) =>
    notionalUsd <= rule.minPartialUsd ? notionalUsd : Math.min(notionalUsd, rule.closeFactor * totalUsd),
  );
  const closedUsd = health < rule.fullCloseBelow ? totalUsd : Math.max(...partial);
  return { breakCostUsd: rule.penaltyRatio * closedUsd, requirementUsd, health };
}

/** |size · price in the scenario|: the value is accrued + size · price · (factor − 1). */
function notionalOf({ amount, priceUsd, accruedUsd }: PerpLeg, valueUsd: number): number {
  return Math.abs(valueUsd - accruedUsd + amount * priceUsd);
}
