import { assetOfMark, markOf } from '../../portfolio/perpMark.ts';
import { factorOf } from '../factors.ts';
import type { FloatMarket, FloatPosition, Inputs } from '../inputs.ts';
import { lookup } from '../lookup.ts';
import { quoteForwards } from '../quotes.ts';

/** How far to move, and what. */
export interface PriceMove {
  /** A factor on the prices. */
  readonly factor: number;
  /** Whether an asset moves. */
  readonly isMoved: (asset: string) => boolean;
}

/**
 * The same book after a move of some prices, as if it had happened: spot prices, perpetuals and forwards move alike, volatilities and rates stay, and perps and
 * futures owe what they have gained or lost by it. Where a forward is given by its carry it follows the spot price.
 * Checked in test/engine/explain/move.test.ts: the equity after it is that of a scenario with the same move, under every kind of leg.
 */
export function moveInputs(inputs: Inputs, move: PriceMove): Inputs {
  const priceOf = priceOfPerp(inputs.market);
  return {
    ...inputs,
    positions: inputs.positions.map((position) => movePosition(position, { move, priceOf })),
    market: moveMarket(inputs.market, move),
  };
}

function moveMarket(market: FloatMarket, { factor, isMoved }: PriceMove): FloatMarket {
  const by = (asset: string) => (isMoved(asset) ? factor : 1);
  return {
    ...market,
    assets: mapRecord(market.assets, (quote, asset) => ({ ...quote, usd: quote.usd * by(asset) })),
    perps: mapRecord(market.perps, (quote, key) => ({
      ...quote,
      usd: quote.usd * by(assetOfMark(key, market.assets)),
    })),
    expiries: market.expiries.map((quote) =>
      quote.forwardUsd === undefined ? quote : { ...quote, forwardUsd: quote.forwardUsd * by(quote.underlying) },
    ),
  };
}

function movePosition(
  position: FloatPosition,
  { move, priceOf }: { move: PriceMove; priceOf: ReturnType<typeof priceOfPerp> },
): FloatPosition {
  if (position.kind !== 'perp' || !move.isMoved(position.underlying)) return position;
  const { amount, unrealisedUsd, fundingUsd, settlement = 'linear' } = position;
  const gainedUsd = amount * priceOf(position) * (move.factor - 1);
  if (settlement === 'linear') return { ...position, unrealisedUsd: unrealisedUsd + gainedUsd };
  const accrued = { unrealisedUsd: unrealisedUsd * move.factor + gainedUsd, fundingUsd: fundingUsd * move.factor };
  // Its size in USD stays, so that it is fewer units of a dearer coin. At a price of zero no units would do: what it owes there is all that is left of it.
  return { ...position, ...accrued, amount: move.factor > 0 ? amount / move.factor : amount };
}

/** What a unit gains by: the perpetual's price or the forward's; of an inverse contract the spot price. 0 where there is no quote: valuing it will throw. */
function priceOfPerp(market: FloatMarket): (position: Extract<FloatPosition, { kind: 'perp' }>) => number {
  const forwards = quoteForwards(market);
  return (position) => {
    const { underlying, expiry, settlement } = position;
    if (settlement === 'inverse') return lookup(market.assets, underlying)?.usd ?? 0;
    if (expiry === undefined) return markOf(market.perps, position)?.usd ?? 0;
    return forwards.expiry(underlying, expiry)?.forwardUsd ?? 0;
  };
}

/** Whether an asset follows one of some factors. */
export function followsFactor(market: FloatMarket, factors: readonly string[]): (asset: string) => boolean {
  return (asset) => lookup(market.assets, asset) !== undefined && factors.includes(factorOf(market, asset));
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, map: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
