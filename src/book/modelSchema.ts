import { z } from 'zod';
import { LARGEST, name, nonnegative, number, rangeParts, share, volShock } from './parameterSchema.ts';
import { venueOverrides } from './venueModelSchema.ts';

const crossParameters = z.strictObject({
  range: z.strictObject(rangeParts).partial().optional(),
  volShock: volShock.optional(),
  imFactor: z.number().min(1).max(LARGEST).optional(),
  numericalBuffer: z.number().positive().max(1).optional(),
});

const crossScenario = z.strictObject({
  id: name,
  spot: nonnegative.optional().describe('Factor on the price of every factor. At most one of spot and range.'),
  range: number.optional().describe("Multiple of each factor's own range."),
  shocks: z.record(name, nonnegative).optional().describe('Factor on the price, by asset.'),
  vol: z.enum(['up', 'down', 'none']),
  weight: share,
});

const deriveParameters = z.strictObject({
  numeraire: name.optional(),
  underlying: name.optional(),
  mmFactor: nonnegative.optional(),
  imFactor: nonnegative.optional(),
  volShock: volShock.optional(),
  skewShock: z
    .strictObject({
      linearCap: number,
      linearBase: number,
      absCap: number,
      absBase: number,
      minK: nonnegative,
      width: nonnegative,
      volStatic: number,
      volScale: number,
    })
    .partial()
    .optional(),
  staticDiscount: z
    .strictObject({
      longBase: nonnegative,
      longRateMult: nonnegative,
      longRateAdd: number,
      shortBase: nonnegative,
      shortRateMult: nonnegative,
      shortRateAdd: number,
    })
    .partial()
    .optional(),
  basis: z
    .strictObject({ up: nonnegative, down: nonnegative, add: nonnegative, mult: nonnegative })
    .partial()
    .optional(),
  charges: z
    .strictObject({
      pegThreshold: nonnegative,
      pegFactor: nonnegative,
      confidenceThreshold: nonnegative,
      confidenceFactor: nonnegative,
      perpMm: nonnegative,
      perpIm: nonnegative,
      optionMm: nonnegative,
      optionIm: nonnegative,
    })
    .partial()
    .optional(),
  collateral: z
    .record(name, z.strictObject({ mmHaircut: nonnegative, imHaircut: nonnegative, riskCancelling: z.boolean() }))
    .optional(),
});

const deriveScenario = z.strictObject({
  id: name,
  spot: nonnegative,
  vol: z.enum(['up', 'down', 'none', 'linear', 'abs']),
  weight: nonnegative,
});

/** A preset with parts of it replaced. */
export const overrideSchema = z.discriminatedUnion('preset', [
  z.strictObject({
    preset: z.literal('crossmargin-1'),
    parameters: crossParameters.optional(),
    scenarios: z.array(crossScenario).optional(),
  }),
  z.strictObject({
    preset: z.literal('derive-pm2'),
    parameters: deriveParameters.optional(),
    scenarios: z.array(deriveScenario).min(1).optional(),
  }),
  ...venueOverrides,
]);

/** A model in a book: a preset's name, or a preset with parts of it replaced. */
export const modelSchema = z.union([
  z.enum(['crossmargin-1', 'derive-pm2', 'siloed', 'deribit-2026', 'paradex-2026', 'span16']),
  overrideSchema,
]);

/** A model as JSON. */
export type ModelJson = z.infer<typeof modelSchema>;
