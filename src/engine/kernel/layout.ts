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

/**
 * A job that prices pairs of nodes in draws: each draw has a price and a volatility of its own. A node is worth what {@link PRICE} says, its distance |ln(K/F) − move of the price|,
 * its deviation smile(ln(K/F) − move) · max(0, 1 + move of the volatility · term) · √years.
 */
export const DRAW = {
  /** Even: a node without a neighbour stands twice. */
  nodes: 0,
  /** Of the tile. */
  draws: 1,
  /** f64 a node. */
  forwards: 2,
  strikes: 3,
  discounts: 4,
  /** ln(strike ÷ forward). */
  moneyness: 5,
  /** √years, 0 at and past expiry. */
  roots: 6,
  /** How strongly a move of volatility acts at its term. */
  terms: 7,
  /** u32 a node: its {@link CURVE}. */
  curves: 8,
  /** f64 a draw, from the first of the tile: logarithmic move of the price, factor on it, relative move of volatility at 30 days. */
  logs: 9,
  factors: 10,
  moves: 11,
  /** u32 a draw, from the first of the tile: the draws of the tile, counted within it, by descending move of the price. */
  orders: 12,
  /** Two u32 a node: the rows of the call and of the put. */
  rows: 13,
  /** 16 bytes a draw of a tile. */
  scratch: 14,
} as const;
export const DRAW_WORDS = 15;

/** A smile: lines between knots of log-moneyness, the first knot below everything and one more above. */
export const CURVE = {
  /** f64 a line, and one: where it begins. */
  knots: 0,
  /** Two f64 a line: volatility where it begins, slope. */
  lines: 1,
} as const;
export const CURVE_WORDS = 2;

/**
 * A job over holdings in the draws of a tile, and over what it kept: the losses above a floor that at least `keep` of the draws so far reach. It begins as {@link SUM} does; its scratch has room for a tile and
 * the losses of one account.
 */
export const TAIL = {
  /** Of the tile. */
  draws: 12,
  keep: 13,
  /** Losses that an account has room for: at least `keep` and a tile. */
  capacity: 14,
  /** u32 an account: how many are kept. */
  counts: 15,
  /** f64 an account: every loss that is not kept is at most this. */
  floors: 16,
  /** f64 by account: kept losses in the order of their draws. */
  losses: 17,
  levels: 18,
  /** u32 a level, descending: 1 is the largest loss. */
  ranks: 19,
  /** Three f64 by account and level: the loss at the rank, Σ of what losses are above it, Σ of the squares of that. What was kept is gone then. */
  measures: 20,
} as const;
export const TAIL_WORDS = 21;
