import { z } from 'zod';
import { LARGEST, name, nonnegative, number, positive, rangeParts, share, volShock } from './parameterSchema.ts';
import { venueOverrides } from './venueModelSchema.ts';

const moves = z.record(name, nonnegative);
const pegSize = z.strictObject({ down: share, up: nonnegative });

const peg = z
  .strictObject({
    stable: pegSize,
    wrapped: pegSize,
    assets: z.record(name, pegSize),
    together: z.strictObject({ day: name, moves, others: nonnegative }).partial(),
  })
  .partial();

const rho = z.number().min(-1).max(1);
const correlation = z
  .strictObject({
    others: rho,
    pairs: z.record(name, rho).describe('By the two factors in the order of their names: "BTC/ETH".'),
  })
  .partial();

const smile = z
  .strictObject({ cap: share, capSlope: number, width: nonnegative, minK: positive, twist: share })
  .partial();

const crisis = z.strictObject({
  day: name,
  weight: share,
  vol: number,
  moves,
  others: nonnegative,
  stables: nonnegative,
});

const tailDraw = z.strictObject({
  days: positive.describe('How many periods it stands for.'),
  vol: number,
  others: number,
  factors: z.array(number),
  pegs: z.array(z.number().min(-1).max(LARGEST)),
});

const tailRegime = z.strictObject({
  regime: name,
  title: name,
  periods: positive,
  factors: z.array(name),
  pegs: z.array(name),
  pegBreak: positive.optional().describe('The multiple of a fall at which every peg is off by its whole size.'),
  draws: z.array(tailDraw).min(1),
});

const tailAverage = z
  .strictObject({ share: z.number().positive().max(1), regimes: z.array(tailRegime) })
  .partial()
  .describe('Expected shortfall over draws, in units of what is usual. An empty list of regimes leaves it out.');

const volume = z.number().positive().max(1e15);

const addOns = z
  .strictObject({
    shortOption: share,
    basis: z.strictObject({ annual: nonnegative, floor: share }).partial(),
    oracle: share,
    liquidity: z
      .strictObject({
        impact: nonnegative,
        participation: z.number().positive().max(1),
        dailyVolumeUsd: z.record(name, volume),
        others: volume,
      })
      .partial(),
    venue: z.strictObject({ shares: z.record(name, share), others: share }).partial(),
  })
  .partial();

const crossParameters = z.strictObject({
  range: z
    .strictObject({ ...rangeParts, leastVols: z.record(name, nonnegative), halfLifeDays: positive })
    .partial()
    .optional(),
  volShock: volShock.optional(),
  correlation: correlation.optional(),
  peg: peg.optional(),
  smile: smile.optional(),
  crises: z.array(crisis).optional(),
  tailAverage: tailAverage.optional(),
  addOns: addOns.optional(),
  imFactor: z.number().min(1).max(LARGEST).optional(),
  numericalBuffer: z.number().positive().max(1).optional(),
});

const crossScenario = z.strictObject({
  id: name,
  spot: nonnegative.optional().describe('Factor on the price of every factor. At most one of spot and range.'),
  range: number.optional().describe("Multiple of each factor's own range."),
  shocks: moves.optional().describe('Factor on the price, by asset.'),
  vol: z.union([z.enum(['up', 'down', 'none']), number.describe('Relative move of volatility at 30 days.')]),
  smile: z
    .strictObject({ tilt: number.optional(), wings: number.optional(), twist: number.optional() })
    .optional()
    .describe("Multiples of the model's smile shock."),
  weight: share,
  title: name.optional().describe('What people are told before the moves.'),
});

const family = z
  .strictObject({ family: z.enum(['crisis', 'decorrelation', 'peg', 'smile', 'tailAverage']) })
  .describe('Stands for the scenarios of a family, for the factors and pegs that the book holds.');

const deriveParameters = z.strictObject({
  numeraire: name.optional(),
  underlying: name.optional(),
  discounting: z.literal('none').optional().describe('Options are worth what is paid at expiry. Absent: discounted.'),
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
    scenarios: z.array(z.union([crossScenario, family])).optional(),
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
