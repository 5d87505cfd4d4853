import type { Leg } from '../engine/legs.ts';
import { unitValue } from '../engine/valuation.ts';
import { MarginError } from '../errors.ts';

/** How fast what is held can be sold. */
export interface SellingTerms {
  /** USD a day that trade, by asset. */
  readonly volumesUsd: Readonly<Record<string, number>>;
  /** The share of it that one seller may be: 0.1 is a tenth. */
  readonly share: number;
}

/** A book that needs longer cannot be judged by moves of days. */
const MOST_DAYS = 60;

/**
 * How many days it takes to sell what is held of each asset, at least one: ⌈size ÷ (share · daily volume)⌉. Size is gross, long and short do not net: Σ |amount| · price of tokens and perps, of options on the whole
 * underlying, of a range its value for each of its two tokens. An asset that moves with another (`moverOf`) counts as that one.
 * By hand in test/risk/liquidation.test.ts.
 *
 * @throws {MissingVolumeError} {@link LiquidationHorizonError}
 */
export function liquidationDays(
  legs: readonly Leg[],
  moverOf: (asset: string) => string | null,
  { volumesUsd, share }: SellingTerms,
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const leg of legs) {
    for (const asset of leg.kind === 'range' ? [leg.token0, leg.token1] : [assetOf(leg)]) {
      const mover = moverOf(asset);
      if (mover !== null) sizes.set(mover, (sizes.get(mover) ?? 0) + sizeUsd(leg));
    }
  }
  return new Map([...sizes].map(([asset, size]) => [asset, daysFor(asset, size, { volumesUsd, share })]));
}

function daysFor(asset: string, size: number, { volumesUsd, share }: SellingTerms): number {
  const volume = Object.hasOwn(volumesUsd, asset) ? (volumesUsd[asset] ?? 0) : 0;
  if (!(volume > 0)) throw new MissingVolumeError(asset);
  const days = Math.max(1, -Math.floor(-size / (share * volume)));
  if (!(days <= MOST_DAYS)) throw new LiquidationHorizonError(asset, days);
  return days;
}

function assetOf(leg: Exclude<Leg, { kind: 'range' }>): string {
  return leg.kind === 'token' ? leg.asset : leg.underlying;
}

function sizeUsd(leg: Leg): number {
  switch (leg.kind) {
    case 'token':
      return Math.abs(leg.amount) * leg.priceUsd;
    case 'range':
      return Math.abs(leg.amount) * unitValue(leg, { price: () => 1, vol: () => 0 });
    default:
      return Math.abs(leg.amount) * leg.spotUsd;
  }
}

/** An asset of which nobody said how much of it trades. */
export class MissingVolumeError extends MarginError {
  readonly code = 'MissingVolumeError';

  constructor(asset: string) {
    super(`There is no daily volume of ${asset} above zero. Give it in USD, for instance {"${asset}": 1000000000}.`);
  }
}

/** More of an asset than can be sold in any time that moves of days say something about. */
export class LiquidationHorizonError extends MarginError {
  readonly code = 'LiquidationHorizonError';

  constructor(asset: string, days: number) {
    super(
      `Selling what is held of ${asset} takes ${days} days; up to ${MOST_DAYS} are computed. Sell a larger share of the daily volume, or hold less.`,
    );
  }
}
