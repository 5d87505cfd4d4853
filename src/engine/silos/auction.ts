import type { SiloAssessment } from './silo.ts';

/**
 * A silo that is auctioned off when what its venue counts, less what it asks for, is below zero: `marginUsd`, beside the silo's value.
 *
 * requirement = value − margin, not below zero; health = value ÷ requirement, not below zero. So health < 1 exactly when the margin is below zero.
 * The price of an auction falls to nothing: what it can cost is all that the silo is worth.
 * Source: DutchAuction of Derive v2 (v2-core 7736900d). Checked as a property in test/engine/deriveSilos.test.ts.
 */
export function assessAuction(valueUsd: number, marginUsd: number): SiloAssessment {
  const requirementUsd = Math.max(0, valueUsd - marginUsd);
  const assetsUsd = Math.max(0, valueUsd);
  if (marginUsd < 0) {
    const health = requirementUsd > 0 ? assetsUsd / requirementUsd : 0;
    return { breakCostUsd: assetsUsd, requirementUsd, health };
  }
  return { breakCostUsd: 0, requirementUsd, health: requirementUsd > 0 ? assetsUsd / requirementUsd : null };
}
