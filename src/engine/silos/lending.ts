import type { LendingRule } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import type { TokenLeg } from '../legs.ts';
import { at, lookup } from '../lookup.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/**
 * A lending account by its venue's rule.
 *
 * health = Σ collateral · threshold ÷ debt; below 1 the venue closes `closeFactor` of the debt (all below `fullCloseBelow`) and the account
 * loses bonus · closed, the largest bonus of its collateral, where closed · (1 + bonus) cannot exceed the collateral.
 * requirement = Σ collateral · (1 − threshold) while there is debt: collateral − debt < requirement exactly when health < 1. An asset
 * listed with threshold 0 so counts in full, and one that is not listed is no collateral and counts nowhere.
 *
 * Source: Aave V3 GenericLogic.calculateUserAccountData and LiquidationLogic, Morpho Blue `_isHealthy` and `liquidate`.
 * Checked by hand-computed accounts and the equivalence above as a property in test/engine/silos.test.ts.
 */
export function assessLending(rule: Floats<LendingRule>, { legs, valuesUsd }: SiloState): SiloAssessment {
  let debtUsd = 0;
  let collateralUsd = 0;
  let countedUsd = 0;
  let requirementUsd = 0;
  let bonus = 0;
  legs.forEach((leg, index) => {
    const valueUsd = at(valuesUsd, index);
    const terms = lookup(rule.collateral, (leg as TokenLeg).asset);
    if (valueUsd < 0) debtUsd -= valueUsd;
    if (valueUsd <= 0 || terms === undefined) return;
    collateralUsd += valueUsd;
    countedUsd += valueUsd * terms.threshold;
    requirementUsd += valueUsd * (1 - terms.threshold);
    bonus = Math.max(bonus, terms.bonus);
  });
  if (debtUsd === 0) return { breakCostUsd: 0, requirementUsd: 0, health: null };
  const health = countedUsd / debtUsd;
  if (health >= 1) return { breakCostUsd: 0, requirementUsd, health };
  const closedUsd = health < rule.fullCloseBelow ? debtUsd : debtUsd * rule.closeFactor;
  const breakCostUsd = bonus * Math.min(closedUsd, collateralUsd / (1 + bonus));
  return { breakCostUsd, requirementUsd, health };
}
