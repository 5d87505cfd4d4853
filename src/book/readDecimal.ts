import { type Decimal, normaliseDecimal, parseDecimal } from '../units/decimal.ts';

/** A decimal of a book in its one normal form. */
export function readDecimal(value: string | number): Decimal {
  return normaliseDecimal(parseDecimal(value));
}
