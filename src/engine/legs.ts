import type { Custody, OptionType, Settlement } from '../portfolio/position.ts';
import type { RangeTerms } from './range.ts';

interface LegHome {
  /** Index into the portfolio's positions as they were given. */
  readonly index: number;
  readonly silo: string;
  readonly venue: string;
  readonly custody: Custody;
  /** How sure the sources of its price are, 0…1: the least sure of all that value it. */
  readonly confidence: number;
}

export interface TokenLeg extends LegHome {
  readonly kind: 'token';
  readonly asset: string;
  readonly amount: number;
  readonly priceUsd: number;
}

export interface OptionLeg extends LegHome {
  readonly kind: 'option';
  readonly underlying: string;
  readonly type: OptionType;
  readonly expiry: number;
  readonly amount: number;
  readonly strikeUsd: number;
  /** The price of the underlying. */
  readonly spotUsd: number;
  readonly forwardUsd: number;
  /** Annual, of the strike. */
  readonly vol: number;
  /** Annual, continuous. */
  readonly rate: number;
  /** To expiry; 0 at and past it. */
  readonly seconds: number;
  readonly settlement: Settlement;
}

export interface PerpLeg extends LegHome {
  readonly kind: 'perp';
  readonly underlying: string;
  readonly amount: number;
  /** Of the perpetual; the forward of a dated future's expiry. */
  readonly priceUsd: number;
  /** Unrealised profit and funding. */
  readonly accruedUsd: number;
  /** To expiry, 0 at and past it; null for a perpetual. */
  readonly seconds: number | null;
  readonly settlement: Settlement;
  /** The spot price of the underlying. */
  readonly spotUsd: number;
}

/** Concentrated liquidity, in units of whole tokens. */
export interface RangeLeg extends LegHome, RangeTerms {
  readonly kind: 'range';
  readonly token0: string;
  readonly token1: string;
  readonly price0Usd: number;
  readonly price1Usd: number;
}

/** A position with the quotes that value it. */
export type Leg = TokenLeg | OptionLeg | PerpLeg | RangeLeg;

/** What the venues of the presets know: no ranges. */
export type VenueLeg = Exclude<Leg, RangeLeg>;

/** What the quotes add to a position. */
export type Quoted<T extends Leg> = Omit<T, 'index' | 'silo' | 'venue' | 'custody' | 'amount'>;

/** The assets whose prices a leg depends on. */
export function assetsOf(leg: Leg): readonly string[] {
  switch (leg.kind) {
    case 'token':
      return [leg.asset];
    case 'range':
      return [leg.token0, leg.token1];
    default:
      return [leg.underlying];
  }
}
