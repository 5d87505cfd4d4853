import { type Abi, type Address, parseAbi } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { createVenues } from './index.ts';
import type { Claim } from './venue.ts';

/**
 * Asks the chain whether what the deployment names lives there: every contract of every venue must say of itself what that protocol's
 * contracts say, and every token state its decimals. Costs one or two calls, before anything is read.
 *
 * @throws {NotDeployedError} for the first that does not.
 */
export async function requireIdentity(chain: PinnedChain, deployment: Deployment): Promise<void> {
  const tokens = Object.entries(deployment.assets).flatMap(([asset, config]) =>
    config.tokens.map((address): Claim => ({ what: `a token of ${asset}`, address, says: DECIMALS })),
  );
  const claims = [...createVenues(deployment).flatMap((venue) => venue.claims), ...tokens];
  const answers = await chain.readEach(claims.map(callOf));
  for (const [i, claim] of claims.entries()) requireAnswer(claim, { chain, answer: answers[i] });
}

const DECIMALS = 'function decimals() view returns (uint8)';

function callOf({ address, says }: Claim): ContractRead {
  const abi: Abi = parseAbi([says] as readonly string[]);
  const [item] = abi;
  return { address, abi, functionName: (item as { readonly name: string }).name };
}

function requireAnswer(
  claim: Claim,
  { chain, answer }: { readonly chain: PinnedChain; readonly answer: unknown },
): void {
  const { chainId } = chain.block;
  if (answer instanceof CallFailedError)
    throw new NotDeployedError({ ...claim, chainId, answer: 'nothing', cause: answer });
  if (claim.expected === undefined || claim.expected === answer) return;
  throw new NotDeployedError({ ...claim, chainId, answer: String(answer), cause: undefined });
}

/** Where the deployment names a contract there is none, or another one. */
export class NotDeployedError extends MarginError {
  readonly code = 'NotDeployedError';
  readonly chainId: number;
  readonly address: Address;
  readonly what: string;

  constructor(fields: Claim & { readonly chainId: number; readonly answer: string; readonly cause: unknown }) {
    const { chainId, address, what, says, expected, answer } = fields;
    const right = expected === undefined ? '' : `, expected ${expected}`;
    super(
      `${address} on chain ${chainId} is not ${what}: asked for "${says}" it answers ${answer}${right}. Correct the deployment, or check that the node is on the chain that is meant.`,
      { cause: fields.cause },
    );
    this.chainId = chainId;
    this.address = address;
    this.what = what;
  }
}
