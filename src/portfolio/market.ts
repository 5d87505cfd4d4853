import type { Decimal } from '../units/decimal.ts';
import type { OptionType } from './position.ts';

/** What one unit of an asset is worth, and what moves it. */
export interface AssetQuote {
  readonly usd: Decimal;
  /** 0…1, where the source states one; 1 for a Chainlink answer within its age. */
  readonly confidence: Decimal;
  /** The factor that this asset follows: `USD` for a stablecoin, `ETH` for a wrapped or staked ether. Absent: its own. */
  readonly peg?: string;
  /** Annualised volatility of the asset, where a surface gives one. Sets the range of the scenarios. */
  readonly vol?: Decimal;
}

export interface PerpQuote {
  readonly usd: Decimal;
  readonly confidence: Decimal;
}

/** One expiry of one underlying. Exactly one of `forwardUsd` and `carry` is given. */
export interface ExpiryQuote {
  readonly underlying: string;
  /** Unix seconds. */
  readonly expiry: number;
  /** The forward price. */
  readonly forwardUsd?: Decimal;
  /** Annual and continuous: forward = spot · exp(carry · years). */
  readonly carry?: Decimal;
  /** Annual and continuous, for discounting. */
  readonly rate: Decimal;
  readonly confidence: { readonly forward: Decimal; readonly rate: Decimal; readonly vol: Decimal };
}

/** Annual implied volatility of one strike. */
export interface VolQuote {
  readonly underlying: string;
  readonly expiry: number;
  readonly strike: Decimal;
  readonly vol: Decimal;
  /** Absent: holds for call and put alike. */
  readonly type?: OptionType;
}

/** Prices and volatilities, all as of one time. */
export interface Market {
  /** Unix seconds. */
  readonly asOf: number;
  readonly assets: Readonly<Record<string, AssetQuote>>;
  /** By what they are on, for instance `ETH`; a venue's own mark, for its perpetuals alone, by `gmxV2:ETH`. */
  readonly perps: Readonly<Record<string, PerpQuote>>;
  readonly expiries: readonly ExpiryQuote[];
  readonly vols: readonly VolQuote[];
}
