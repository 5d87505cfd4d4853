import { MarginError } from '../errors.ts';

/** An exact number: `raw / 10^decimals`. What chains report and what a book writes, before any float. */
export interface Decimal {
  readonly raw: bigint;
  readonly decimals: number;
}

const PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_EXPONENT = 400;

/**
 * Reads a decimal as a book writes it: `"-1000.5"`, `"1e-7"`, or a finite number by its shortest digits.
 *
 * @throws {DecimalError} for anything else: empty, NaN, infinite, hexadecimal, spaces.
 */
export function parseDecimal(value: string | number): Decimal {
  const text = String(value);
  const match = PATTERN.exec(text);
  if (match === null) throw new DecimalError(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_EXPONENT) throw new DecimalError(text);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  return scaled(digits, fraction.length - shift);
}

/** The shortest exact text of a decimal: no exponent, no trailing zeros. Two equal decimals have one text. */
export function formatDecimal({ raw, decimals }: Decimal): string {
  const sign = raw < 0n ? '-' : '';
  const digits = (raw < 0n ? -raw : raw).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** The same number with the fewest decimals: equal decimals become identical. */
export function normaliseDecimal(decimal: Decimal): Decimal {
  return parseDecimal(formatDecimal(decimal));
}

/** `raw / 10^decimals` where `decimals` may be below zero, as exponents of chains are. Exact. */
export function scaled(raw: bigint, decimals: number): Decimal {
  return decimals > 0 ? { raw, decimals } : { raw: raw * 10n ** BigInt(-decimals), decimals: 0 };
}

/** Exact: nothing is rounded. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { raw: a.raw * b.raw, decimals: a.decimals + b.decimals };
}

/** Both in the smaller of their two units: what compares them exactly. */
export function alignDecimals(a: Decimal, b: Decimal): readonly [bigint, bigint] {
  const decimals = Math.max(a.decimals, b.decimals);
  const raise = (x: Decimal) => x.raw * 10n ** BigInt(decimals - x.decimals);
  return [raise(a), raise(b)];
}

/** The smaller of two; of two that are equal, the first. */
export function minDecimal(a: Decimal, b: Decimal): Decimal {
  const [first, second] = alignDecimals(a, b);
  return second < first ? b : a;
}

/**
 * The float64 nearest to a decimal, by one rounding (ECMAScript StringToNumber).
 * `Number(raw) / 10 ** decimals` rounds twice and differs in the last bit in about one case of seven.
 */
export function toFloat({ raw, decimals }: Decimal): number {
  return Number(`${raw}e-${decimals}`);
}

/** A text or number that is not a finite decimal. */
export class DecimalError extends MarginError {
  readonly code = 'DecimalError';
  readonly text: string;

  constructor(text: string) {
    super(`"${text}" is not a decimal number. Write it as digits with an optional sign, point and exponent.`);
    this.text = text;
  }
}
