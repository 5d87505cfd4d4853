import type { DeriveParameters, DeriveScenario, VolShockParameters } from '../../portfolio/deriveModel.ts';
import type {
  CorrelationParameters,
  Crisis,
  PegParameters,
  ScenarioFamily,
  SmileParameters,
  TailParameters,
} from './families.ts';
import type { DeribitModel, ParadexModel, SiloedModel, SpanModel } from './venueModels.ts';

export type {
  DeriveCharges,
  DeriveCollateral,
  DeriveParameters,
  DeriveScenario,
  DeriveSkewShock,
  DeriveStaticDiscount,
  VolDirection,
  VolShockParameters,
} from '../../portfolio/deriveModel.ts';

/** Multiples of the model's smile shock: the smile tilted, its wings moved, its short end against its long end. */
export interface SmileShock {
  readonly tilt?: number;
  readonly wings?: number;
  readonly twist?: number;
}

/**
 * One joint shock of `crossmargin-1`. Every factor moves by `spot` (a factor on its price) or by `range` (a multiple of its own
 * range); where neither is given no factor moves. `shocks` replaces this for the assets that it names, and for what is pegged to them.
 */
export interface CrossScenario {
  readonly id: string;
  readonly spot?: number;
  readonly range?: number;
  /** Factor on the price, by asset. */
  readonly shocks?: Readonly<Record<string, number>>;
  /** By the model's shock of volatility by term; a number is the relative move at 30 days, σ·max(0, 1 + vol·x), without a floor. */
  readonly vol: 'up' | 'down' | 'none' | number;
  readonly smile?: SmileShock;
  /** Pulls assets and liabilities toward today: 1 counts the scenario in full, 0 not at all. */
  readonly weight: number;
  /** What people are told before the moves. */
  readonly title?: string;
}

/** How far a forward moves against spot: the larger of a share a year and a floor. */
export interface BasisParameters {
  readonly annual: number;
  readonly floor: number;
}

/** What it costs to trade what would have to be sold. */
export interface LiquidityParameters {
  /** Share of its price that selling a whole day's volume of an asset costs, as a multiple of its range. */
  readonly impact: number;
  /** Share of the daily volume that can be traded without moving the market more than that. */
  readonly participation: number;
  /** Daily volume by asset, or by what a perp or option is on. */
  readonly dailyVolumeUsd: Readonly<Record<string, number>>;
  /** Of an asset that `dailyVolumeUsd` does not name. */
  readonly others: number;
}

/** What may be lost at a venue by the venue's own fault: a share of what lies there and would have to be sold. */
export interface VenueParameters {
  /** By the venue's name. */
  readonly shares: Readonly<Record<string, number>>;
  /** At a venue that `shares` does not name. */
  readonly others: number;
}

/** Charges beside the scenarios. */
export interface AddOnParameters {
  /** Share of spot for each option sold and not bought back. */
  readonly shortOption: number;
  readonly basis: BasisParameters;
  /** Factor on (1 − confidence) · exposure. */
  readonly oracle: number;
  readonly liquidity: LiquidityParameters;
  readonly venue: VenueParameters;
}

/** The range of a factor: k·σ·√(horizonDays/365) between floor and cap, as a share of its price. */
export interface RangeParameters {
  readonly k: number;
  readonly horizonDays: number;
  readonly floor: number;
  readonly cap: number;
}

/** The same, with what a history says of σ. */
export interface HeldRangeParameters extends RangeParameters {
  /** The least σ of a factor, by asset: a market's own counts where it is higher. As calibrated. */
  readonly leastVols: Readonly<Record<string, number>>;
  /** By how much a calibration lets these fall: a half in so many days. They rise at once. */
  readonly halfLifeDays: number;
}

export interface CrossParameters {
  readonly range: HeldRangeParameters;
  readonly volShock: VolShockParameters;
  readonly correlation: CorrelationParameters;
  readonly peg: PegParameters;
  readonly smile: SmileParameters;
  readonly crises: readonly Crisis[];
  readonly tailAverage: TailParameters;
  readonly addOns: AddOnParameters;
  /** initial = scan · imFactor + addOns. */
  readonly imFactor: number;
  /** Cover for float error, as a share of the gross exposure. */
  readonly numericalBuffer: number;
}

export interface CrossModel {
  readonly preset: 'crossmargin-1';
  readonly parameters: CrossParameters;
  /** Without the unshocked one, which the engine always puts first. A family stands for its scenarios. */
  readonly scenarios: readonly (CrossScenario | ScenarioFamily)[];
}

export interface DeriveModel {
  readonly preset: 'derive-pm2';
  readonly parameters: DeriveParameters;
  readonly scenarios: readonly DeriveScenario[];
}

/** A named set of scenarios and charges: data, so that its canonical JSON can be hashed and signed. */
export type Model = CrossModel | DeriveModel | SiloedModel | DeribitModel | ParadexModel | SpanModel;
