import type { Address } from 'viem';
import type { LendingRule } from '../portfolio/silo.ts';
import { mulDivUp, WAD } from '../units/wad.ts';
import { collateralOf } from './collateral.ts';
import type { CometCollateral } from './compoundV3Holdings.ts';
import { worthOf } from './compoundV3Math.ts';
import { type TokenOrError, tokenAt } from './tokens.ts';

const ONE = { raw: 1n, decimals: 0 };
/** How much collateral without a threshold may gain on the debt before an absorption takes more of it than the rule says. */
const GAIN = 10n;

/** What the rule of one account in one market is made of. */
export interface CometRuleQuery {
  readonly venue: string;
  readonly account: Address;
  readonly collaterals: readonly CometCollateral[];
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  /** 1e8; null where nothing is owed. */
  readonly debtValue: bigint | null;
}

/**
 * An absorption as a lending rule. Comet takes the whole account: all collateral, of which it credits `liquidationFactor`, so it costs
 * Σ value · (1 − liquidationFactor), at most the equity. A lending rule costs bonus · debt, at most what the collateral exceeds its
 * (1 + bonus)th part by. An absorbed debt is more than Σ value · liquidateCollateralFactor, so with
 * bonus = (1 − liquidationFactor) ÷ liquidateCollateralFactor, rounded up and the largest of the collateral, it never costs less.
 *
 * Collateral with a liquidateCollateralFactor of 0 is taken and bounds no debt: what it may cost now, tenfold, is laid on every bonus.
 *
 * Source: Comet.absorbInternal. Checked against its arithmetic for accounts at random in test/venues/compoundV3Rule.test.ts.
 */
export function absorptionRule({ venue, account, collaterals, tokens, debtValue }: CometRuleQuery): LendingRule {
  const held = collaterals.filter(({ balance }) => balance !== 0n);
  const uncounted = held.filter(({ liquidateCollateralFactor }) => liquidateCollateralFactor === 0n);
  const takenValue = uncounted.reduce((sum, collateral) => {
    return sum + mulDivUp(worthOf({ ...collateral, amount: collateral.balance }) + 1n, lossOf(collateral), WAD);
  }, 0n);
  const extra = debtValue === null ? 0n : mulDivUp(GAIN * takenValue, WAD, debtValue === 0n ? 1n : debtValue);
  const terms = held.map((collateral) => {
    const { asset, liquidateCollateralFactor: factor } = collateral;
    const bonus = extra + (factor === 0n ? 0n : mulDivUp(lossOf(collateral), WAD, factor));
    const threshold = { raw: factor, decimals: 18 };
    return { asset: tokenAt(tokens, asset).asset, terms: { threshold, bonus: { raw: bonus, decimals: 18 } } };
  });
  return {
    kind: 'lending',
    collateral: collateralOf({ venue, account }, terms),
    closeFactor: ONE,
    fullCloseBelow: ONE,
  };
}

/** The share of an asset's worth that an absorption takes, 1e18. */
function lossOf({ liquidationFactor }: CometCollateral): bigint {
  return liquidationFactor > WAD ? 0n : WAD - liquidationFactor;
}
