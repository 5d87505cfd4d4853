import { type Abi, type Address, decodeFunctionData, getAddress, type Hex, size, slice } from 'viem';
import type { Act } from '../chain/askAfter.ts';
import type { Deployment } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';
import { addressesIn } from '../venues/addressesIn.ts';
import { GRANTS, PLAIN_ABI } from './knownCalls.ts';

/** Whose calls are judged, and by which deployment. */
export interface JudgeOptions {
  readonly account: Address;
  readonly deployment: Deployment;
}

/**
 * Refuses calls whose effect the state after them does not show: a change of the Safe itself, a right for somebody whom the deployment
 * does not list, and any function that this version does not know. The state decides about everything else.
 *
 * @throws {SelfCallError} {@link GrantError} {@link UnknownCallError}
 */
export function judgeCalls(calls: readonly Act[], { account, deployment }: JudgeOptions): void {
  const listed = spendersOf(deployment);
  for (const { target, data } of calls) {
    if (target.toLowerCase() === account.toLowerCase()) throw new SelfCallError({ account, data });
    if (data === '0x') continue;
    const grant = decode(GRANTS.abi, data);
    if (grant !== undefined) requireListed(grant, { target, listed });
    else if (decode(PLAIN_ABI, data) === undefined) throw new UnknownCallError({ target, data });
  }
}

/** The venues' own contracts, the pool, and whoever the deployment lists beside them: in lower case. */
function spendersOf({ venues, custody }: Deployment): ReadonlySet<string> {
  const own = [custody?.creditPool ?? [], custody?.spenders ?? []].flat();
  return new Set([...addressesIn(venues), ...own].map((address) => address.toLowerCase()));
}

interface Decoded {
  readonly functionName: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The function and its arguments by name; undefined where the ABI has no such function, or the data are not its arguments. */
function decode(abi: Abi, data: Hex): Decoded | undefined {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    const item = abi.find(
      (candidate) =>
        candidate.type === 'function' && candidate.name === functionName && candidate.inputs.length === args.length,
    );
    const inputs = item?.type === 'function' ? item.inputs : [];
    return { functionName, args: Object.fromEntries(inputs.map(({ name = '' }, i) => [name, args[i]])) };
  } catch {
    return undefined;
  }
}

function requireListed(
  { functionName, args }: Decoded,
  { target, listed }: { readonly target: Address; readonly listed: ReadonlySet<string> },
): void {
  const name = GRANTS.names.find((candidate) => candidate in args) as string;
  const grantee = args[name] as Address;
  if (!listed.has(grantee.toLowerCase())) throw new GrantError({ target, functionName, grantee });
}

/** A call of the Safe itself: owners, modules, guards and handler are not changed by a permit. */
export class SelfCallError extends MarginError {
  readonly code = 'SelfCallError';
  readonly account: Address;

  constructor({ account, data }: { readonly account: Address; readonly data: Hex }) {
    super(
      `The transaction calls the Safe ${account} itself (${nameOf(data)}): owners, modules, guards and handler are changed with nothing pledged, and not by a permit. Leave the call out.`,
    );
    this.account = account;
  }
}

/** A right over the account's assets for somebody whom the deployment does not list. */
export class GrantError extends MarginError {
  readonly code = 'GrantError';
  readonly grantee: Address;

  constructor(fields: { readonly target: Address; readonly functionName: string; readonly grantee: Address }) {
    super(
      `${fields.functionName} of ${fields.target} gives ${getAddress(fields.grantee)} a right that would outlast the transaction, and the deployment lists it neither as a venue's contract nor under custody.spenders. Approve a listed contract, or have the deployment list this one.`,
    );
    this.grantee = fields.grantee;
  }
}

/** A function that this version does not know: it might give a right that shows in no balance. */
export class UnknownCallError extends MarginError {
  readonly code = 'UnknownCallError';
  readonly target: Address;

  constructor({ target, data }: { readonly target: Address; readonly data: Hex }) {
    super(
      `What ${nameOf(data)} of ${target} does is not known, so nothing is signed for it. Use a function that is known (src/permit/knownCalls.ts), or add it there after reading its contract.`,
    );
    this.target = target;
  }
}

/** The known function, or else the selector. */
function nameOf(data: Hex): string {
  return size(data) < 4 ? `the data ${data}` : `the function ${slice(data, 0, 4)}`;
}
