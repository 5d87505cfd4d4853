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
  /** `none`: options are worth what is paid at expiry, as PMRM takes them. Absent: that is discounted at the rate of their expiry. */
  readonly discounting?: 'none';
  readonly mmFactor: number;
  readonly imFactor: number;
  readonly volShock: VolShockParameters;
  readonly skewShock: DeriveSkewShock;
  readonly staticDiscount: DeriveStaticDiscount;
  readonly basis: { readonly up: number; readonly down: number; readonly add: number; readonly mult: number };
  readonly charges: DeriveCharges;
  readonly collateral: Readonly<Record<string, DeriveCollateral>>;
}
