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

/** One joint move of the past in units of what was usual then, and how many periods it stands for. */
export interface TailDraw {
  /** Above zero; several periods that were alike stand together, at their mean. */
  readonly days: number;
  /** Relative move of volatility at 30 days. */
  readonly vol: number;
  /** Multiple of its own σ√horizon by which a factor moves that the regime does not name. */
  readonly others: number;
  /** The same of each factor that the regime names, in its order. */
  readonly factors: readonly number[];
  /** Relative move of each asset that the regime names against what it follows, in its order. */
  readonly pegs: readonly number[];
}

/** A way in which everything moves together: one tail average. */
export interface TailRegime {
  /** Its scenario is `tailAverage:<regime>`. */
  readonly regime: string;
  /** What people are told before the moves. */
  readonly title: string;
  /** How many periods the draws were chosen from. */
  readonly periods: number;
  readonly factors: readonly string[];
  readonly pegs: readonly string[];
  /** Where it is given every peg breaks as `others` falls: by its whole size at a fall of this multiple, by less before. */
  readonly pegBreak?: number;
  /** Every period that can be among the worst for a book; of the rest none. */
  readonly draws: readonly TailDraw[];
}

/** What the family `tailAverage` is made of. */
export interface TailParameters {
  /** Of the periods, that is averaged over: 0.01 is expected shortfall at 99 %. */
  readonly share: number;
  readonly regimes: readonly TailRegime[];
}

/**
 * A place in a model's list of scenarios where a family stands: the engine replaces it by the scenarios of that family for the
 * factors and pegs that a book holds. docs/model.md says which.
 */
export interface ScenarioFamily {
  readonly family: FamilyName;
}

export type FamilyName = 'crisis' | 'decorrelation' | 'peg' | 'smile' | 'tailAverage';
