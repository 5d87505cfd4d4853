import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PriceFileError, parsePriceFile, readPriceFile } from '../../src/store/priceFile.ts';

const FILE = {
  asOf: 1_740_000_000,
  prices: { XYZ: { usd: '1.250', confidence: 0.9 }, NEW: { usd: 3e-7, confidence: '1' } },
};

function parseWith(changes: object): unknown {
  return parsePriceFile(JSON.stringify({ ...FILE, ...changes }));
}

test('default: numbers are exact, as in a book', () => {
  expect(parseWith({})).toEqual({
    asOf: 1_740_000_000,
    prices: {
      XYZ: { usd: { raw: 1_250n, decimals: 3 }, confidence: { raw: 9n, decimals: 1 } },
      NEW: { usd: { raw: 3n, decimals: 7 }, confidence: { raw: 1n, decimals: 0 } },
    },
  });
});

test('error: PriceFileError names the place that does not fit', async () => {
  expect(() => parsePriceFile('{')).toThrow(PriceFileError);
  expect(() => parseWith({ asOf: 0 })).toThrow(/asOf/);
  expect(() => parseWith({ asOf: undefined })).toThrow(/asOf/);
  expect(() => parseWith({ more: 1 })).toThrow(/more/);
  const prices = (usd: unknown, confidence: unknown) => ({ prices: { XYZ: { usd, confidence } } });
  for (const usd of ['0', 0, '-1', 'one', null, '1e999'])
    expect(() => parseWith(prices(usd, 1))).toThrow(/prices\.XYZ\.usd/);
  for (const confidence of ['-0.1', 1.001, undefined, 'sure']) {
    expect(() => parseWith(prices(1, confidence))).toThrow(/prices\.XYZ\.confidence/);
  }
});

test('error: PriceFileError for a file that is not there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await expect(readPriceFile(join(directory, 'none.json'))).rejects.toThrow(/none\.json cannot be read/);
  await writeFile(join(directory, 'some.json'), JSON.stringify(FILE));
  expect(await readPriceFile(join(directory, 'some.json'))).toEqual(parseWith({}));
});
