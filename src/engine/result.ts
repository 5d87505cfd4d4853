/** The answer of the engine: all numbers float64, USD unless the name says otherwise. Rounded only in `report/build.ts`. */
export interface Margin {
  /** The preset's name. */
  readonly model: string;
  readonly equityUsd: number;
  readonly maintenanceUsd: number;
  readonly initialUsd: number;
  /** equity − maintenance. */
  readonly netMaintenanceUsd: number;
  /** equity − initial. */
  readonly netInitialUsd: number;
  readonly freeUsd: number;
  /** min over scenarios of assets ÷ (liabilities + add-ons); null where nothing is owed. */
  readonly health: number | null;
  readonly pledgedEquityUsd: number;
  readonly pledgedFreeUsd: number;
  /** As `health`, on what a contract may rely on. 0 where nothing is pledged, null where nothing is owed. */
  readonly pledgedHealth: number | null;
  readonly binding: Binding;
  readonly legs: readonly LegResult[];
  /** Charges beside the scenarios, by name. */
  readonly addOns: Readonly<Record<string, number>>;
  /** What the venues would require, each by its own rule, added up. */
  readonly siloedUsd: number;
  /** What netting frees: siloed − maintenance. Negative where the netted requirement is the larger one. */
  readonly freedUsd: number;
  readonly silos: readonly SiloResult[];
  readonly scenarios: readonly ScenarioResult[];
  /** How the book answers today: a row for each expiry of a factor, and one for each factor. Absent under a model that does not say. */
  readonly greeks?: readonly GreekRow[];
}

/** How something answers to one factor. */
export interface GreekRow {
  /** What moves it; a pegged asset counts in units of its factor. */
  readonly factor: string;
  /** Of options; null for all else, and for the whole of a factor. */
  readonly expiry: number | null;
  /** Units of the factor. */
  readonly delta: number;
  /** Units of the factor for 1 USD of its price. */
  readonly gamma: number;
  /** USD for 1.00 of volatility. */
  readonly vega: number;
  /** USD a day. */
  readonly theta: number;
  /** USD for 1.00 of the annual rate, the forward as it is. */
  readonly rho: number;
  /** Units of the factor for 1.00 of volatility. */
  readonly vanna: number;
  /** USD for the square of 1.00 of volatility. */
  readonly volga: number;
  /** delta · price. */
  readonly deltaUsd: number;
  /** gamma · price². */
  readonly gammaUsd: number;
}

/** The scenario with the largest loss. */
export interface Binding {
  readonly id: string;
  /** For instance `ETH −22 %, volatility up`. */
  readonly sentence: string;
  /** Positive for a loss. */
  readonly lossUsd: number;
}

export interface LegResult {
  /** Index into the portfolio's positions. */
  readonly index: number;
  readonly valueUsd: number;
  /** What the leg adds to the binding loss, its share of its silo's liquidation included: the legs sum to the loss. */
  readonly bindingUsd: number;
  /** How it answers today, by factor. Absent under a model that does not say. */
  readonly greeks?: readonly GreekRow[];
}

export interface SiloResult {
  readonly silo: string;
  readonly venue: string;
  /** By the venue's own rule: the equity under which it liquidates. */
  readonly requirementUsd: number;
  /** By the venue's own rule; null where nothing is owed. */
  readonly health: number | null;
  /** What the venue's own liquidation costs in the binding scenario; already in the legs' shares. */
  readonly bindingUsd: number;
}

export interface ScenarioResult {
  readonly id: string;
  readonly sentence: string;
  readonly pnlUsd: number;
}
