import type { RangeAccountRule } from '../../portfolio/silo.ts';
import type { Floats } from '../inputs.ts';
import { sum } from '../lookup.ts';
import { rootAtTick, rootOf } from '../range.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

type Rule = Floats<RangeAccountRule>;
type Sold = NonNullable<Rule['asked'][number]['sold']>;

/**
 * A margin account of ranges by its venue's rule, at the prices of the scenario in place of the pool's own.
 *
 * counted = Σ counted amounts · price, asked = Σ (fixed + in the money) · price; health = counted ÷ asked. A sold option of token 1 is in the money
 * by notional · (1 − price ÷ strike) below its range, one of token 0 by notional · (1 − strike ÷ price) above it, and within it along the straight
 * line (w − r) ÷ (w + 1), r that ratio and w = √(upper ÷ lower). Below 1 a liquidation takes what is short in either token, at most half of
 * what counts. requirement = equity of all legs − counted + asked: that is the equity at which health is 1, since what open positions are worth
 * does not count.
 *
 * Source: CollateralTracker._getRequiredCollateralAtTickSinglePosition and PanopticMath.getLiquidationBonus of Panoptic v1, which takes what is short in
 * both tokens together: never more. Checked by hand and as a property in test/engine/rangeAccount.test.ts, and against the deployed
 * contracts' own figures in test/venues/panoptic.test.ts.
 */
export function assessRangeAccount(rule: Rule, { valuesUsd, spotUsd }: SiloState): SiloAssessment {
  const usd = (units: number, asset: string) => (units === 0 ? 0 : units * spotUsd(asset));
  const hasSold = rule.asked.some(({ sold }) => sold !== undefined);
  const root = hasSold ? rootOf(spotUsd(rule.token0), spotUsd(rule.token1)) : 0;
  const unitsOf = (which: 0 | 1) =>
    sum(
      rule.asked.map(({ token, fixed, sold }) =>
        token === which ? fixed + (sold === undefined ? 0 : inTheMoney(sold, { rule, token, root })) : 0,
      ),
    );
  const counted0 = usd(rule.counted0, rule.token0);
  const counted1 = usd(rule.counted1, rule.token1);
  const [asked0, asked1] = [usd(unitsOf(0), rule.token0), usd(unitsOf(1), rule.token1)];
  const [counted, asked] = [counted0 + counted1, asked0 + asked1];
  if (asked === 0) return { breakCostUsd: 0, requirementUsd: 0, health: null };
  const requirementUsd = Math.max(0, sum(valuesUsd) - counted + asked);
  const health = Math.max(0, counted / asked);
  if (counted >= asked) return { breakCostUsd: 0, requirementUsd, health };
  const short = Math.max(0, asked0 - counted0) + Math.max(0, asked1 - counted1);
  return { breakCostUsd: Math.max(0, Math.min(counted / 2, short)), requirementUsd, health };
}

interface At {
  readonly rule: Rule;
  readonly token: 0 | 1;
  /** √price of token 0 in token 1. */
  readonly root: number;
}

/** Units of the option's token. */
function inTheMoney({ notional, tickLower, tickMiddle, tickUpper }: Sold, { rule, token, root }: At): number {
  const [lower, middle, upper] = [tickLower, tickMiddle, tickUpper].map((tick) => rootAtTick(tick, rule)) as [
    number,
    number,
    number,
  ];
  const isOut = token === 1 ? root >= upper : root < lower;
  if (isOut) return 0;
  const rootRatio = token === 1 ? root / middle : middle / root;
  const ratio = rootRatio * rootRatio;
  const isBeyond = token === 1 ? root < lower : root >= upper;
  if (isBeyond) return notional * (1 - ratio);
  const width = upper / lower;
  return (notional * Math.max(0, width - ratio)) / (width + 1);
}
