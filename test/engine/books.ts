import { type Book, parseBook } from '../../src/book/parseBook.ts';

export const AS_OF = 1_740_000_000;
export const DAY = 86_400;
/** Thirty days: the term weight of the volatility shock is 1. */
export const MONTH = AS_OF + 30 * DAY;

const CERTAIN = { forward: 1, rate: 1, vol: 1 };

/** ETH 2000, BTC 50000, one expiry of ETH at 30 days without carry or rate, strikes 1500 to 3000 at 80 %. */
export const MARKET = {
  assets: {
    ETH: { usd: 2000, confidence: 1, vol: 0.7 },
    WETH: { usd: 2000, confidence: 1, peg: 'ETH' },
    WSTETH: { usd: 2400, confidence: 1, peg: 'WETH' },
    BTC: { usd: 50_000, confidence: 1, vol: 2 },
    NEW: { usd: 10, confidence: 1 },
    USDC: { usd: 1, confidence: 1, peg: 'USD' },
  },
  perps: { ETH: { usd: 2010, confidence: 1 } },
  expiries: [{ underlying: 'ETH', expiry: MONTH, forwardUsd: 2000, rate: 0, confidence: CERTAIN }],
  vols: [1500, 2000, 2500, 3000].map((strike) => ({ underlying: 'ETH', expiry: MONTH, strike, vol: 0.8 })),
};

export const AAVE = {
  id: 'aaveV3',
  venue: 'aaveV3',
  rule: {
    kind: 'lending',
    collateral: {
      WETH: { threshold: '0.825', bonus: '0.05' },
      WSTETH: { threshold: '0.79', bonus: '0.06' },
      USDC: { threshold: '0.78', bonus: '0.045' },
    },
    closeFactor: '0.5',
    fullCloseBelow: '0.95',
  },
} as const;

export const LYRA = {
  id: 'lyra:1',
  venue: 'lyraV1',
  rule: {
    kind: 'shortOption',
    collateralIn: 'quote',
    minStaticCollateral: '200',
    spotShock: '1.2',
    shockVol: '1.5',
    rate: '0',
    penaltyRatio: '0.1',
    minPenaltyUsd: '20',
  },
} as const;

/** Perpetual Protocol V2's rule, as it is deployed. */
export const PERP = {
  id: 'perpV2',
  venue: 'perpV2',
  rule: {
    kind: 'perpAccount',
    maintenanceRatio: '0.0625',
    penaltyRatio: '0.025',
    closeFactor: '0.5',
    fullCloseBelow: '0.5',
    minPartialUsd: '100',
  },
} as const;

type Json = Readonly<Record<string, unknown>>;

export function token(asset: string, amount: number | string, home: Json = {}): Json {
  return { kind: 'token', asset, amount, ...home };
}

export function option(amount: number | string, terms: Json = {}): Json {
  return { kind: 'option', underlying: 'ETH', type: 'call', strike: 2500, expiry: MONTH, amount, ...terms };
}

export function perp(amount: number | string, terms: Json = {}): Json {
  return { kind: 'perp', underlying: 'ETH', amount, unrealisedUsd: 0, fundingUsd: 0, ...terms };
}

/** A range of WETH in USDC, as Uniswap would count it; between 1,735 and 2,340 where nothing else is said. */
export function range(amount: number | string, terms: Json = {}): Json {
  const tokens = { token0: 'WETH', token1: 'USDC', decimals0: 18, decimals1: 6 };
  return { kind: 'range', ...tokens, tickLower: -201_720, tickUpper: -198_720, amount, ...terms };
}

/** No charge on what would have to be sold, which grows faster than the book: the laws of margin and sums by hand are of all the rest. */
export const NO_TRADE_CHARGES = { liquidity: { impact: 0, others: 1e12 }, venue: { shares: {}, others: 0 } };

/** `crossmargin-1` without them. */
export const PLAIN_MODEL = { preset: 'crossmargin-1', parameters: { addOns: NO_TRADE_CHARGES } };

/** A book of these positions in {@link MARKET}, other parts replaced at will. */
export function book(positions: readonly Json[], parts: Json = {}): Book {
  return parseBook({ asOf: AS_OF, model: PLAIN_MODEL, market: MARKET, positions, ...parts });
}

/** No charges but the numerical buffer. */
export const NO_ADD_ONS = {
  addOns: { shortOption: 0, basis: { annual: 0, floor: 0 }, oracle: 0, ...NO_TRADE_CHARGES },
};

/** The model with these scenarios only, beside the unshocked one, and without add-ons. */
export function scenarios(...list: readonly Json[]): Json {
  return { model: { preset: 'crossmargin-1', parameters: NO_ADD_ONS, scenarios: list } };
}
