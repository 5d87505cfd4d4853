import type { Address } from 'viem';
import type { Act } from '../chain/askAfter.ts';
import { MarginError } from '../errors.ts';
import { decodeCall } from './decodeCall.ts';
import { PLAIN_ABI } from './knownCalls.ts';

/** What the known functions call whoever gets something, or for whom something is done. */
const RECEIVERS = ['to', 'receiver', 'onBehalf', 'onBehalfOf', 'account'];

/**
 * Refuses calls of a plan that pay somebody else. Anybody may propose a plan, and the owner is not asked: whoever proposes could pay
 * himself, within the cost that plans may have.
 *
 * @throws {PlanPaysError}
 */
export function requireOwnReceivers(calls: readonly Act[], account: Address): void {
  for (const { target, data } of calls) {
    const { functionName = '', args = {} } = decodeCall(PLAIN_ABI, data) ?? {};
    const other = RECEIVERS.map((name) => args[name] as Address | undefined).find(
      (address) => address !== undefined && address.toLowerCase() !== account.toLowerCase(),
    );
    if (other !== undefined) throw new PlanPaysError({ target, functionName, receiver: other });
  }
}

/** A plan that gives somebody else what the account has. */
export class PlanPaysError extends MarginError {
  readonly code = 'PlanPaysError';
  readonly receiver: Address;

  constructor(fields: { readonly target: Address; readonly functionName: string; readonly receiver: Address }) {
    super(
      `${fields.functionName} of ${fields.target} is for ${fields.receiver}, and a plan acts for the account alone: its owner does not sign it. Name the account itself.`,
    );
    this.receiver = fields.receiver;
  }
}
