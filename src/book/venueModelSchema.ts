import { z } from 'zod';
import { LARGEST, name, nonnegative, positive, rangeParts, share, volShock } from './parameterSchema.ts';

const vol = z.enum(['up', 'down', 'none']);
const usd = z.number().nonnegative().max(1e15);
const multiple = z.number().min(-1).max(1);

const deribitParameters = z.strictObject({
  cash: name.optional(),
  mmFactor: nonnegative.optional(),
  tailFactor: nonnegative.optional(),
  pairs: z
    .record(
      name,
      z
        .strictObject({ priceRange: z.number().positive().max(0.99), volShock: volShock, largestDeltaUsd: usd })
        .partial(),
    )
    .optional()
    .describe('By underlying; one that the preset does not have needs every part.'),
  currencies: z
    .record(name, z.strictObject({ annualisedMove: share, minMove: share, dampenerUsd: usd }).partial())
    .optional()
    .describe('By underlying of inverse contracts; USD for linear ones.'),
});

const deribitScenario = z.strictObject({
  id: name,
  range: multiple.optional().describe('Multiple of the price range. Exactly one of range and spot.'),
  spot: positive.optional().describe('Factor on the price, of the extended table.'),
  vol,
});

const paradexParameters = z.strictObject({
  cash: name.optional(),
  mmFactor: nonnegative.optional(),
  volShock: volShock.optional(),
  floor: z.strictObject({ netDelta: nonnegative, hedgedDelta: nonnegative }).partial().optional(),
  provisionsUsd: usd.optional(),
});

const paradexScenario = z.strictObject({ id: name, spot: nonnegative, vol, weight: nonnegative });

const spreadLeg = z.strictObject({ commodity: name, delta: positive });

const spanParameters = z.strictObject({
  range: z.strictObject(rangeParts).partial().optional(),
  scanRanges: z.record(name, share).optional().describe('By commodity, as a share of its price.'),
  volShock: volShock.optional(),
  calendarCharge: share.optional(),
  shortOptionMinimum: share.optional(),
  interCommodity: z.array(z.strictObject({ legs: z.array(spreadLeg).length(2), credit: share })).optional(),
  imFactor: z.number().min(1).max(LARGEST).optional(),
});

const spanScenario = z.strictObject({
  id: name,
  range: z.number().min(-LARGEST).max(LARGEST),
  vol,
  weight: nonnegative,
});

/** The venues' presets with parts of them replaced. */
export const venueOverrides = [
  z.strictObject({
    preset: z.literal('siloed'),
    parameters: z.strictObject({}).optional(),
    scenarios: z.tuple([]).optional(),
  }),
  z.strictObject({
    preset: z.literal('deribit-2026'),
    parameters: deribitParameters.optional(),
    scenarios: z.array(deribitScenario).min(1).optional(),
  }),
  z.strictObject({
    preset: z.literal('paradex-2026'),
    parameters: paradexParameters.optional(),
    scenarios: z.array(paradexScenario).min(1).optional(),
  }),
  z.strictObject({
    preset: z.literal('span16'),
    parameters: spanParameters.optional(),
    scenarios: z.array(spanScenario).min(1).optional(),
  }),
] as const;
