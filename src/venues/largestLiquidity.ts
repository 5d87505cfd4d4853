import { MarginError } from '../errors.ts';
import type { SetAside } from './setAside.ts';

/** What the engine takes at most. At prices where a pool never trades a few units of a token make more. */
const LARGEST_LIQUIDITY = 10n ** 30n;

/** Whether the engine can take this much liquidity; else it is set aside. @throws {LiquidityTooLargeError} where that refuses. */
export function isCountable(
  liquidity: bigint,
  { what, setAside }: { readonly what: string; readonly setAside: SetAside },
): boolean {
  if (liquidity <= LARGEST_LIQUIDITY) return true;
  setAside(what, new LiquidityTooLargeError({ what, liquidity }));
  return false;
}

/** More liquidity in a range than the engine takes. */
export class LiquidityTooLargeError extends MarginError {
  readonly code = 'LiquidityTooLargeError';
  readonly what: string;
  readonly liquidity: bigint;

  constructor(fields: { readonly what: string; readonly liquidity: bigint }) {
    super(
      `${fields.what} has a liquidity of ${fields.liquidity}, and more than ${LARGEST_LIQUIDITY} cannot be counted. Take it out, or send it away.`,
    );
    this.what = fields.what;
    this.liquidity = fields.liquidity;
  }
}
