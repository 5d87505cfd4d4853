import type { GmxRecording } from './gmx.ts';

type Market = GmxRecording['markets'][string];

const E30 = 10n ** 30n;

/** The open interest of a side, or what it is in index tokens: both collaterals, which may be one token. */
function openInterest({ longToken, shortToken, dataStore }: Market, isLong: boolean, name = 'OPEN_INTEREST'): bigint {
  const tokens = new Set([longToken, shortToken]);
  return [...tokens].reduce((sum, token) => sum + BigInt(dataStore[`${name}|${token}|${isLong}`] ?? 0), 0n);
}

/**
 * The borrowing factor per second of a market without a kink and with an exponent of one, anew from the state: reserved ÷ pool · factor, and nothing for the smaller
 * side. Source: MarketUtils.getBorrowingFactorPerSecond.
 */
export function borrowingPerSecond(
  market: Market,
  { isLong, prices }: { isLong: boolean; prices: { index: bigint; long: bigint; short: bigint } },
): bigint {
  const { dataStore, longToken, shortToken } = market;
  const [own, other] = [openInterest(market, isLong), openInterest(market, !isLong)];
  if (own < other) return 0n;
  const reserved = isLong ? openInterest(market, true, 'OPEN_INTEREST_IN_TOKENS') * prices.index : own;
  if (reserved === 0n) return 0n;
  const token = isLong ? longToken : shortToken;
  const halves = longToken === shortToken ? 2n : 1n;
  const pool = (BigInt(dataStore[`POOL_AMOUNT|${token}`] ?? 0) / halves) * (isLong ? prices.long : prices.short);
  return (((reserved * E30) / pool) * BigInt(dataStore[`BORROWING_FACTOR|${isLong}`] ?? 0)) / E30;
}

/** The funding factor per second of a market that does not adapt and has an exponent of one: |L − S| ÷ (L + S) · factor, at most the bound. */
export function fundingPerSecond(market: Market): bigint {
  const [long, short] = [openInterest(market, true), openInterest(market, false)];
  if (long === 0n || short === 0n) return 0n;
  const skew = long > short ? long - short : short - long;
  const factor = (((skew * E30) / (long + short)) * BigInt(market.dataStore.FUNDING_FACTOR ?? 0)) / E30;
  const bound = BigInt(market.dataStore.MAX_FUNDING_FACTOR_PER_SECOND ?? 0);
  return factor < bound ? factor : bound;
}
