import { compareText } from '../../portfolio/order.ts';
import { pegChain, USD } from '../factors.ts';
import type { FloatMarket } from '../inputs.ts';
import { assetsOf, type Leg } from '../legs.ts';

/** What families expand over. */
export interface HeldBook {
  readonly legs: readonly Leg[];
  readonly market: FloatMarket;
}

/** An asset that follows another one: it can leave its peg. */
export interface PegLink {
  readonly asset: string;
  readonly peg: string;
}

/** What moves a book, each list sorted. */
export interface Held {
  readonly factors: readonly string[];
  readonly pegs: readonly PegLink[];
  /** The peg chain of a factor or pegged asset of the book, itself first. */
  readonly chainOf: (name: string) => readonly string[];
  /** Whether a leg can lose where the price of this asset, factor or peg rises. */
  readonly losesUp: (name: string) => boolean;
  /** The same where it falls. */
  readonly losesDown: (name: string) => boolean;
}

/** The factors and pegs that the legs of a book depend on, whatever the order of the legs. `USD` is no factor: it does not move. */
export function readHeld({ legs, market }: HeldBook): Held {
  const links = new Map<string, string>();
  const factors = new Set<string>();
  const up = new Set<string>();
  const down = new Set<string>();
  for (const leg of legs) {
    for (const chain of assetsOf(leg).map((asset) => pegChain(market, asset))) {
      chain.forEach((name, step) => {
        const peg = chain[step + 1];
        if (peg !== undefined) links.set(name, peg);
        else if (name !== USD) factors.add(name);
        if (losesBy(leg, 'rise')) up.add(name);
        if (losesBy(leg, 'fall')) down.add(name);
      });
    }
  }
  return {
    factors: [...factors].sort(compareText),
    pegs: [...links].sort(([a], [b]) => compareText(a, b)).map(([asset, peg]) => ({ asset, peg })),
    chainOf: (name) => pegChain(market, name),
    losesUp: (name) => up.has(name),
    losesDown: (name) => down.has(name),
  };
}

/** The sign of a leg's change of value with a price is fixed: Black-76 is monotone in the forward, a range in both prices. */
function losesBy(leg: Leg, move: 'rise' | 'fall'): boolean {
  if (leg.amount === 0) return false;
  const isInverse = leg.kind === 'option' && leg.type === 'put';
  const losesInRise = leg.amount < 0 !== isInverse;
  return losesInRise === (move === 'rise');
}
