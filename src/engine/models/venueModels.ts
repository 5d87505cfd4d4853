import type { RangeParameters, VolShockParameters } from './model.ts';

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

export interface SpanScenario {
  readonly id: string;
  /** A multiple of the commodity's scan range. */
  readonly range: number;
  readonly vol: 'up' | 'down' | 'none';
  /** The share of the profit that counts: below 1 for the extreme moves. */
  readonly weight: number;
}

/** Two commodities whose opposite positions offset each other. */
export interface SpanSpread {
  /** Units of each that make one spread. */
  readonly legs: readonly { readonly commodity: string; readonly delta: number }[];
  /** The share of the price risk of the spread that is credited. */
  readonly credit: number;
}

export interface SpanParameters {
  /** The scan range of a commodity that `scanRanges` does not name, as under `crossmargin-1`. */
  readonly range: RangeParameters;
  /** By commodity, as a share of its price. */
  readonly scanRanges: Readonly<Record<string, number>>;
  readonly volShock: VolShockParameters;
  /** Share of the spot price for each unit of delta spread between expiries. */
  readonly calendarCharge: number;
  /** Share of the spot price for each contract sold. */
  readonly shortOptionMinimum: number;
  /** In the order in which they are formed. */
  readonly interCommodity: readonly SpanSpread[];
  /** initial = imFactor · maintenance. */
  readonly imFactor: number;
}

export interface SpanModel {
  readonly preset: 'span16';
  readonly parameters: SpanParameters;
  readonly scenarios: readonly SpanScenario[];
}
