/** Scenarios that are summed side by side: the columns of a table are a multiple of it. */
export const TILE = 18;

/**
 * A job that prices pairs of nodes (an option without its type) at prices × volatilities. Words, in this order; what follows a colon is what the pointer leads to.
 * A price is a factor on the forward, a cell a (price, volatility) that some scenario meets, a column a scenario.
 */
export const PRICE = {
  /** Even: a node without a neighbour stands twice. */
  nodes: 0,
  prices: 1,
  vols: 2,
  cells: 3,
  scenarios: 4,
  /** f64 a node. */
  forwards: 5,
  strikes: 6,
  discounts: 7,
  /** f64 a price. */
  factors: 8,
  /** f64, by pair of nodes, then volatility, then node: σ√τ. */
  deviations: 9,
  /** Two u32 a cell: its price, its volatility. */
  cellTerms: 10,
  /** Two u32 a scenario: its cell, its price. */
  columns: 11,
  /** Two u32 a node: the rows of the call and of the put. */
  rows: 12,
  /** 16 bytes for each of 3 · prices, 2 · volatilities and cells. */
  scratch: 13,
} as const;
export const PRICE_WORDS = 14;

/** A job over holdings: worst losses, or balances. */
export const SUM = {
  accounts: 0,
  /** Of a row of the table, a multiple of {@link TILE}. */
  columns: 1,
  /** u32 an account and one more: where its holdings begin. */
  starts: 2,
  /** u32 a holding: its row. */
  rows: 3,
  /** f64 a holding. */
  amounts: 4,
  /** f64 a column: the weight of the scenario, 0 where there is none. */
  weights: 5,
  /** f64 an account: its value in the first column. */
  marks: 6,
  /** f64 an account: max over columns of weight · (mark − value), at least 0. */
  losses: 7,
  /** u32 an account: the first column with that loss. */
  bindings: 8,
  /** f64 a column of a tile. */
  scratch: 9,
  /** f64 by account, side (held, owed) and column. */
  balances: 10,
  /** f64 by row and column. */
  table: 11,
} as const;
export const SUM_WORDS = 12;
