import type { Market } from '../portfolio/market.ts';
import type { Position } from '../portfolio/position.ts';
import { type Decimal, parseDecimal } from '../units/decimal.ts';

/** What is known at the end of a day. */
export interface Day {
  /** Unix seconds. */
  readonly asOf: number;
  readonly usd: (asset: string) => number;
  /** Annual, of options at any strike. */
  readonly vol: (asset: string) => number;
}

/** Of those of real accounts, what is a claim on a dollar. */
export const STABLES = ['USDC', 'USDT', 'DAI', 'TUSD', 'USDP', 'PAX', 'FRAX', 'SUSD', 'BUSD', 'GUSD', 'FEI', 'LUSD'];
/** What an asset follows where no day's own price moves it. */
const PEGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(STABLES.map((asset) => [asset, 'USD'])),
  STETH: 'ETH',
  WSTETH: 'ETH',
  CBETH: 'ETH',
  RETH: 'ETH',
  WBTC: 'BTC',
};
const SURE = parseDecimal(1);

/**
 * The market of a day for some positions: prices as known, perps at spot, forwards at spot, one volatility for all strikes of an asset, no rates. An asset's
 * own volatility sets the model's range.
 */
export function marketOf(day: Day, positions: readonly Position[]): Market {
  const names = positions.flatMap(assetsIn).flatMap(withPeg);
  const assets = [...new Set(names)].sort();
  const options = positions.flatMap((position) => (position.kind === 'option' ? [position] : []));
  const confidence = { forward: SURE, rate: SURE, vol: SURE };
  const expiries = new Map(
    options.map(({ underlying, expiry }) => [`${underlying} ${expiry}`, { underlying, expiry }]),
  );
  return {
    asOf: day.asOf,
    assets: Object.fromEntries(assets.map((asset) => [asset, quoteOf(day, asset)])),
    perps: Object.fromEntries(
      assets
        .filter((asset) => pegOf(asset) === undefined)
        .map((asset) => [asset, { usd: decimalOf(day.usd(asset)), confidence: SURE }]),
    ),
    expiries: [...expiries.values()].map((one) => ({
      ...one,
      forwardUsd: decimalOf(day.usd(one.underlying)),
      rate: parseDecimal(0),
      confidence,
    })),
    vols: options.map(({ underlying, expiry, strike }) => ({
      underlying,
      expiry,
      strike,
      vol: decimalOf(day.vol(underlying)),
    })),
  };
}

/** The decimal of a float's shortest digits. */
export function decimalOf(value: number): Decimal {
  return parseDecimal(value);
}

function quoteOf(day: Day, asset: string) {
  const peg = pegOf(asset);
  const common = { usd: decimalOf(day.usd(asset)), confidence: SURE };
  return peg === undefined ? { ...common, vol: decimalOf(day.vol(asset)) } : { ...common, peg };
}

/** What it is pegged to; undefined for what moves by itself. */
export function pegOf(asset: string): string | undefined {
  return Object.hasOwn(PEGS, asset) ? PEGS[asset] : undefined;
}

/** An asset, and what must be quoted for it. */
function withPeg(asset: string): string[] {
  const peg = pegOf(asset);
  return peg === undefined || peg === 'USD' ? [asset] : [asset, peg];
}

function assetsIn(position: Position): string[] {
  if (position.kind === 'token') return [position.asset];
  return position.kind === 'range' ? [position.token0, position.token1] : [position.underlying];
}
