import { abs, div, max, min, mul } from './deriveV2Math.ts';

const UNIT = 10n ** 18n;

/** A price and how sure its feed is of it, 1e18. */
export interface Priced {
  readonly price: bigint;
  readonly confidence: bigint;
}

/** What the standard manager goes by in one market, 1e18, by the names of its contract. */
export interface StandardTerms {
  readonly mmPerpReq: bigint;
  readonly imPerpReq: bigint;
  readonly maxSpotReq: bigint;
  readonly minSpotReq: bigint;
  readonly mmCallSpotReq: bigint;
  readonly mmPutSpotReq: bigint;
  readonly MMPutMtMReq: bigint;
  readonly unpairedIMScale: bigint;
  readonly unpairedMMScale: bigint;
  readonly mmOffsetScale: bigint;
  readonly marginFactor: bigint;
  readonly IMScale: bigint;
  readonly perpThreshold: bigint;
  readonly optionThreshold: bigint;
  readonly baseThreshold: bigint;
  readonly OCFactor: bigint;
}

/** One option series of a subaccount. `mark` is what the venue values the whole balance at, 1e18. */
export interface StandardOption {
  readonly strike: bigint;
  readonly isCall: boolean;
  readonly balance: bigint;
  readonly mark: bigint;
}

/** The options of one expiry. */
export interface StandardExpiry {
  readonly forward: Priced;
  readonly volConfidence: bigint;
  readonly options: readonly StandardOption[];
}

/** What a subaccount holds in one market. */
export interface StandardMarket {
  readonly terms: StandardTerms;
  readonly spot: Priced;
  /** Absent: no perp. `accrued` is its profit and funding that are not cash yet. */
  readonly perp?: Priced & { readonly size: bigint; readonly accrued: bigint };
  readonly expiries: readonly StandardExpiry[];
  /** Collateral, in its own units. */
  readonly base: bigint;
}

/** A subaccount as the standard manager looks at it: cash as stored, without interest. */
export interface StandardAccount {
  readonly cash: bigint;
  readonly stablePrice: bigint;
  readonly depeg: { readonly threshold: bigint; readonly depegFactor: bigint };
  readonly markets: readonly StandardMarket[];
}

/** In units of the cash asset, 1e18: equity less requirement, and equity. */
export interface StandardMargin {
  readonly margin: bigint;
  readonly markToMarket: bigint;
}

/**
 * The standard manager's margin, to the last unit: cash + Σ (perps + options + base collateral) by market, each product toward zero.
 * Source: StandardManager of Derive v2 (v2-core 7736900d). Checked against getMargin and getMarginAndMarkToMarket, initial and maintenance,
 * for every recorded subaccount (test/venues/deriveV2Margin.test.ts).
 */
export function standardMargin(account: StandardAccount, isInitial: boolean): StandardMargin {
  const { stablePrice, depeg } = account;
  const isOff = isInitial && stablePrice < depeg.threshold;
  const depegFactor = isOff ? mul(depeg.threshold - stablePrice, depeg.depegFactor) : 0n;
  const total = { margin: account.cash, markToMarket: account.cash };
  return account.markets.reduce(({ margin, markToMarket }, market) => {
    const shorts = sum(market.expiries.map(shortsOf)) + abs(market.perp?.size ?? 0n);
    const options = market.expiries.map((expiry) => expiryMargin(expiry, { market, isInitial }));
    const accrued = market.perp?.accrued ?? 0n;
    const peg = mul(mul(shorts, depegFactor), market.spot.price);
    const own = perpMargin(market, isInitial) + sum(options) + baseMargin(market, isInitial) + accrued - peg;
    const marks = sum(market.expiries.flatMap((expiry) => expiry.options.map(({ mark }) => mark)));
    const base = div(mul(market.base, market.spot.price), stablePrice);
    return { margin: margin + own, markToMarket: markToMarket + marks + accrued + base };
  }, total);
}

function perpMargin({ perp, spot, terms }: StandardMarket, isInitial: boolean): bigint {
  if (perp === undefined) return 0n;
  const required = mul(mul(abs(perp.size), perp.price), isInitial ? terms.imPerpReq : terms.mmPerpReq);
  if (!isInitial) return -required;
  const unsure = unsureFactor(min(perp.confidence, spot.confidence), terms.perpThreshold, terms);
  return -required - mul(mul(unsure, spot.price), abs(perp.size));
}

/** The better of the shorts margined one by one and the most that all options can lose together. */
function expiryMargin(
  expiry: StandardExpiry,
  { market, isInitial }: { readonly market: StandardMarket; readonly isInitial: boolean },
): bigint {
  const { spot, terms } = market;
  const shorts = expiry.options.filter(({ balance }) => balance < 0n);
  const isolated = sum(shorts.map((option) => isolatedMargin(option, { spot: spot.price, terms, isInitial })));
  const prices = [0n, ...expiry.options.map(({ strike }) => strike)];
  const bounded = prices.map((price) => payoff(expiry.options, price)).reduce(min, 0n);
  const netCalls = sum(expiry.options.map(({ isCall, balance }) => (isCall ? balance : 0n)));
  const scale = isInitial ? terms.unpairedIMScale : terms.unpairedMMScale;
  const unbounded = netCalls < 0n ? mul(mul(scale, expiry.forward.price), netCalls) : 0n;
  const margin = max(isolated, bounded + unbounded);
  if (!isInitial) return margin;
  const confidence = min(spot.confidence, min(expiry.forward.confidence, expiry.volConfidence));
  const unsure = unsureFactor(confidence, terms.optionThreshold, terms);
  return margin - mul(mul(unsure, spot.price), shortsOf(expiry));
}

interface Isolated {
  readonly spot: bigint;
  readonly terms: StandardTerms;
  readonly isInitial: boolean;
}

function isolatedMargin(option: StandardOption, { spot, terms, isInitial }: Isolated): bigint {
  const { isCall, balance, mark, strike } = option;
  const maintenance = isCall
    ? mark + mul(mul(terms.mmCallSpotReq, spot), balance)
    : mark + min(mul(mul(terms.mmPutSpotReq, spot), balance), mul(terms.MMPutMtMReq, mark));
  if (!isInitial) return maintenance;
  const outOfTheMoney = div(max(0n, isCall ? strike - spot : spot - strike), spot);
  const share = max(terms.minSpotReq, terms.maxSpotReq - outOfTheMoney);
  const initial = mul(mul(share, spot), balance) + mark;
  return isCall ? initial : min(initial, mul(maintenance, terms.mmOffsetScale));
}

function baseMargin({ base, spot, terms }: StandardMarket, isInitial: boolean): bigint {
  const notional = mul(base, spot.price);
  const margin = mul(notional, terms.marginFactor);
  const initial = mul(margin, terms.IMScale);
  if (!isInitial) return margin;
  if (initial === 0n) return 0n;
  return initial - mul(unsureFactor(spot.confidence, terms.baseThreshold, terms), notional);
}

/** What is charged of a notional whose price is not sure enough; a threshold of zero charges nothing. */
function unsureFactor(confidence: bigint, threshold: bigint, { OCFactor }: StandardTerms): bigint {
  return confidence < threshold ? mul(UNIT - confidence, OCFactor) : 0n;
}

function payoff(options: readonly StandardOption[], price: bigint): bigint {
  return sum(
    options.map(({ strike, isCall, balance }) => mul(max(0n, isCall ? price - strike : strike - price), balance)),
  );
}

function shortsOf({ options }: StandardExpiry): bigint {
  return sum(options.map(({ balance }) => max(0n, -balance)));
}

function sum(terms: readonly bigint[]): bigint {
  return terms.reduce((total, term) => total + term, 0n);
}
