import { MarginError } from '../../errors.ts';
import { compareText } from '../../portfolio/order.ts';
import { log } from '../math.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import type { ChainQuote, OptionChain } from './chain.ts';
import { median } from './median.ts';
import { type ParityForward, parityForward } from './parityForward.ts';

/** A curve of five parameters needs as many strikes. */
export const MIN_STRIKES = 5;
/** A stated forward may lie outside what the quotes leave open by this share. */
export const MAX_FORWARD_DIFFERENCE = 0.005;

/** Why a quote is not fitted. */
export type Exclusion = 'expired' | 'negative' | 'crossed' | 'noVol' | 'unquoted' | 'inTheMoney';

/** An out-of-the-money quote that is fitted. */
export interface FittedQuote extends ChainQuote {
  /** ln(K/F), on the forward that the quote's mark is on. */
  readonly k: number;
  readonly vol: number;
  readonly quoteForwardUsd: number;
}

/** One expiry before it is fitted. */
export interface Slice {
  readonly expiry: number;
  readonly years: number;
  readonly forwardUsd: number;
  /** By put–call parity; absent where no strike has both sides of both. */
  readonly parity?: ParityForward;
  /** By strike. */
  readonly quotes: readonly FittedQuote[];
}

/** The expiries that can be fitted, in the order of time, and everything that was left out with the reason. */
export interface Slices {
  readonly slices: readonly Slice[];
  readonly excluded: readonly { readonly name: string; readonly reason: Exclusion }[];
  readonly tooFew: readonly { readonly expiry: number; readonly strikes: number }[];
}

/**
 * Sorts a chain's quotes by expiry and strike and keeps the out-of-the-money side of each, which carries the whole smile (in and out of the money are one by
 * parity). Left out, each with its reason: expired ones; negative prices, strikes or volatilities; a bid above the ask; no mark; neither bid nor ask.
 * An expiry with fewer than five strikes left is left out too.
 *
 * @throws {NoSmileError} where no expiry is left.
 * @throws {NoForwardError} {@link ForwardDisagreesError}
 */
export function readSlices(chain: OptionChain): Slices {
  const excluded: Excluded = [];
  const tooFew: { expiry: number; strikes: number }[] = [];
  const slices: Slice[] = [];
  for (const [expiry, all] of byExpiry(chain)) {
    const usable = keep(all, { reasonFor: (quote) => reasonOf(quote, chain.asOf), excluded });
    const forward = usable.length === 0 ? undefined : readForward(expiry, usable);
    const priced = forward === undefined ? [] : withForward(usable, forward.forwardUsd);
    const quotes = keep(priced, { reasonFor: inTheMoney, excluded });
    if (forward === undefined || quotes.length < MIN_STRIKES) tooFew.push({ expiry, strikes: quotes.length });
    else slices.push({ expiry, years: (expiry - chain.asOf) / SECONDS_PER_YEAR, ...forward, quotes });
  }
  if (slices.length === 0) throw new NoSmileError(chain, excluded.length);
  return { slices, excluded, tooFew };
}

function byExpiry({ quotes }: OptionChain): [number, ChainQuote[]][] {
  const expiries = new Map<number, ChainQuote[]>();
  for (const quote of quotes) {
    const known = expiries.get(quote.expiry);
    if (known === undefined) expiries.set(quote.expiry, [quote]);
    else known.push(quote);
  }
  const sorted = [...expiries].sort(([a], [b]) => a - b);
  return sorted.map(([expiry, own]) => [expiry, own.sort(compareQuotes)]);
}

function compareQuotes(a: ChainQuote, b: ChainQuote): number {
  return a.strikeUsd - b.strikeUsd || compareText(a.type, b.type) || compareText(a.name, b.name);
}

type Excluded = { readonly name: string; readonly reason: Exclusion }[];

function keep<T extends ChainQuote>(
  quotes: readonly T[],
  { reasonFor, excluded }: { readonly reasonFor: (quote: T) => Exclusion | undefined; readonly excluded: Excluded },
): T[] {
  return quotes.filter((quote) => {
    const reason = reasonFor(quote);
    if (reason !== undefined) excluded.push({ name: quote.name, reason });
    return reason === undefined;
  });
}

function reasonOf(
  { expiry, strikeUsd, forwardUsd = 1, markVol, bid, ask }: ChainQuote,
  asOf: number,
): Exclusion | undefined {
  if (expiry <= asOf) return 'expired';
  if (!(strikeUsd > 0 && forwardUsd > 0) || [markVol, bid, ask].some((value) => value !== undefined && !(value >= 0)))
    return 'negative';
  if (bid !== undefined && ask !== undefined && bid > ask) return 'crossed';
  if (markVol === undefined || markVol === 0) return 'noVol';
  return bid === undefined && ask === undefined ? 'unquoted' : undefined;
}

function readForward(expiry: number, quotes: readonly ChainQuote[]): Pick<Slice, 'forwardUsd' | 'parity'> {
  const parity = parityForward(quotes);
  const stated = quotes.flatMap((quote) => (quote.forwardUsd === undefined ? [] : [quote.forwardUsd]));
  const forwardUsd = stated.length > 0 ? median(stated) : parity?.forwardUsd;
  if (forwardUsd === undefined || !(forwardUsd > 0)) throw new NoForwardError(expiry);
  if (parity === undefined) return { forwardUsd };
  const openUsd = parity.uncertaintyUsd + MAX_FORWARD_DIFFERENCE * forwardUsd;
  if (Math.abs(parity.forwardUsd - forwardUsd) > openUsd) {
    throw new ForwardDisagreesError(expiry, { statedUsd: forwardUsd, parity });
  }
  return { forwardUsd, parity };
}

function withForward(quotes: readonly ChainQuote[], sliceForwardUsd: number): FittedQuote[] {
  return quotes.map((quote) => {
    const quoteForwardUsd = quote.forwardUsd ?? sliceForwardUsd;
    return { ...quote, vol: quote.markVol ?? 0, k: log(quote.strikeUsd / quoteForwardUsd), quoteForwardUsd };
  });
}

/** At the money the call stands for both. */
function inTheMoney({ type, k }: FittedQuote): Exclusion | undefined {
  return (type === 'call') === k >= 0 ? undefined : 'inTheMoney';
}

/** A chain without an expiry that could be fitted. */
export class NoSmileError extends MarginError {
  readonly code = 'NoSmileError';

  constructor({ underlying, quotes }: OptionChain, excluded: number) {
    super(
      `The chain of ${underlying} has no expiry with ${MIN_STRIKES} strikes to fit: ${excluded} of its ${quotes.length} quotes were left out. Give a chain with marks and quotes.`,
    );
  }
}

/** An expiry whose forward is neither stated nor implied. */
export class NoForwardError extends MarginError {
  readonly code = 'NoForwardError';

  constructor(expiry: number) {
    super(
      `Expiry ${expiry} has no forward: none is stated, and no strike has bid and ask of both call and put. Add one.`,
    );
  }
}

/** A stated forward that the quotes contradict. */
export class ForwardDisagreesError extends MarginError {
  readonly code = 'ForwardDisagreesError';

  constructor(expiry: number, { statedUsd, parity }: { readonly statedUsd: number; readonly parity: ParityForward }) {
    super(
      `Expiry ${expiry} states a forward of ${statedUsd}, but put-call parity gives ${parity.forwardUsd} ± ${parity.uncertaintyUsd} over ${parity.strikes} strikes. Check the chain's time and prices.`,
    );
  }
}
