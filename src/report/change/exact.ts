import { type Decimal, formatDecimal, parseDecimal } from '../../units/decimal.ts';

/** The sum of two decimals, exact. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const decimals = Math.max(a.decimals, b.decimals);
  const scaled = ({ raw, decimals: own }: Decimal) => raw * 10n ** BigInt(decimals - own);
  return { raw: scaled(a) + scaled(b), decimals };
}

/** after − before, exact, of two floats by their shortest digits: differences so taken add up to the last digit. */
export function exactDifference(after: number, before: number): string {
  const { raw, decimals } = parseDecimal(before);
  return formatDecimal(addDecimals(parseDecimal(after), { raw: -raw, decimals }));
}
