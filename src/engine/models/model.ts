import type { CorrelationParameters, Crisis, PegParameters, ScenarioFamily, SmileParameters } from './families.ts';
import type { DeribitModel, ParadexModel, SiloedModel, SpanModel } from './venueModels.ts';

/** What a scenario does to volatility: by term (`up`, `down`), or to the smile (`linear` tilts it, `abs` lifts its wings). */
export type VolDirection = 'up' | 'down' | 'none' | 'linear' | 'abs';

/** The volatility shock by term: σ·(1 + up·x) held above the floor, σ·max(0, 1 − down·x), x = (30/max(days, dteFloorDays))^power. */
export interface VolShockParameters {
  readonly up: number;
  readonly down: number;
  /** The least volatility after an up shock. */
  readonly floor: number;
  /** The power up to 30 days. */
  readonly shortPower: number;
  /** The power beyond 30 days. */
  readonly longPower: number;
  readonly dteFloorDays: number;
}

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

/** Charges beside the scenarios. */
export interface AddOnParameters {
  /** Share of spot for each option sold and not bought back. */
  readonly shortOption: number;
  readonly basis: BasisParameters;
  /** Factor on (1 − confidence) · exposure. */
  readonly oracle: number;
}

export interface CrossParameters {
  /** The range of a factor: k·σ·√(horizonDays/365) between floor and cap, as a share of its price. */
  readonly range: { readonly k: number; readonly horizonDays: number; readonly floor: number; readonly cap: number };
  readonly volShock: VolShockParameters;
  readonly correlation: CorrelationParameters;
  readonly peg: PegParameters;
  readonly smile: SmileParameters;
  readonly crises: readonly Crisis[];
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

/** One scenario of `derive-pm2`. */
export interface DeriveScenario {
  readonly id: string;
  /** Factor on the spot price; 1 for the skew scenarios `linear` and `abs`. */
  readonly spot: number;
  readonly vol: VolDirection;
  /** Factor on the profit and loss. */
  readonly weight: number;
}

export interface DeriveCollateral {
  readonly mmHaircut: number;
  /** On top of `mmHaircut`. */
  readonly imHaircut: number;
  /** Whether the scenarios move its value. */
  readonly riskCancelling: boolean;
}

export interface DeriveSkewShock {
  readonly linearCap: number;
  readonly linearBase: number;
  readonly absCap: number;
  readonly absBase: number;
  readonly minK: number;
  readonly width: number;
  readonly volStatic: number;
  readonly volScale: number;
}

export interface DeriveStaticDiscount {
  readonly longBase: number;
  readonly longRateMult: number;
  readonly longRateAdd: number;
  readonly shortBase: number;
  readonly shortRateMult: number;
  readonly shortRateAdd: number;
}

export interface DeriveCharges {
  readonly pegThreshold: number;
  readonly pegFactor: number;
  readonly confidenceThreshold: number;
  readonly confidenceFactor: number;
  readonly perpMm: number;
  /** On top of `perpMm`. */
  readonly perpIm: number;
  readonly optionMm: number;
  /** On top of `optionMm`. */
  readonly optionIm: number;
}

export interface DeriveParameters {
  /** The asset that counts at face value: cash. */
  readonly numeraire: string;
  /** The asset whose options and perps the account holds. Needed only where the book does not tell. */
  readonly underlying?: string;
  readonly mmFactor: number;
  readonly imFactor: number;
  readonly volShock: VolShockParameters;
  readonly skewShock: DeriveSkewShock;
  readonly staticDiscount: DeriveStaticDiscount;
  readonly basis: { readonly up: number; readonly down: number; readonly add: number; readonly mult: number };
  readonly charges: DeriveCharges;
  readonly collateral: Readonly<Record<string, DeriveCollateral>>;
}

export interface DeriveModel {
  readonly preset: 'derive-pm2';
  readonly parameters: DeriveParameters;
  readonly scenarios: readonly DeriveScenario[];
}

/** A named set of scenarios and charges: data, so that its canonical JSON can be hashed and signed. */
export type Model = CrossModel | DeriveModel | SiloedModel | DeribitModel | ParadexModel | SpanModel;
