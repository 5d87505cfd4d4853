import type { ShortOptionRule } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import type { OptionLeg, TokenLeg } from '../legs.ts';
import { at } from '../lookup.ts';
import { exp } from '../math.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import { optionValue } from '../value.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/** The venue's own BlackScholes library prices at no less volatility than this. */
const MIN_VOL = 0.0001;

/**
 * One short option and its collateral by Lyra V1's rule.
 *
 * Liquidated before expiry when collateral < min(max(option at shocked spot and volatility, static minimum), full collateral). Closing takes
 * max(penaltyRatio · (collateral − value), minimum penalty) and no more than what is left of the collateral after the option is paid.
 * health = collateral ÷ minimum; requirement = minimum − option value, not below zero: silo equity under which it is liquidated.
 *
 * Source: OptionGreekCache.getMinCollateral, OptionToken.canLiquidate and getLiquidationFees, BlackScholes.optionPrices
 * (@lyrafinance/protocol 0.1.3-alpha). The venue's premium is an average over time; here it is the option's value in the scenario.
 * Checked by hand-computed positions and limit cases in test/engine/silos.test.ts.
 */
export function assessShortOption(rule: Floats<ShortOptionRule>, state: SiloState): SiloAssessment {
  const index = state.legs.findIndex((leg) => leg.kind === 'option' && leg.amount < 0);
  if (index < 0) return { breakCostUsd: 0, requirementUsd: 0, health: null };
  const option = state.legs[index] as OptionLeg;
  const spotUsd = state.spotUsd(option.underlying);
  const collateral = readCollateral(state, rule.collateralIn === 'underlying' ? spotUsd : 1);
  const minimum = minCollateral(rule, option, spotUsd);
  const valueUsd = -at(state.valuesUsd, index);
  const requirementUsd = Math.max(0, minimum * collateral.unitUsd - valueUsd);
  const health = minimum > 0 ? collateral.units / minimum : null;
  if (option.seconds === 0 || collateral.units >= minimum) return { breakCostUsd: 0, requirementUsd, health };
  const leftUsd = Math.max(0, collateral.units * collateral.unitUsd - valueUsd);
  const penaltyUsd = Math.max(rule.penaltyRatio * leftUsd, rule.minPenaltyUsd);
  return { breakCostUsd: Math.min(penaltyUsd, leftUsd), requirementUsd, health };
}

function readCollateral({ legs, valuesUsd }: SiloState, emptyUnitUsd: number): { units: number; unitUsd: number } {
  let units = 0;
  let usd = 0;
  legs.forEach((leg, index) => {
    if (leg.kind !== 'token') return;
    units += (leg as TokenLeg).amount;
    usd += at(valuesUsd, index);
  });
  return { units, unitUsd: units > 0 ? usd / units : emptyUnitUsd };
}

/** Units of the collateral asset. */
function minCollateral(rule: Floats<ShortOptionRule>, option: OptionLeg, spotUsd: number): number {
  const size = -option.amount;
  const years = option.seconds / SECONDS_PER_YEAR;
  const shockedUsd = spotUsd * rule.spotShock;
  const discount = exp(-rule.rate * years);
  const terms = { type: option.type, strikeUsd: option.strikeUsd, years, discount };
  const priceUsd = optionValue({ ...terms, forwardUsd: shockedUsd / discount, vol: Math.max(rule.shockVol, MIN_VOL) });
  if (rule.collateralIn === 'underlying') {
    const covered = shockedUsd > 0 ? (priceUsd * size) / shockedUsd : 0;
    return Math.min(Math.max(covered, rule.minStaticCollateral), size);
  }
  const full = option.type === 'put' ? size * option.strikeUsd : Number.POSITIVE_INFINITY;
  return Math.min(Math.max(priceUsd * size, rule.minStaticCollateral), full);
}
