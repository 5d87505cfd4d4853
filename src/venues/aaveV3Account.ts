import { onceFor } from '../chain/onceFor.ts';
import { mulDivDown, mulDivUp } from '../units/wad.ts';
import type { AaveListing, AaveMarket, AaveReserve } from './aaveV3Market.ts';
import {
  flagsOf,
  healthFactorOf,
  normalizedDebt,
  normalizedIncome,
  owed,
  supplied,
  unpackConfiguration,
} from './aaveV3Math.ts';
import { type AaveRounding, requireRule } from './aaveV3Rule.ts';
import type { AaveBalance, AaveStored } from './aaveV3States.ts';

/** An account in its market. */
export interface AavePosition {
  readonly market: AaveMarket;
  readonly stored: AaveStored;
}

/** What one account has in one reserve. */
export interface AaveHolding {
  readonly listing: AaveListing;
  readonly balance: AaveBalance;
}

/** Aave's own answer to getUserAccountData, in its base currency. `healthFactorWad` is null where nothing is owed. */
export interface AaveAccountData {
  readonly totalCollateralBase: bigint;
  readonly totalDebtBase: bigint;
  readonly healthFactorWad: bigint | null;
}

/** What one reserve counts for one account. */
export interface AaveTerms {
  /** Whether it is the account's collateral: what is not cannot be seized. */
  readonly isCollateral: boolean;
  readonly thresholdBps: bigint;
  /** What a liquidator earns: 500 is 5 %. */
  readonly bonusBps: bigint;
}

/** What the account has, by reserve id. */
export function holdingsOf({ market, stored }: AavePosition): readonly AaveHolding[] {
  const listings = listingsOf(market);
  return stored.balances.flatMap((balance) => {
    const listing = listings.get(balance.asset);
    return listing === undefined ? [] : [{ listing, balance }];
  });
}

/**
 * Smallest units supplied, as the aToken says.
 *
 * @throws {UnknownAaveRevisionError} where how the pool or the token rounds is not known.
 */
export function supplyOf(holding: AaveHolding, market: AaveMarket): bigint {
  return supplyIn(holding, { market, rounding: requireRule(holding.listing.roundings.supply) });
}

/** Smallest units owed, variable and stable, as the debt tokens say. @throws {UnknownAaveRevisionError} as {@link supplyOf}. */
export function debtOf(holding: AaveHolding, market: AaveMarket): bigint {
  return debtIn(holding, { market, rounding: requireRule(holding.listing.roundings.debt) });
}

/**
 * Threshold and bonus of one reserve for one account: its category's where the reserve is in it.
 * Source: GenericLogic.calculateUserAccountData and LiquidationLogic of V3.0.2 and V3.6.
 */
export function termsOf(holding: AaveHolding, { market, stored }: AavePosition): AaveTerms {
  const rule = requireRule(market.rule);
  const { reserve } = holding.listing;
  const own = configurationOf(reserve);
  const { isCollateral } = flagsOf(stored.userConfiguration, reserve);
  if (!isCollateral || (own.thresholdBps === 0n && !rule.isCollateralAtThresholdZero)) {
    return { isCollateral: false, thresholdBps: 0n, bonusBps: 0n };
  }
  const { thresholdBps, bonusBps } = categoryFor(holding, { market, stored }) ?? own;
  return { isCollateral: true, thresholdBps, bonusBps: bonusBps > 10_000n ? bonusBps - 10_000n : 0n };
}

/**
 * What getUserAccountData must answer. The pool values by its own rule, whatever rule its tokens follow.
 * Source: GenericLogic.calculateUserAccountData of V3.0.2 and V3.6.
 */
export function accountData(position: AavePosition): AaveAccountData {
  const { market, stored } = position;
  const rule = requireRule(market.rule);
  const { rounding } = rule;
  let [collateralBase, weightedBps, debtBase] = [0n, 0n, 0n];
  for (const holding of holdingsOf(position)) {
    const { isCollateral, thresholdBps } = termsOf(holding, position);
    const inBase = { position, holding, divide: mulDivDown };
    const collateral = isCollateral ? baseValue(supplyIn(holding, { market, rounding }), inBase) : 0n;
    collateralBase += collateral;
    weightedBps += collateral * thresholdBps;
    if (!flagsOf(stored.userConfiguration, holding.listing.reserve).isBorrowing) continue;
    const divide = rounding === 'halfUp' ? mulDivDown : mulDivUp;
    debtBase += baseValue(debtIn(holding, { market, rounding }), { ...inBase, divide });
  }
  const healthFactorWad = healthFactorOf({ collateralBase, weightedBps, debtBase }, rounding);
  return { totalCollateralBase: collateralBase, totalDebtBase: debtBase, healthFactorWad };
}

/** What a market's accounts share is computed once for all of them. */
const listingsOf = onceFor(
  ({ listings }: AaveMarket) => new Map(listings.map((listing) => [listing.reserve.asset, listing])),
);

const configurationOf = onceFor(({ configuration }: AaveReserve) => unpackConfiguration(configuration));

const supplyIndicesOf = onceFor(
  ({ listings, timestamp }: AaveMarket) =>
    new Map(listings.map(({ reserve }) => [reserve.asset, normalizedIncome(reserve, timestamp)])),
);

const debtIndicesOf = onceFor(({ rule, listings, timestamp }: AaveMarket) => {
  const { interest } = requireRule(rule);
  return new Map(listings.map(({ reserve }) => [reserve.asset, normalizedDebt(reserve, { timestamp, interest })]));
});

interface Rounded {
  readonly market: AaveMarket;
  readonly rounding: AaveRounding;
}

function supplyIn({ listing, balance }: AaveHolding, { market, rounding }: Rounded): bigint {
  const index = supplyIndicesOf(market).get(listing.reserve.asset) as bigint;
  return supplied(balance.scaledSupply, { index, rounding });
}

function debtIn({ listing, balance }: AaveHolding, { market, rounding }: Rounded): bigint {
  const index = debtIndicesOf(market).get(listing.reserve.asset) as bigint;
  return owed(balance.scaledDebt, { index, rounding }) + balance.stableDebt;
}

/** The account's category, where it has one that the reserve is in. */
function categoryFor({ listing: { reserve } }: AaveHolding, { market, stored }: AavePosition) {
  const category = market.categories.get(stored.eModeId);
  const { eModeOf } = requireRule(market.rule);
  if (category === undefined) return undefined;
  const isIn =
    eModeOf === 'asset'
      ? configurationOf(reserve).eModeCategory === category.id
      : ((category.collateralBitmap >> BigInt(reserve.id)) & 1n) === 1n;
  return isIn ? category : undefined;
}

interface Valuation {
  readonly position: AavePosition;
  readonly holding: AaveHolding;
  readonly divide: typeof mulDivDown;
}

/** Base currency = smallest units · price / 10^decimals. A category's own price (V3.0) stands in for its assets'. */
function baseValue(amount: bigint, { position, holding, divide }: Valuation): bigint {
  const { reserve, priceBase } = holding.listing;
  const shared = categoryFor(holding, position)?.priceBase ?? 0n;
  const { decimals } = configurationOf(reserve);
  return divide(amount, shared === 0n ? priceBase : shared, 10n ** decimals);
}
