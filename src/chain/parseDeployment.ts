import { type Address, isAddress } from 'viem';
import { z } from 'zod';
import { MarginError } from '../errors.ts';
import type { Deployment } from './deployment.ts';

const address = z
  .string()
  .refine((text) => isAddress(text), 'is not an address, or its checksum is wrong')
  .transform((text) => text as Address);

const asset = z.strictObject({
  feed: z.strictObject({ aggregator: address, maxAgeSeconds: z.int().positive() }),
  peg: z.string().min(1).exactOptional(),
  tokens: z.array(address),
});

const lyra = z.strictObject({
  underlying: z.string().min(1),
  optionMarket: address,
  optionToken: address,
  greekCache: address,
  synthetixAdapter: address,
  baseAsset: address,
  quoteAsset: address,
});

const compoundV2 = z.strictObject({
  comptroller: address,
  dialect: z.enum(['compound', 'venus']),
  native: z.strictObject({ market: address, token: address }).exactOptional(),
});

const schema = z.strictObject({
  chainId: z.int().positive(),
  fromBlock: z.int().nonnegative(),
  marginOracle: address,
  assets: z.record(z.string().min(1), asset),
  venues: z.strictObject({
    aaveV3: z.strictObject({ pool: address }).exactOptional(),
    morphoBlue: z.strictObject({ morpho: address }).exactOptional(),
    lyra: lyra.exactOptional(),
    compoundV2: z.record(z.string().min(1), compoundV2).exactOptional(),
    perpV2: z.strictObject({ clearingHouse: address, markets: z.record(z.string().min(1), address) }).exactOptional(),
    uniswapV3: z.strictObject({ positionManager: address }).exactOptional(),
    wallet: z.strictObject({ native: address.exactOptional() }).exactOptional(),
  }),
  watch: z.array(address),
});

/** Reads a deployment file. @throws {DeploymentFileError} naming the place that does not fit. */
export function parseDeployment(text: string): Deployment {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new DeploymentFileError(z.prettifyError(parsed.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeploymentFileError('it is not JSON', cause);
  }
}

/** A file that is not a deployment. */
export class DeploymentFileError extends MarginError {
  readonly code = 'DeploymentFileError';

  constructor(problem: string, cause?: unknown) {
    super(
      `The deployment file cannot be used: ${problem}. Correct it, or write it again with the script that deploys.`,
      { cause },
    );
  }
}
