/** How far an asset goes off its peg: shares of its price. */
export interface PegSize {
  readonly down: number;
  readonly up: number;
}

/** Sizes of the family `peg`. */
export interface PegParameters {
  /** Of an asset pegged to `USD` that `assets` does not name. */
  readonly stable: PegSize;
  /** Of an asset pegged to another asset that `assets` does not name. */
  readonly wrapped: PegSize;
  readonly assets: Readonly<Record<string, PegSize>>;
  /** All stablecoins off their pegs on one day, as it happened. */
  readonly together: StableDay;
}

/** Where stablecoins stood against USD on one day. */
export interface StableDay {
  readonly day: string;
  /** Factor on the price, by asset. */
  readonly moves: Readonly<Record<string, number>>;
  /** Factor on the price of every other stablecoin. */
  readonly others: number;
}

/** Sizes of the family `decorrelation`: the correlation of two factors when it is low. */
export interface CorrelationParameters {
  /** Of a pair that `pairs` does not name. */
  readonly others: number;
  /** By the two factors in the order of their names: `BTC/ETH`. */
  readonly pairs: Readonly<Record<string, number>>;
}

/** The shape of smile shocks: shares of a volatility. */
export interface SmileParameters {
  /** The most that tilt and wings add at no time to expiry, and how that changes with √years. */
  readonly cap: number;
  readonly capSlope: number;
  /** Where the cap is reached: |ln(K/F)| = width·√years, at least minK. */
  readonly width: number;
  readonly minK: number;
  /** What a twist adds to the shortest volatility and takes from the longest. */
  readonly twist: number;
}

/** One day of the past. */
export interface Crisis {
  readonly day: string;
  /** As of a scenario: 1 counts in full. */
  readonly weight: number;
  /** Relative move of volatility at 30 days. */
  readonly vol: number;
  /** Factor on the price, by asset; of a pegged asset relative to what it follows. */
  readonly moves: Readonly<Record<string, number>>;
  /** Factor on the price of every factor without data. */
  readonly others: number;
  /** Factor on the price of every stablecoin without data. */
  readonly stables: number;
}

/**
 * A place in a model's list of scenarios where a family stands: the engine replaces it by the scenarios of that family for the
 * factors and pegs that a book holds. docs/model.md says which.
 */
export interface ScenarioFamily {
  readonly family: FamilyName;
}

export type FamilyName = 'crisis' | 'decorrelation' | 'peg' | 'smile';
