import { expect, test } from 'vitest';
import type { ChainQuote } from '../../../src/engine/surface/chain.ts';
import { parityForward } from '../../../src/engine/surface/parityForward.ts';
import { ForwardDisagreesError, NoForwardError, NoSmileError, readSlices } from '../../../src/engine/surface/slices.ts';
import { AS_OF, madeChain, STRIKES, TWO_MONTHS } from './chains.ts';

const CHAIN = madeChain(TWO_MONTHS, STRIKES);
const [FIRST] = TWO_MONTHS;

/** The chain with some of its quotes changed. */
function change(edit: (quote: ChainQuote, index: number) => ChainQuote) {
  return { ...CHAIN, quotes: CHAIN.quotes.map(edit) };
}

function without<K extends keyof ChainQuote>(quote: ChainQuote, ...keys: K[]): ChainQuote {
  return Object.fromEntries(Object.entries(quote).filter(([key]) => !keys.includes(key as K))) as unknown as ChainQuote;
}

const ofFirst = ({ expiry }: ChainQuote) => expiry === AS_OF + FIRST.days * 86_400;

test('default: each strike once, by its side out of the money, in order', () => {
  const { slices, excluded, tooFew } = readSlices(CHAIN);
  expect(slices.map(({ quotes }) => quotes.map(({ strikeUsd }) => strikeUsd))).toEqual([STRIKES, STRIKES]);
  expect(slices[0]?.quotes.map(({ type }) => type)).toEqual([...Array(6).fill('put'), ...Array(4).fill('call')]);
  expect(excluded.every(({ reason }) => reason === 'inTheMoney')).toBe(true);
  expect(tooFew).toEqual([]);
});

test('default: the forward by parity is exact where the quotes are', () => {
  const parity = parityForward(CHAIN.quotes.filter(ofFirst));
  expect(parity?.forwardUsd).toBeCloseTo(FIRST.forwardUsd, 8);
  expect(parity?.strikes).toBe(STRIKES.length);
});

test('behavior: four wrong quotes of ten do not move the forward beyond what the quotes leave open', () => {
  const wrong = CHAIN.quotes
    .filter(ofFirst)
    .map((quote) =>
      quote.type === 'call' && [1400, 1900, 2000, 2700].includes(quote.strikeUsd)
        ? { ...quote, bid: (quote.bid ?? 0) + 0.2, ask: (quote.ask ?? 0) + 0.2 }
        : quote,
    );
  const parity = parityForward(wrong);
  expect(Math.abs((parity?.forwardUsd ?? 0) - FIRST.forwardUsd)).toBeLessThan(1e-6);
});

test('behavior: without a stated forward the implied one is used', () => {
  const { slices } = readSlices(change((quote) => without(quote, 'forwardUsd')));
  expect(slices.map(({ forwardUsd }) => forwardUsd)).toEqual([expect.closeTo(2010, 8), expect.closeTo(2020, 8)]);
});

test('behavior: a quote that cannot be used is left out with its reason, and the others are fitted', () => {
  const edits: Readonly<Record<number, (quote: ChainQuote) => ChainQuote>> = {
    0: (quote) => ({ ...quote, bid: 0.5, ask: 0.4 }),
    1: (quote) => ({ ...quote, bid: -0.1 }),
    2: (quote) => without(quote, 'markVol'),
    3: (quote) => without(quote, 'bid', 'ask'),
    4: (quote) => ({ ...quote, expiry: AS_OF }),
    5: (quote) => ({ ...quote, markVol: 0 }),
    6: (quote) => ({ ...quote, markVol: Number.NaN }),
    7: (quote) => ({ ...quote, strikeUsd: 0 }),
  };
  const { excluded } = readSlices(change((quote, index) => edits[index]?.(quote) ?? quote));
  const reasons = Object.fromEntries(excluded.map(({ name, reason }) => [name, reason]));
  const named = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => reasons[CHAIN.quotes[index]?.name ?? '']);
  expect(named).toEqual(['crossed', 'negative', 'noVol', 'unquoted', 'expired', 'noVol', 'negative', 'negative']);
});

test('behavior: one side is enough to be fitted', () => {
  const { slices } = readSlices(change((quote) => without(quote, 'bid')));
  expect(slices.map(({ quotes, parity }) => [quotes.length, parity])).toEqual([
    [STRIKES.length, undefined],
    [STRIKES.length, undefined],
  ]);
});

test('behavior: an expiry of too few strikes is left out and named', () => {
  const few = CHAIN.quotes.filter((quote) => !ofFirst(quote) || quote.strikeUsd > 2000);
  const { slices, tooFew } = readSlices({ ...CHAIN, quotes: few });
  expect(slices.length).toBe(1);
  expect(tooFew).toEqual([{ expiry: AS_OF + 30 * 86_400, strikes: 4 }]);
});

test('error: a chain without an expiry to fit', () => {
  expect(() => readSlices({ ...CHAIN, quotes: [] })).toThrow(NoSmileError);
  expect(() => readSlices(change((quote) => ({ ...quote, bid: 2, ask: 1 })))).toThrow(/40 of its 40 quotes/);
});

test('error: an expiry without any forward', () => {
  expect(() => readSlices(change((quote) => without(quote, 'bid', 'forwardUsd')))).toThrow(NoForwardError);
});

test('error: a stated forward that the quotes contradict', () => {
  const off = change((quote) => (ofFirst(quote) ? { ...quote, forwardUsd: 2100 } : quote));
  expect(() => readSlices(off)).toThrow(ForwardDisagreesError);
  expect(() => readSlices(off)).toThrow(/states a forward of 2100, but put-call parity gives 20\d\d/);
});
