import { expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { quoteBook, SurfaceTimeError } from '../../src/book/quoteBook.ts';
import { ChainFileError, readChain } from '../../src/book/readChain.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { MissingExpiryError } from '../../src/engine/readLegs.ts';
import { fitSurface } from '../../src/engine/surface/surface.ts';
import { StrikeOutsideSurfaceError, surfaceVol } from '../../src/engine/surface/surfaceVol.ts';
import { chainText } from '../engine/surface/chains.ts';

const TITLES = 'timestamp_utc,instrument,expiry_utc,strike,type,forward,index_price,mark_iv,bid_price,ask_price';
const ROW = '2026-01-24T09:14:23Z,ETH-30JAN26-2600-P,2026-01-30T08:00Z,2600,P,2962.36,2959.47,0.61,,0.0042';
const csv = (...rows: string[]) => [TITLES, ...rows].join('\n');

test('default: a row of a chain, an empty cell left out', () => {
  expect(readChain(csv(ROW))).toEqual({
    underlying: 'ETH',
    asOf: Date.UTC(2026, 0, 24, 9, 14, 23) / 1000,
    spotUsd: 2959.47,
    quotes: [
      {
        name: 'ETH-30JAN26-2600-P',
        expiry: Date.UTC(2026, 0, 30, 8) / 1000,
        strikeUsd: 2600,
        type: 'put',
        markVol: 0.61,
        forwardUsd: 2962.36,
        ask: 0.0042,
      },
    ],
  });
});

test('behavior: JSON with the same names says the same', () => {
  const values = ROW.split(',');
  const row = Object.fromEntries(TITLES.split(',').map((title, index) => [title, values[index]]));
  const numbers = {
    strike: 2600,
    forward: 2962.36,
    index_price: 2959.47,
    mark_iv: 0.61,
    bid_price: null,
    ask_price: 0.0042,
  };
  expect(readChain(JSON.stringify([{ ...row, ...numbers }]))).toEqual(readChain(csv(ROW)));
});

test('error: what cannot be read, by row and column', () => {
  expect(() => readChain('')).toThrow(/no column timestamp_utc/);
  expect(() => readChain(TITLES)).toThrow(/it has no options/);
  expect(() => readChain('[{"strike":')).toThrow(/begins like JSON/);
  expect(() => readChain('[1]')).toThrow(/not an array of objects/);
  expect(() => readChain(csv(ROW, 'a,b'))).toThrow(/row 2 has 2 cells, not 10/);
  expect(() => readChain(csv(ROW.replace(',2600,P', ',x,P')))).toThrow(/row 1 has strike "x"/);
  expect(() => readChain(csv(ROW.replace(',2600,P', ',,P')))).toThrow(/row 1 has no strike/);
  expect(() => readChain(csv(ROW.replace(',P,', ',constructor,')))).toThrow(/type "constructor"/);
  expect(() => readChain(csv(ROW.replace('2026-01-30T08:00Z', 'Friday')))).toThrow(/expiry_utc "Friday"/);
  expect(() => readChain(csv(ROW.replace('2959.47', '0')))).toThrow(/index price is 0/);
  expect(() => readChain(csv(ROW, ROW.replace('ETH-', 'BTC-')))).toThrow(/2 underlyings: ETH, BTC/);
  expect(() => readChain(csv(ROW, ROW.replace(':23Z', ':24Z')))).toThrow(/2 times/);
  expect(() => readChain(csv(ROW, ROW.replace(':23Z', ':24Z')))).toThrow(ChainFileError);
});

const SURFACE = fitSurface(readChain(chainText('option_chain_ETH_2026-01-24T0914Z.csv.gz')));
const EXPIRY = Date.UTC(2026, 1, 27, 8) / 1000;
const option = (strike: number | string, expiry = EXPIRY) => ({
  kind: 'option',
  underlying: 'ETH',
  type: 'put',
  strike,
  expiry,
  amount: -2,
});

function bookOf(...positions: object[]) {
  const assets = { ETH: { usd: 2959.47, confidence: 1 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } };
  const cash = { kind: 'token', asset: 'USDC', amount: 10_000 };
  return parseBook({ asOf: SURFACE.asOf, model: 'crossmargin-1', market: { assets }, positions: [...positions, cash] });
}

test('default: a book without volatilities has a margin once a chain quotes it', () => {
  const book = bookOf(option(2650), option('2650.0'), option(2500, EXPIRY + 5 * 86_400));
  expect(() => computeMargin(book)).toThrow(MissingExpiryError);
  const quoted = quoteBook(book, SURFACE);
  expect(quoted.market.expiries.map(({ expiry }) => expiry)).toEqual([EXPIRY, EXPIRY + 5 * 86_400]);
  expect(quoted.market.vols.length).toBe(2);
  expect(computeMargin(quoted).maintenanceUsd).toBeGreaterThan(0);
});

test("behavior: what the book's own market quotes stays", () => {
  const book = bookOf(option(2650), option(2700));
  const own = { underlying: 'ETH', expiry: EXPIRY, strike: { raw: 2650n, decimals: 0 }, vol: { raw: 9n, decimals: 1 } };
  const quoted = quoteBook({ ...book, market: { ...book.market, vols: [own] } }, SURFACE);
  expect(quoted.market.vols[0]).toBe(own);
  expect(quoted.market.vols.length).toBe(2);
});

test('error: an option that the surface does not answer leaves the book without a market', () => {
  expect(() => quoteBook(bookOf(option(2650), option(100)), SURFACE)).toThrow(StrikeOutsideSurfaceError);
  expect(() => surfaceVol(SURFACE, { expiry: EXPIRY, strikeUsd: 100 })).toThrow(StrikeOutsideSurfaceError);
});

test('error: a chain of another time than the book', () => {
  expect(() => quoteBook({ ...bookOf(), asOf: SURFACE.asOf + 1 }, SURFACE)).toThrow(SurfaceTimeError);
});
