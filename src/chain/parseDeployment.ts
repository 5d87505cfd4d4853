import { z } from 'zod';
import { MarginError } from '../errors.ts';
import { addressSchema as address } from './addressSchema.ts';
import type { Deployment } from './deployment.ts';
import { sourceSchema } from './sourceConfig.ts';

const asset = z
  .strictObject({
    sources: z.tuple([sourceSchema], sourceSchema),
    maxDeviationBps: z.int().nonnegative().exactOptional(),
    peg: z.string().min(1).exactOptional(),
    tokens: z.array(address),
  })
  .refine(
    ({ sources, maxDeviationBps }) => sources.length === 1 || maxDeviationBps !== undefined,
    'several sources need maxDeviationBps',
  );

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

const subgraph = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  entity: z.string().regex(/^[_A-Za-z]\w*$/),
  account: z.string().regex(/^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/),
});

const schema = z.strictObject({
  chainId: z.int().positive(),
  fromBlock: z.int().nonnegative(),
  marginOracle: address.exactOptional(),
  chains: z.array(z.int().positive()).min(1).exactOptional(),
  assets: z.record(z.string().min(1), asset),
  sequencer: z.strictObject({ feed: address, graceSeconds: z.int().nonnegative() }).exactOptional(),
  venues: z.strictObject({
    aaveV3: z.strictObject({ pool: address }).exactOptional(),
    morphoBlue: z.strictObject({ morpho: address }).exactOptional(),
    lyra: lyra.exactOptional(),
    compoundV2: z.record(z.string().min(1), compoundV2).exactOptional(),
    perpV2: z.strictObject({ clearingHouse: address, markets: z.record(z.string().min(1), address) }).exactOptional(),
    uniswapV3: z.strictObject({ positionManager: address }).exactOptional(),
    wallet: z.strictObject({ native: address.exactOptional() }).exactOptional(),
  }),
  subgraphs: z.record(z.string().min(1), subgraph).exactOptional(),
  watch: z.array(address),
});

const checked = schema.superRefine(({ subgraphs = {}, venues }, context) => {
  const names = [...Object.keys(venues), ...Object.keys(venues.compoundV2 ?? {})];
  for (const name of Object.keys(subgraphs)) {
    if (names.includes(name)) continue;
    context.addIssue({ code: 'custom', path: ['subgraphs', name], message: 'is no venue of the deployment' });
  }
});

/** Reads a deployment file. @throws {DeploymentFileError} naming the place that does not fit. */
export function parseDeployment(text: string): Deployment {
  const parsed = checked.safeParse(parseJson(text));
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
