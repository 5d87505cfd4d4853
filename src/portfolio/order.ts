import { formatDecimal } from '../units/decimal.ts';
import type { Portfolio } from './portfolio.ts';
import type { Position, Settlement } from './position.ts';

/** A text that says everything of a position, equal for equal positions however their decimals are written. */
export function positionKey(position: Position): string {
  const { kind, venue, silo, custody } = position;
  const home = [venue, silo, custody, kind];
  switch (position.kind) {
    case 'token':
      return JSON.stringify([...home, position.asset, formatDecimal(position.amount)]);
    case 'option': {
      const { underlying, expiry, type, strike, amount } = position;
      const numbers = [strike, amount].map(formatDecimal);
      return JSON.stringify([...home, underlying, expiry, type, ...numbers, ...settlementOf(position)]);
    }
    case 'perp': {
      const { underlying, amount, unrealisedUsd, fundingUsd, expiry } = position;
      const numbers = [amount, unrealisedUsd, fundingUsd].map(formatDecimal);
      const dated = expiry === undefined ? [] : [expiry];
      return JSON.stringify([...home, underlying, ...numbers, ...dated, ...settlementOf(position)]);
    }
    case 'range': {
      const { token0, token1, decimals0, decimals1, tickLower, tickUpper, amount } = position;
      const terms = [token0, token1, decimals0, decimals1, tickLower, tickUpper];
      return JSON.stringify([...home, ...terms, formatDecimal(amount)]);
    }
  }
}

/** Nothing for the usual settlement, so that saying it and leaving it out is the same. */
function settlementOf({ settlement }: { readonly settlement?: Settlement }): readonly Settlement[] {
  return settlement === 'inverse' ? [settlement] : [];
}

/** Ascending by UTF-16 code units: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same portfolio in the canonical order: silos by id, positions by {@link positionKey}. */
export function sortPortfolio({ positions, silos }: Portfolio): Portfolio {
  const keyed = positions.map((position) => ({ position, key: positionKey(position) }));
  return {
    positions: keyed.sort((a, b) => compareText(a.key, b.key)).map(({ position }) => position),
    silos: [...silos].sort((a, b) => compareText(a.id, b.id)),
  };
}
