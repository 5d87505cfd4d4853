import { MarginError } from '../errors.ts';
import type { FloatMarket } from './inputs.ts';
import { lookup } from './lookup.ts';
import type { CrossScenario, HeldRangeParameters, RangeParameters } from './models/model.ts';

/** The factor that never moves by itself: what a stablecoin is pegged to. */
export const USD = 'USD';

const DAYS_PER_YEAR = 365;

/**
 * What an asset follows, step by step: itself, its peg, the peg's peg, and last its factor. `USD` ends every chain.
 *
 * @throws {UnknownPegError} {@link PegCycleError} for a chain that leads nowhere.
 */
export function pegChain(market: FloatMarket, asset: string): readonly string[] {
  const chain = [asset];
  let current = asset;
  while (current !== USD) {
    const peg = lookup(market.assets, current)?.peg;
    if (peg === undefined) return chain;
    if (chain.includes(peg)) throw new PegCycleError(chain);
    if (peg !== USD && lookup(market.assets, peg) === undefined) throw new UnknownPegError(current, peg);
    chain.push(peg);
    current = peg;
  }
  return chain;
}

/** The last of an asset's peg chain: what moves it. */
export function factorOf(market: FloatMarket, asset: string): string {
  return pegChain(market, asset).at(-1) ?? asset;
}

/**
 * The range of a factor as a share of its price: k·σ·√(horizonDays/365), between floor and cap; the cap where no volatility is known.
 * Source: design margin-model §3. Checked against the limit cases in test/engine/factors.test.ts.
 */
export function factorRange(vol: number | undefined, { k, horizonDays, floor, cap }: RangeParameters): number {
  if (vol === undefined) return cap;
  const range = k * vol * Math.sqrt(horizonDays / DAYS_PER_YEAR);
  return Math.min(cap, Math.max(floor, range));
}

/**
 * What a factor usually moves within the horizon, as a share of its price: σ·√(horizonDays/365), at most cap ÷ k, and that where no volatility is known. Without the floor of
 * {@link factorRange}: what is measured in it follows the market down as well.
 */
export function factorDeviation(vol: number | undefined, { k, horizonDays, cap }: RangeParameters): number {
  const deviation = vol === undefined ? Number.POSITIVE_INFINITY : vol * Math.sqrt(horizonDays / DAYS_PER_YEAR);
  return k * deviation < cap ? deviation : cap / Math.max(k, 1);
}

/** The volatility that a factor's moves are measured by: the market's, at least the model's own of it. Undefined where the market has none: the model's may be old. */
export function factorVol(
  market: FloatMarket,
  factor: string,
  { leastVols }: Pick<HeldRangeParameters, 'leastVols'>,
): number | undefined {
  const vol = lookup(market.assets, factor)?.vol;
  return vol === undefined ? undefined : Math.max(vol, lookup(leastVols, factor) ?? 0);
}

/** What an asset's price in a scenario depends on. */
export interface Mover {
  readonly chain: readonly string[];
  /** Of its factor, as a share of the price; 0 for USD. */
  readonly range: number;
}

/** What moves an asset. */
export function moverOf(market: FloatMarket, asset: string, range: HeldRangeParameters): Mover {
  const chain = pegChain(market, asset);
  const factor = chain.at(-1) ?? asset;
  return { chain, range: factor === USD ? 0 : factorRange(factorVol(market, factor, range), range) };
}

/** The factor on an asset's price in a scenario: the first of its peg chain that `shocks` names, else what its factor does. */
export function moveIn({ shocks, spot, range }: CrossScenario, mover: Mover): number {
  const named = shocks === undefined ? undefined : mover.chain.find((name) => lookup(shocks, name) !== undefined);
  if (shocks !== undefined && named !== undefined) return lookup(shocks, named) ?? 1;
  if (mover.chain.at(-1) === USD) return 1;
  if (spot !== undefined) return spot;
  return range === undefined ? 1 : Math.max(0, 1 + range * mover.range);
}

/** A peg to an asset that the market does not quote. */
export class UnknownPegError extends MarginError {
  readonly code = 'UnknownPegError';
  readonly asset: string;
  readonly peg: string;

  constructor(asset: string, peg: string) {
    super(`market.assets.${asset} is pegged to ${peg}, which the market does not quote. Quote ${peg}, or peg to USD.`);
    this.asset = asset;
    this.peg = peg;
  }
}

/** Assets pegged to each other in a circle. */
export class PegCycleError extends MarginError {
  readonly code = 'PegCycleError';
  readonly chain: readonly string[];

  constructor(chain: readonly string[]) {
    super(`The pegs ${chain.join(' → ')} lead back to themselves. One of them must have no peg, or USD.`);
    this.chain = chain;
  }
}
