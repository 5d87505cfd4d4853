import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readChain } from '../../../src/book/readChain.ts';
import { log } from '../../../src/engine/math.ts';
import type { ChainQuote, OptionChain } from '../../../src/engine/surface/chain.ts';
import { type Svi, totalVariance } from '../../../src/engine/surface/svi.ts';
import { optionValue } from '../../../src/engine/value.ts';

const DATA = join(import.meta.dirname, '../../data');

/** The real chains of test/data, by file: see its README. */
export const CHAIN_FILES = readdirSync(DATA)
  .filter((file) => /^option_chain_.*\.csv\.gz$/.test(file))
  .sort();

/** The text of one of them. */
export function chainText(file: string): string {
  return gunzipSync(readFileSync(join(DATA, file))).toString();
}

export function realChain(file: string): OptionChain {
  return readChain(chainText(file));
}

export const AS_OF = 1_770_000_000;
const DAY = 86_400;

/** A chain whose marks lie on SVI curves, quoted 1 % around them. */
export function madeChain(
  expiries: readonly { readonly days: number; readonly svi: Svi; readonly forwardUsd: number }[],
  strikes: readonly number[],
): OptionChain {
  const quotes = expiries.flatMap((expiry) =>
    strikes.flatMap((strikeUsd) => (['call', 'put'] as const).map((type) => madeQuote(expiry, { strikeUsd, type }))),
  );
  return { underlying: 'ETH', asOf: AS_OF, spotUsd: 2000, quotes };
}

function madeQuote(
  { days, svi, forwardUsd }: { days: number; svi: Svi; forwardUsd: number },
  { strikeUsd, type }: Pick<ChainQuote, 'strikeUsd' | 'type'>,
): ChainQuote {
  const years = days / 365;
  const markVol = Math.sqrt(totalVariance(svi, log(strikeUsd / forwardUsd)) / years);
  const price = optionValue({ type, strikeUsd, forwardUsd, vol: markVol, years, discount: 1 / forwardUsd });
  const name = `ETH-${days}-${strikeUsd}-${type}`;
  return {
    name,
    expiry: AS_OF + days * DAY,
    strikeUsd,
    type,
    markVol,
    forwardUsd,
    bid: price * 0.99,
    ask: price * 1.01,
  };
}

/** Two months of a smile that grows with time. */
export const TWO_MONTHS = [
  { days: 30, svi: { a: 0.01, b: 0.06, rho: -0.3, m: 0.01, sigma: 0.2 }, forwardUsd: 2010 },
  { days: 60, svi: { a: 0.024, b: 0.08, rho: -0.3, m: 0.01, sigma: 0.25 }, forwardUsd: 2020 },
] as const;
export const STRIKES = [1400, 1600, 1700, 1800, 1900, 2000, 2100, 2200, 2400, 2700];
