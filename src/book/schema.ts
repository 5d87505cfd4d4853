import { z } from 'zod';
import { portfolioMarginSchema, standardMarginSchema } from './deriveRules.ts';
import { modelSchema } from './modelSchema.ts';
import { decimal, name } from './parameterSchema.ts';

const seconds = z.number().int().nonnegative().describe('Unix seconds.');
const optionType = z.enum(['call', 'put']);
const settlement = z
  .enum(['linear', 'inverse'])
  .optional()
  .describe('"inverse" pays the underlying itself; "linear", which pays USD, where absent.');

const assetSchema = z.strictObject({
  usd: decimal,
  confidence: decimal.describe('0 to 1.'),
  peg: name.optional().describe('The asset that this one follows, or USD for a stablecoin.'),
  vol: decimal.optional().describe('Annual volatility; sets the range of the scenarios.'),
});

const perpQuoteSchema = z.strictObject({ usd: decimal, confidence: decimal });

const expirySchema = z.strictObject({
  underlying: name,
  expiry: seconds,
  forwardUsd: decimal.optional().describe('Exactly one of forwardUsd and carry.'),
  carry: decimal.optional().describe('Annual: forward = spot · exp(carry · years).'),
  rate: decimal.describe('Annual, continuous, for discounting.'),
  confidence: z.strictObject({ forward: decimal, rate: decimal, vol: decimal }),
});

const volSchema = z.strictObject({
  underlying: name,
  expiry: seconds,
  strike: decimal,
  vol: decimal,
  type: optionType.optional().describe('Absent: holds for call and put.'),
});

const marketSchema = z.strictObject({
  assets: z.record(name, assetSchema),
  perps: z.record(name, perpQuoteSchema).optional(),
  expiries: z.array(expirySchema).optional(),
  vols: z.array(volSchema).optional(),
});

const home = {
  venue: name.optional(),
  silo: name.optional().describe('The id of a silo; "book" where neither silo nor venue is given.'),
  custody: z.enum(['pledged', 'observed']).optional().describe('"pledged" where absent.'),
};

const tick = z.number().int().min(-887_272).max(887_272);
const tokenDecimals = z.number().int().min(0).max(77);

const positionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), asset: name, amount: decimal, ...home }),
  z.strictObject({
    kind: z.literal('option'),
    underlying: name,
    type: optionType,
    strike: decimal,
    expiry: seconds,
    amount: decimal,
    settlement,
    ...home,
  }),
  z.strictObject({
    kind: z.literal('perp'),
    underlying: name,
    amount: decimal,
    expiry: seconds.optional().describe('Unix seconds of a dated future; absent for a perpetual.'),
    settlement,
    unrealisedUsd: decimal,
    fundingUsd: decimal,
    ...home,
  }),
  z.strictObject({
    kind: z.literal('range'),
    token0: name.describe("Assets of the market, in the pool's order."),
    token1: name,
    decimals0: tokenDecimals,
    decimals1: tokenDecimals,
    tickLower: tick,
    tickUpper: tick,
    amount: decimal.describe('Liquidity as the pool counts it, signed.'),
    ...home,
  }),
]);

const ruleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('owned') }),
  z.strictObject({
    kind: z.literal('lending'),
    collateral: z.record(name, z.strictObject({ threshold: decimal, bonus: decimal })),
    closeFactor: decimal,
    fullCloseBelow: decimal,
  }),
  z.strictObject({
    kind: z.literal('shortOption'),
    collateralIn: z.enum(['underlying', 'quote']),
    minStaticCollateral: decimal,
    spotShock: decimal,
    shockVol: decimal,
    rate: decimal,
    penaltyRatio: decimal,
    minPenaltyUsd: decimal,
  }),
  z.strictObject({
    kind: z.literal('perpAccount'),
    maintenanceRatio: decimal,
    penaltyRatio: decimal,
    closeFactor: decimal,
    fullCloseBelow: decimal,
    minPartialUsd: decimal,
  }),
  z.strictObject({
    kind: z.literal('isolatedPerp'),
    requirementUsd: decimal,
    adjustmentUsd: decimal,
    penaltyUsd: decimal,
  }),
  standardMarginSchema,
  portfolioMarginSchema,
  z.strictObject({
    kind: z.literal('rangeAccount'),
    token0: name,
    token1: name,
    decimals0: tokenDecimals,
    decimals1: tokenDecimals,
    counted0: decimal,
    counted1: decimal,
    asked: z.array(
      z.strictObject({
        token: z.union([z.literal(0), z.literal(1)]),
        fixed: decimal,
        sold: z.strictObject({ notional: decimal, tickLower: tick, tickMiddle: tick, tickUpper: tick }).optional(),
      }),
    ),
  }),
]);

const siloSchema = z.strictObject({ id: name, venue: name, rule: ruleSchema });

/** A book as a file: docs/book.md. Shape only; what one part needs of another is checked by `parseBook`. */
export const bookSchema = z.strictObject({
  asOf: seconds,
  model: modelSchema,
  market: marketSchema,
  positions: z.array(positionSchema),
  silos: z.array(siloSchema).optional(),
});

/** A book as JSON. */
export type BookJson = z.infer<typeof bookSchema>;
/** A silo as JSON. */
export type SiloJson = z.infer<typeof siloSchema>;
/** A position as JSON. */
export type PositionJson = z.infer<typeof positionSchema>;
/** A market as JSON, without its time. */
export type MarketJson = z.infer<typeof marketSchema>;
