import { MarginError } from '../../errors.ts';
import { at } from '../lookup.ts';
import { exp } from '../math.ts';

/** What each draw does: a number a draw. */
export interface DrawMoves {
  readonly count: number;
  /** Logarithmic, of an asset's price; null for one that does not move. */
  readonly price: (asset: string) => Float64Array | null;
  /** Logarithmic, of the volatility of an underlying's options at 30 days. */
  readonly vol: (underlying: string) => Float64Array;
}

/** A factor of 10⁴³ and more is no price. */
const LARGEST_MOVE = 100;

/** The moves of an asset's price, all 0 for one that does not move. @throws {MoveRangeError} */
export function pricesMoved(moves: DrawMoves, asset: string): Float64Array {
  return requireMoves(asset, moves.price(asset) ?? new Float64Array(moves.count));
}

/** The moves of the volatility of an underlying's options, relative. @throws {MoveRangeError} */
export function volsMoved(moves: DrawMoves, underlying: string): Float64Array {
  return requireMoves(`the volatility of ${underlying}`, moves.vol(underlying)).map((log) => exp(log) - 1);
}

/** The draws of each tile, counted within it, by descending move: moneyness grows along them. */
export function ordersOf(logs: Float64Array, columns: number): Uint32Array {
  const orders = new Uint32Array(logs.length);
  for (let first = 0; first < logs.length; first += columns) {
    const tile = logs.subarray(first, first + columns);
    orders.set(
      Uint32Array.from(tile.keys()).sort((a, b) => at(tile, b) - at(tile, a)),
      first,
    );
  }
  return orders;
}

function requireMoves(name: string, logs: Float64Array): Float64Array {
  const wrong = logs.find((log_) => !(Math.abs(log_) <= LARGEST_MOVE));
  if (wrong !== undefined) throw new MoveRangeError(name, wrong);
  return logs;
}

/** A draw in which something moves out of all proportion, or by no number. */
export class MoveRangeError extends MarginError {
  readonly code = 'MoveRangeError';

  constructor(name: string, move: number) {
    super(
      `A draw moves ${name} by e^${move}; from e^-${LARGEST_MOVE} to e^${LARGEST_MOVE} is allowed. Correct the draws, or the history that they are made of.`,
    );
  }
}
