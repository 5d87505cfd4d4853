import { MarginError } from '../errors.ts';

/** Fixed point with 18 decimals: the unit of reports, contracts and the API. 1 USD = 1e18. */
export type Wad = bigint;

/** Which way the last unit goes. Rounding never helps the account: what it owns Down, what it owes Up. */
export type Rounding = 'Up' | 'Down';

export const WAD: Wad = 10n ** 18n;
export const MAX_UINT256 = 2n ** 256n - 1n;

/**
 * The exact value of a float64 in WAD, rounded toward +∞ (`Up`) or −∞ (`Down`).
 * A float64 is an integer over a power of two: double until integral, then one shift. No `toFixed`, no precision lost.
 *
 * @throws {NotFiniteError} for NaN and infinities.
 */
export function toWad(value: number, rounding: Rounding): Wad {
  if (!Number.isFinite(value)) throw new NotFiniteError(value);
  let scaled = value;
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift += 1n;
  }
  const numerator = BigInt(scaled) * WAD;
  const down = numerator >> shift;
  return rounding === 'Up' && down << shift !== numerator ? down + 1n : down;
}

/** `a · b / c` rounded down, for non-negative operands. */
export function mulDivDown(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b) / c;
}

/** `a · b / c` rounded up, for non-negative operands. */
export function mulDivUp(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b + c - 1n) / c;
}

/** A number that has no fixed-point value. */
export class NotFiniteError extends MarginError {
  readonly code = 'NotFiniteError';
  readonly value: number;

  constructor(value: number) {
    super(`${value} has no fixed-point value. An infinite health is reported as null, anything else is a defect.`);
    this.value = value;
  }
}
