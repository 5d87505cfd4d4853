import { z } from 'zod';

/** The venues' presets with parts of them replaced. */
export const venueOverrides = [
  z.strictObject({
    preset: z.literal('siloed'),
    parameters: z.strictObject({}).optional(),
    scenarios: z.tuple([]).optional(),
  }),
] as const;
