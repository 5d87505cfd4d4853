import type { ChainQuote } from './chain.ts';
import { median } from './median.ts';

/** The forward that an expiry's quotes imply. */
export interface ParityForward {
  readonly forwardUsd: number;
  /** Half of what the quotes leave open: the forward is within this of `forwardUsd`, or the quotes can be arbitraged. */
  readonly uncertaintyUsd: number;
  /** How many strikes had both sides of call and put. */
  readonly strikes: number;
}

/** The strikes that count: those whose call and put are quoted tightest together. */
const MAX_STRIKES = 9;

/**
 * The forward by put–call parity: prices in units of the underlying, call − put = 1 − K/F, so F = K/(1 − (call − put)) at the middle of both quotes.
 * The median over the nine strikes whose quotes pin it tightest (width of both spreads · F²/K): one wrong quote moves it no further than its neighbours.
 * Source: Stoll (1969), in the units of inverse options. Checked on exact prices with outliers in test/engine/surface/slices.test.ts, and against the
 * forwards that twelve real chains state.
 */
export function parityForward(quotes: readonly ChainQuote[]): ParityForward | undefined {
  const implied = pairs(quotes).flatMap(([call, put]) => impliedForward(call, put));
  if (implied.length === 0) return undefined;
  const tightest = implied.sort((a, b) => a.widthUsd - b.widthUsd || a.forwardUsd - b.forwardUsd).slice(0, MAX_STRIKES);
  return {
    forwardUsd: median(tightest.map(({ forwardUsd }) => forwardUsd)),
    uncertaintyUsd: median(tightest.map(({ widthUsd }) => widthUsd)) / 2,
    strikes: implied.length,
  };
}

function pairs(quotes: readonly ChainQuote[]): [ChainQuote, ChainQuote][] {
  const puts = new Map(quotes.filter(({ type }) => type === 'put').map((quote) => [quote.strikeUsd, quote]));
  return quotes.flatMap((call): [ChainQuote, ChainQuote][] => {
    const put = puts.get(call.strikeUsd);
    return call.type === 'call' && put !== undefined ? [[call, put]] : [];
  });
}

function impliedForward(call: ChainQuote, put: ChainQuote): { forwardUsd: number; widthUsd: number }[] {
  if (call.bid === undefined || call.ask === undefined || put.bid === undefined || put.ask === undefined) return [];
  const rest = 1 - (call.bid + call.ask - put.bid - put.ask) / 2;
  if (!(rest > 0)) return [];
  const forwardUsd = call.strikeUsd / rest;
  const width = call.ask - call.bid + (put.ask - put.bid);
  return [{ forwardUsd, widthUsd: (width * forwardUsd * forwardUsd) / call.strikeUsd }];
}
