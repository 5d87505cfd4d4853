import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import type { LendingRule } from '../portfolio/silo.ts';

/** What one asset of an account counts at a lending venue. */
export interface AssetTerms {
  readonly asset: string;
  readonly terms: LendingRule['collateral'][string];
}

/**
 * The collateral of a lending rule, by asset.
 *
 * @throws {AmbiguousCollateralError} where two of its tokens are one asset under different terms.
 */
export function collateralOf(
  { venue, account }: { readonly venue: string; readonly account: Address },
  supplied: readonly AssetTerms[],
): LendingRule['collateral'] {
  const collateral = new Map<string, AssetTerms['terms']>();
  for (const { asset, terms } of supplied) {
    const known = collateral.get(asset) ?? terms;
    if (known.threshold.raw !== terms.threshold.raw || known.bonus.raw !== terms.bonus.raw) {
      throw new AmbiguousCollateralError({ venue, account, asset });
    }
    collateral.set(asset, terms);
  }
  return Object.fromEntries(collateral);
}

/** Two tokens of one asset that one account supplies under different liquidation terms. */
export class AmbiguousCollateralError extends MarginError {
  readonly code = 'AmbiguousCollateralError';
  readonly venue: string;
  readonly account: Address;
  readonly asset: string;

  constructor(fields: { readonly venue: string; readonly account: Address; readonly asset: string }) {
    super(
      `${fields.account} supplies two tokens of the asset ${fields.asset} at ${fields.venue} with different thresholds, and a rule holds one per asset. Give each token an asset of its own, with the other as its peg.`,
    );
    this.venue = fields.venue;
    this.account = fields.account;
    this.asset = fields.asset;
  }
}
