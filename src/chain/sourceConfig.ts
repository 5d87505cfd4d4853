import type { Hex } from 'viem';
import { z } from 'zod';
import { addressSchema as address } from './addressSchema.ts';

const maxAgeSeconds = z.int().positive();
/** The id of the asset that a price is counted in, where that is not USD. */
const of = z.string().min(1);

/**
 * A Chainlink-style feed (AggregatorV3Interface), the age past which its answer is refused, and the move after which it publishes anew (its deviation
 * threshold), in basis points: what its answer may be off by at that age.
 */
const chainlink = z.strictObject({
  kind: z.literal('chainlink'),
  aggregator: address,
  maxAgeSeconds,
  deviationBps: z.int().positive().max(10_000).exactOptional(),
  of: of.exactOptional(),
});

/** A price of a Pyth contract, the age past which it is refused, and how wide its confidence interval may be, in basis points of the price. */
const pyth = z.strictObject({
  kind: z.literal('pyth'),
  contract: address,
  priceId: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i, 'is not 32 bytes in hexadecimal')
    .transform((text) => text as Hex),
  maxAgeSeconds,
  maxConfidenceBps: z.int().positive().max(10_000).exactOptional(),
  of: of.exactOptional(),
});

/** What Aave's oracle answers for a token. */
const aave = z.strictObject({ kind: z.literal('aave'), oracle: address, token: address });

/** The oracle of a Morpho market: the collateral token in the loan token, which is a token of the asset `of`. */
const morpho = z.strictObject({
  kind: z.literal('morpho'),
  oracle: address,
  collateralToken: address,
  loanToken: address,
  of,
});

/** What a wrapped or staked token's own contract says that it is worth in the asset `of`. */
const rate = z.strictObject({
  kind: z.literal('rate'),
  token: address,
  function: z.enum(['stEthPerToken', 'getExchangeRate', 'convertToAssets']),
  of,
});

/** A price that the file given to the command states. */
const file = z.strictObject({ kind: z.literal('file'), maxAgeSeconds });

/** Where a price comes from, as a deployment writes it. How each one is asked is in `src/feeds/sources`. */
export const sourceSchema = z.discriminatedUnion('kind', [chainlink, pyth, aave, morpho, rate, file]);

export type SourceConfig = z.infer<typeof sourceSchema>;

/** One kind of source. */
export type SourceOf<K extends SourceConfig['kind']> = Extract<SourceConfig, { readonly kind: K }>;
