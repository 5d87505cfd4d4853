import { z } from 'zod';
import type { StandardMarginRule } from '../portfolio/silo.ts';
import { type Decimal, formatDecimal } from '../units/decimal.ts';
import { decimal, name, nonnegative, number, share, volShock } from './parameterSchema.ts';
import { readDecimal } from './readDecimal.ts';

const ratios = z.strictObject({
  perp: decimal,
  shortCall: decimal,
  shortPut: decimal,
  shortPutMark: decimal,
  unpairedCall: decimal,
});

/** How a book writes the rule of Derive's standard manager. */
export const standardMarginSchema = z.strictObject({
  kind: z.literal('standardMargin'),
  cash: name.describe('The asset that counts at face value.'),
  collateral: z.record(name, decimal).describe('The share of its price that counts, by asset.'),
  markets: z.record(name, ratios).describe('By underlying.'),
});

const parameters = z.strictObject({
  numeraire: name,
  underlying: name.optional(),
  discounting: z.literal('none').optional(),
  mmFactor: nonnegative,
  imFactor: nonnegative,
  volShock: volShock.required(),
  skewShock: z.strictObject({
    ...{ linearCap: number, linearBase: number, absCap: number, absBase: number },
    ...{ minK: nonnegative, width: nonnegative, volStatic: number, volScale: number },
  }),
  staticDiscount: z.strictObject({
    ...{ longBase: nonnegative, longRateMult: nonnegative, longRateAdd: number },
    ...{ shortBase: nonnegative, shortRateMult: nonnegative, shortRateAdd: number },
  }),
  basis: z.strictObject({ up: nonnegative, down: nonnegative, add: nonnegative, mult: nonnegative }),
  charges: z.strictObject({
    ...{ pegThreshold: nonnegative, pegFactor: nonnegative },
    ...{ confidenceThreshold: nonnegative, confidenceFactor: nonnegative },
    ...{ perpMm: nonnegative, perpIm: nonnegative, optionMm: nonnegative, optionIm: nonnegative },
  }),
  collateral: z.record(
    name,
    z.strictObject({ mmHaircut: nonnegative, imHaircut: nonnegative, riskCancelling: z.boolean() }),
  ),
});

const scenario = z.strictObject({
  id: name,
  spot: nonnegative,
  vol: z.enum(['up', 'down', 'none', 'linear', 'abs']),
  weight: share,
});

/** How a book writes the rule of Derive's portfolio managers: their own parameters and scenarios, as `derive-pm2` has them. */
export const portfolioMarginSchema = z.strictObject({
  kind: z.literal('portfolioMargin'),
  parameters,
  scenarios: z.array(scenario).min(1),
});

/** The rule of a book in exact numbers. */
export function readStandardMargin(rule: z.infer<typeof standardMarginSchema>): StandardMarginRule {
  return {
    ...rule,
    collateral: mapValues(rule.collateral, readDecimal),
    markets: mapValues(rule.markets, (market) => mapValues(market, readDecimal)),
  };
}

/** The rule as a book writes it. */
export function formatStandardMargin(rule: StandardMarginRule): z.infer<typeof standardMarginSchema> {
  return {
    ...rule,
    collateral: mapValues(rule.collateral, formatDecimal),
    markets: mapValues(rule.markets, (market) =>
      mapValues<keyof typeof market, Decimal, string>(market, formatDecimal),
    ),
  };
}

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, map: (value: A) => B): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, map(value)] as const);
  return Object.fromEntries(entries) as Record<K, B>;
}
