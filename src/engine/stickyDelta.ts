import type { FloatMarket } from './inputs.ts';
import type { OptionLeg } from './legs.ts';
import { at } from './lookup.ts';
import { log } from './math.ts';

/** Volatility by log-moneyness ln(K/F): lines, the first of which begins below everything. */
export interface Smile {
  readonly knots: readonly number[];
  /** Where each line begins. */
  readonly vols: readonly number[];
  readonly slopes: readonly number[];
}

/** Below every moneyness. */
const LOWEST = -1e300;

/**
 * The smile of each option's expiry, by what the market quotes for its type: linear in ln(K/F) between quoted strikes, as the nearest one beyond them. Where one strike is quoted, or all alike, it is flat.
 * A smile that goes with the forward says of an option after a move x of the price smile(ln(K/F) − x): sticky delta (Derman, "Regimes of volatility", 1999, his sticky moneyness).
 * Checked in test/engine/stickyDelta.test.ts: by hand, an option's own volatility to the bit where nothing moves, everywhere where the surface is flat.
 */
export function smilesOf({ vols }: Pick<FloatMarket, 'vols'>): (option: OptionLeg) => Smile {
  const byExpiry = new Map<string, { strike: number; vol: number; type: string | undefined }[]>();
  for (const { underlying, expiry, strike, vol, type } of vols) {
    const key = `${underlying} ${expiry}`;
    const known = byExpiry.get(key) ?? [];
    byExpiry.set(key, known);
    known.push({ strike, vol, type });
  }
  const smiles = new Map<string, Smile>();
  return ({ underlying, expiry, type, forwardUsd }) => {
    const quotes = byExpiry.get(`${underlying} ${expiry}`) ?? [];
    const side = quotes.some((quote) => quote.type !== undefined) ? type : '';
    const key = `${underlying} ${expiry} ${side} ${forwardUsd}`;
    const known = smiles.get(key) ?? smileThrough(pointsOf(quotes, side), forwardUsd);
    smiles.set(key, known);
    return known;
  };
}

/** The volatility at a log-moneyness. */
export function volAt({ knots, vols, slopes }: Smile, k: number): number {
  let line = 0;
  while (line + 1 < knots.length && k >= at(knots, line + 1)) line += 1;
  return at(vols, line) + at(slopes, line) * (k - at(knots, line));
}

/** By strike, ascending: what is quoted for the type goes before what is quoted for both. */
function pointsOf(quotes: readonly { strike: number; vol: number; type: string | undefined }[], side: string) {
  const points = new Map<number, number>();
  for (const { strike, vol, type } of quotes) if (type === undefined) points.set(strike, vol);
  for (const { strike, vol, type } of quotes) if (type === side) points.set(strike, vol);
  return [...points].sort(([a], [b]) => a - b);
}

function smileThrough(points: readonly (readonly [number, number])[], forwardUsd: number): Smile {
  const knots = points.map(([strike]) => log(strike / forwardUsd));
  const vols = points.map(([, vol]) => vol);
  const slopes = vols.map((vol, index) => {
    const next = vols[index + 1];
    return next === undefined ? 0 : (next - vol) / (at(knots, index + 1) - at(knots, index));
  });
  return { knots: [LOWEST, ...knots], vols: [at(vols, 0), ...vols], slopes: [0, ...slopes] };
}
