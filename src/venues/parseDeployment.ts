import { z } from 'zod';
import { addressSchema as address } from '../chain/addressSchema.ts';
import type { Deployment } from '../chain/deployment.ts';
import { sourceSchema } from '../chain/sourceConfig.ts';
import { MarginError } from '../errors.ts';
import { createVenues } from './index.ts';
import { KINDS } from './kinds.ts';

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

const subgraph = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  entity: z.string().regex(/^[_A-Za-z]\w*$/),
  account: z.string().regex(/^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/),
});

const custody = z.strictObject({
  pledgeGuard: address,
  collateralLedger: address.exactOptional(),
  liquidationAuction: address.exactOptional(),
  creditPool: address.exactOptional(),
  spenders: z.array(address).exactOptional(),
  targets: z.array(address).exactOptional(),
});

const schema = z.strictObject({
  chainId: z.int().positive(),
  fromBlock: z.int().nonnegative(),
  marginOracle: address.exactOptional(),
  custody: custody.exactOptional(),
  otherChains: z
    .array(z.strictObject({ chainId: z.int().positive(), rpcUrl: z.url({ protocol: /^https?$/ }).exactOptional() }))
    .min(1)
    .exactOptional(),
  assets: z.record(z.string().min(1), asset),
  sequencer: z.strictObject({ feed: address, graceSeconds: z.int().nonnegative() }).exactOptional(),
  venues: z.strictObject(Object.fromEntries(KINDS.map(({ kind, config }) => [kind, config.exactOptional()]))),
  subgraphs: z.record(z.string().min(1), subgraph).exactOptional(),
  watch: z.array(address),
});

const checked = schema.transform((fields, context) => {
  const deployment = fields as unknown as Deployment;
  const names = createVenues(deployment).map(({ name }) => name);
  if (deployment.custody !== undefined && deployment.marginOracle === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['custody'],
      message: 'needs a marginOracle: pledges are made where margins are posted',
    });
  }
  for (const name of Object.keys(deployment.subgraphs ?? {})) {
    if (names.includes(name)) continue;
    context.addIssue({ code: 'custom', path: ['subgraphs', name], message: 'is no venue of the deployment' });
  }
  return deployment;
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
