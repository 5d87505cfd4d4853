import { type Address, getAddress, type Hex, size, slice } from 'viem';
import type { Act } from '../chain/askAfter.ts';
import type { Deployment } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';
import { addressesIn } from '../venues/addressesIn.ts';
import type { MorphoParams } from '../venues/morphoBlueRead.ts';
import { type DecodedCall, decodeCall } from './decodeCall.ts';
import { GRANTS, PLAIN_ABI } from './knownCalls.ts';

/** Whose calls are judged, and by which deployment. */
export interface JudgeOptions {
  readonly account: Address;
  readonly deployment: Deployment;
}

/**
 * Refuses calls whose effect the state after them does not show: a change of the Safe itself, a right for somebody whom the deployment
 * does not list, any function that this version does not know, and any contract that the deployment does not name: that one could give
 * back what it is sent while signers look, and keep it when the call is made. The state decides about everything else.
 *
 * @throws {SelfCallError} {@link GrantError} {@link UnknownCallError} {@link UnknownTargetError}
 */
export function judgeCalls(calls: readonly Act[], { account, deployment }: JudgeOptions): void {
  const spenders = spendersOf(deployment);
  const targets = targetsOf(deployment, spenders);
  for (const { target, data } of calls) {
    if (target.toLowerCase() === account.toLowerCase()) throw new SelfCallError({ account, data });
    const grant = decodeCall(GRANTS.abi, data);
    const call = grant ?? decodeCall(PLAIN_ABI, data);
    if (data !== '0x' && call === undefined) throw new UnknownCallError({ target, data });
    if (grant !== undefined) requireListed(grant, { target, listed: spenders });
    if (!targets.has(target.toLowerCase())) throw new UnknownTargetError({ target, what: 'is called' });
    if (call !== undefined) requireKnownMarket(call, targets);
  }
}

/** The venues' own contracts, the pool, and whoever the deployment lists beside them: in lower case. */
function spendersOf({ venues, custody }: Deployment): ReadonlySet<string> {
  const own = [custody?.creditPool ?? [], custody?.spenders ?? []].flat();
  return inLowerCase([...addressesIn(venues), ...own]);
}

/** They, the tokens, the ledger, and what else the deployment lists to be called. */
function targetsOf({ assets, custody }: Deployment, spenders: ReadonlySet<string>): ReadonlySet<string> {
  const tokens = Object.values(assets).flatMap((asset) => asset.tokens);
  const own = [custody?.collateralLedger ?? [], custody?.targets ?? []].flat();
  return new Set([...spenders, ...inLowerCase([...tokens, ...own])]);
}

function inLowerCase(addresses: readonly Address[]): ReadonlySet<string> {
  return new Set(addresses.map((address) => address.toLowerCase()));
}

/** What puts an account at the mercy of a market's oracle. Source: Morpho Blue's `Morpho.sol`. */
const ENTERING = ['supply', 'supplyCollateral', 'borrow'];

/**
 * Anybody creates a market of Morpho. Its tokens are called, and its oracle says when the account is liquidated, and what those who borrow
 * what it supplied have to leave for it.
 */
function requireKnownMarket({ functionName, args }: DecodedCall, targets: ReadonlySet<string>): void {
  const params = args.params as MorphoParams | undefined;
  if (params === undefined) return;
  const { loanToken, collateralToken, oracle } = params;
  const called = [loanToken, collateralToken, ...(ENTERING.includes(functionName) ? [oracle] : [])];
  const unknown = called.find((address) => !targets.has(address.toLowerCase()));
  if (unknown === undefined) return;
  const what = `is the ${unknown === oracle ? 'oracle' : 'token'} of the market in ${functionName}`;
  throw new UnknownTargetError({ target: unknown, what });
}

function requireListed(
  { functionName, args }: DecodedCall,
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
      `What ${nameOf(data)} of ${target} does is not known, or its arguments are not encoded as Solidity does, so nothing is signed for it. Use a function that is known (src/permit/knownCalls.ts), with nothing after its arguments.`,
    );
    this.target = target;
  }
}

/** A contract that the deployment does not name: it may do another thing than it did while signers looked. */
export class UnknownTargetError extends MarginError {
  readonly code = 'UnknownTargetError';
  readonly target: Address;

  constructor({ target, what }: { readonly target: Address; readonly what: string }) {
    super(
      `${target} ${what}, and the deployment names it neither as a venue's contract, nor as a token, nor under custody.targets: it may do another thing than it did in a simulation. Leave it out (coins leave as their wrapped token), or have the deployment list it.`,
    );
    this.target = target;
  }
}

/** The known function, or else the selector. */
function nameOf(data: Hex): string {
  return size(data) < 4 ? `the data ${data}` : `the function ${slice(data, 0, 4)}`;
}
