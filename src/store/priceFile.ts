import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { StatedPrices } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';
import { alignDecimals, type Decimal, parseDecimal } from '../units/decimal.ts';

const ZERO: Decimal = { raw: 0n, decimals: 0 };
const ONE: Decimal = { raw: 1n, decimals: 0 };

const decimal = z.union([z.string(), z.number()]).transform((value, context) => {
  try {
    return parseDecimal(value);
  } catch (error) {
    context.addIssue((error as MarginError).message);
    return z.NEVER;
  }
});

const schema = z.strictObject({
  asOf: z.int().positive(),
  prices: z.record(
    z.string().min(1),
    z.strictObject({
      usd: decimal.refine((usd) => usd.raw > 0n, 'a price must be above 0'),
      confidence: decimal.refine((share) => !isLess(share, ZERO) && !isLess(ONE, share), 'must be between 0 and 1'),
    }),
  ),
});

/** Reads the file at a path as {@link parsePriceFile} does. @throws {PriceFileError} */
export async function readPriceFile(path: string): Promise<StatedPrices> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PriceFileError(`${path} cannot be read`, cause);
  });
  return parsePriceFile(text);
}

/**
 * Reads a price file: `{ "asOf": 1740000000, "prices": { "XYZ": { "usd": "1.25", "confidence": "0.9" } } }`, numbers as in a book.
 *
 * @throws {PriceFileError} naming the place that does not fit.
 */
export function parsePriceFile(text: string): StatedPrices {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new PriceFileError(z.prettifyError(parsed.error));
}

function isLess(a: Decimal, b: Decimal): boolean {
  const [x, y] = alignDecimals(a, b);
  return x < y;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PriceFileError('it is not JSON', cause);
  }
}

/** A file that does not state prices. */
export class PriceFileError extends MarginError {
  readonly code = 'PriceFileError';

  constructor(problem: string, cause?: unknown) {
    super(`The price file cannot be used: ${problem}. Correct it, or name another with --prices.`, { cause });
  }
}
