import type { VolShockParameters } from './model.ts';

/** Every venue's own rule, added up: nothing to choose. */
export interface SiloedModel {
  readonly preset: 'siloed';
  readonly parameters: Readonly<Record<string, never>>;
  readonly scenarios: readonly [];
}

/** What one underlying may do, by Deribit's risk team. */
export interface DeribitPair {
  /** The largest move of the standard table, as a share of the price. */
  readonly priceRange: number;
  readonly volShock: VolShockParameters;
  /** Deltas worth more than this, in USD, draw a delta shock that the preset does not have: such a book is refused. */
  readonly largestDeltaUsd: number;
}

/** What a settlement currency adds to the risk matrix. */
export interface DeribitCurrency {
  /** How far a forward may move against spot in a year, as a share of the price, compounding. */
  readonly annualisedMove: number;
  /** The least of it, however near the expiry. */
  readonly minMove: number;
  /** USD that the loss in a tail is pulled toward zero, for each time the move exceeds the price range. */
  readonly dampenerUsd: number;
}

export interface DeribitScenario {
  readonly id: string;
  /** A multiple of the price range, −1…1: the standard table. */
  readonly range?: number;
  /** A factor on the price: the extended table. */
  readonly spot?: number;
  readonly vol: 'up' | 'down' | 'none';
}

export interface DeribitParameters {
  /** The asset in which linear contracts are settled. */
  readonly cash: string;
  /** maintenance = mmFactor · the risk matrix; initial is the matrix itself. */
  readonly mmFactor: number;
  /** The share of a tail's loss that counts is tailFactor · price range ÷ move. */
  readonly tailFactor: number;
  /** By underlying. */
  readonly pairs: Readonly<Record<string, DeribitPair>>;
  /** Of inverse contracts, by underlying; linear ones are settled in `USD`. */
  readonly currencies: Readonly<Record<string, DeribitCurrency>>;
}

export interface DeribitModel {
  readonly preset: 'deribit-2026';
  readonly parameters: DeribitParameters;
  readonly scenarios: readonly DeribitScenario[];
}

export interface ParadexScenario {
  readonly id: string;
  /** A factor on the price. */
  readonly spot: number;
  readonly vol: 'up' | 'down' | 'none';
  /** The share of the profit that counts. */
  readonly weight: number;
}

export interface ParadexParameters {
  /** The only collateral, and what everything settles in. */
  readonly cash: string;
  /** maintenance = mmFactor · the portfolio requirement + provisions. */
  readonly mmFactor: number;
  readonly volShock: VolShockParameters;
  /** Shares of the spot price for each unit of net and of hedged delta: the least that a portfolio needs. */
  readonly floor: { readonly netDelta: number; readonly hedgedDelta: number };
  /** The venue's provisions for funding and fees, which only the venue knows. */
  readonly provisionsUsd: number;
}

export interface ParadexModel {
  readonly preset: 'paradex-2026';
  readonly parameters: ParadexParameters;
  readonly scenarios: readonly ParadexScenario[];
}
