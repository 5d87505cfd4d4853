import type { Decimal } from '../units/decimal.ts';

/** `pledged`: held by an account whose exits we control. `observed`: can leave in the next block. */
export type Custody = 'pledged' | 'observed';

/** Where a leg sits: the venue, and the venue's own margin account that holds it. */
export interface Home {
  /** The venue's name, for instance `aaveV3`. */
  readonly venue: string;
  /** The id of a {@link Silo} of the same portfolio. */
  readonly silo: string;
  readonly custody: Custody;
}

/** Supplied collateral (+), debt (−), a wallet balance (+), accrued cash (±). */
export interface TokenPosition extends Home {
  readonly kind: 'token';
  /** The id of an asset of the market, for instance `ETH`. */
  readonly asset: string;
  /** Units of the asset, signed. */
  readonly amount: Decimal;
}

export type OptionType = 'call' | 'put';

/** `linear`: pays USD. `inverse`: pays the underlying itself, as much of it as the USD amount is worth at settlement. */
export type Settlement = 'linear' | 'inverse';

/** A European option on one unit of the underlying a contract, settled at expiry. */
export interface OptionPosition extends Home {
  readonly kind: 'option';
  readonly underlying: string;
  readonly type: OptionType;
  /** USD. */
  readonly strike: Decimal;
  /** Unix seconds. */
  readonly expiry: number;
  /** Contracts, signed. */
  readonly amount: Decimal;
  /** Absent: linear. */
  readonly settlement?: Settlement;
}

/**
 * A perpetual, or with an expiry a dated future. Unrealised profit and funding are USD amounts that the venue owes (+) or is owed (−);
 * an inverse contract owes them in the underlying, and they are what that is worth now.
 */
export interface PerpPosition extends Home {
  readonly kind: 'perp';
  readonly underlying: string;
  /** Units of the underlying, signed; of an inverse contract its USD size ÷ its mark price. */
  readonly amount: Decimal;
  /** Unix seconds. Absent: perpetual. */
  readonly expiry?: number;
  /** Absent: linear. */
  readonly settlement?: Settlement;
  readonly unrealisedUsd: Decimal;
  readonly fundingUsd: Decimal;
}

/**
 * Concentrated liquidity between two ticks: a Uniswap V3 position, a Panoptic leg. What it has earned and not collected are token positions.
 * The price of a tick is 1.0001^tick smallest units of token 1 for one of token 0.
 */
export interface RangePosition extends Home {
  readonly kind: 'range';
  /** The ids of assets of the market, in the pool's order. */
  readonly token0: string;
  readonly token1: string;
  readonly decimals0: number;
  readonly decimals1: number;
  readonly tickLower: number;
  readonly tickUpper: number;
  /** Liquidity as the pool counts it, signed: negative where it is owed. */
  readonly amount: Decimal;
}

/** One signed leg. */
export type Position = TokenPosition | OptionPosition | PerpPosition | RangePosition;
