import { readInputs } from '../../engine/inputs.ts';
import { lookup } from '../../engine/lookup.ts';
import { quoteForwards } from '../../engine/quotes.ts';
import type { Market } from '../../portfolio/market.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import type { PerpPosition, Position } from '../../portfolio/position.ts';
import { normaliseDecimal, parseDecimal, toFloat } from '../../units/decimal.ts';

/** Two markets, one after the other. */
export interface Passage {
  readonly before: Market;
  readonly after: Market;
}

/**
 * A portfolio as it would stand at a later market without a trade: perps and futures have gained what their price did. Linear: unrealised + amount · (p₁ − p₀). Inverse,
 * with f the move of the mark and g that of spot: coins accrued are worth g times as much, the contract has gained amount · (1 − 1/f) coins and is amount ÷ f units now.
 * What nothing quotes stays as it was: valuing it will say so. Checked by hand in test/report/change/change.test.ts.
 */
export function carryPerps(portfolio: Portfolio, { before, after }: Passage): Portfolio {
  const [old, now] = [pricesOf(before), pricesOf(after)];
  const positions = portfolio.positions.map((position): Position => {
    if (position.kind !== 'perp') return position;
    const [from, to] = [old(position), now(position)];
    return from === undefined || to === undefined ? position : carryPerp(position, { from, to });
  });
  return { ...portfolio, positions };
}

interface PerpPrices {
  readonly mark: number;
  readonly spot: number;
}

function carryPerp(perp: PerpPosition, { from, to }: { from: PerpPrices; to: PerpPrices }): PerpPosition {
  const [amount, unrealised, funding] = [perp.amount, perp.unrealisedUsd, perp.fundingUsd].map(toFloat) as [
    number,
    number,
    number,
  ];
  if (perp.settlement !== 'inverse') {
    return { ...perp, unrealisedUsd: decimal(unrealised + amount * (to.mark - from.mark)) };
  }
  const grown = to.spot / from.spot;
  const gainedUsd = amount * (1 - from.mark / to.mark) * to.spot;
  return {
    ...perp,
    amount: decimal((amount * from.mark) / to.mark),
    unrealisedUsd: decimal(unrealised * grown + gainedUsd),
    fundingUsd: decimal(funding * grown),
  };
}

function pricesOf(market: Market): (perp: PerpPosition) => PerpPrices | undefined {
  const quotes = readInputs({ portfolio: { positions: [], silos: [] }, market }).market;
  const forwards = quoteForwards(quotes);
  return ({ underlying, expiry }) => {
    const spot = lookup(quotes.assets, underlying)?.usd;
    const mark =
      expiry === undefined ? lookup(quotes.perps, underlying)?.usd : forwards.expiry(underlying, expiry)?.forwardUsd;
    return spot === undefined || mark === undefined || !(spot > 0 && mark > 0) ? undefined : { spot, mark };
  };
}

function decimal(value: number) {
  return normaliseDecimal(parseDecimal(value));
}
