import { type Address, type Hex, parseAbi, size, slice, zeroAddress } from 'viem';
import type { Act } from '../chain/askAfter.ts';
import { MarginError } from '../errors.ts';
import type { SafeTransaction } from '../report/safeTransaction.ts';
import { decodeCall } from './decodeCall.ts';

/** Whose transaction it is, and the one contract that it may delegate to. */
export interface ActsOptions {
  readonly account: Address;
  /** Safe's own `MultiSendCallOnly`, as the guard names it. */
  readonly batch: Address;
}

const multiSendAbi = parseAbi(['function multiSend(bytes transactions) payable']);
/** Operation 1, target 20, value 32, length 32. Source: `MultiSendCallOnly` of Safe 1.5.0. */
const HEADER_BYTES = 85;

/**
 * The calls that a Safe makes by a transaction, in order: itself, or those of a batch.
 *
 * @throws {RefundError} {@link DelegateCallError} {@link BatchError}
 */
export function actsOf(transaction: SafeTransaction, { account, batch }: ActsOptions): readonly Act[] {
  requireNoRefund(transaction);
  const { to, value, data, operation } = transaction;
  if (operation === 0) return [{ target: to, value, data }];
  if (operation !== 1 || to.toLowerCase() !== batch.toLowerCase()) throw new DelegateCallError(to, operation);
  return callsOf(decodeBatch(data), account);
}

/** A refund pays tokens out, and a gas limit of its own lets the transaction fail and yet count. */
function requireNoRefund({ safeTxGas, baseGas, gasPrice, gasToken, refundReceiver }: SafeTransaction): void {
  const fields = { safeTxGas, baseGas, gasPrice, gasToken: BigInt(gasToken), refundReceiver: BigInt(refundReceiver) };
  const set = Object.entries(fields).filter(([, value]) => value !== 0n);
  if (set.length > 0) throw new RefundError(set.map(([name]) => name));
}

function decodeBatch(data: Hex): Hex {
  const call = decodeCall(multiSendAbi, data);
  if (call === undefined) throw new BatchError('its data are no call of multiSend(bytes), to the byte');
  return call.args.transactions as Hex;
}

/** As `MultiSendCallOnly` reads them: a target of zero is the Safe itself. */
function callsOf(packed: Hex, account: Address): readonly Act[] {
  const calls: Act[] = [];
  const end = size(packed);
  for (let start = 0; start < end; ) {
    if (start + HEADER_BYTES > end) throw new BatchError(`call ${calls.length} has no room for its header`);
    const [operation, target] = [slice(packed, start, start + 1), slice(packed, start + 1, start + 21)];
    const [value, length] = [word(packed, start + 21), Number(word(packed, start + 53))];
    if (operation !== '0x00') throw new BatchError(`call ${calls.length} is a delegatecall`);
    const next = start + HEADER_BYTES + length;
    if (next > end) throw new BatchError(`call ${calls.length} has less data than it says`);
    const data = length === 0 ? '0x' : slice(packed, start + HEADER_BYTES, next);
    calls.push({ target: target === zeroAddress ? account : target, value, data });
    start = next;
  }
  return calls;
}

function word(packed: Hex, start: number): bigint {
  return BigInt(slice(packed, start, start + 32));
}

/** A Safe's transaction that refunds gas, or limits it. */
export class RefundError extends MarginError {
  readonly code = 'RefundError';

  constructor(fields: readonly string[]) {
    super(
      `The transaction sets ${fields.join(', ')}: a refund pays tokens out of the account, and a gas limit lets it fail and yet use its nonce. Set them to 0.`,
    );
  }
}

/** A Safe's transaction that runs somebody else's code as the Safe. */
export class DelegateCallError extends MarginError {
  readonly code = 'DelegateCallError';

  constructor(to: Address, operation: number) {
    super(
      `The transaction is operation ${operation} on ${to}: code that runs as the Safe can do anything. Make a call (0), or a batch through Safe's MultiSendCallOnly.`,
    );
  }
}

/** A batch that cannot be read. */
export class BatchError extends MarginError {
  readonly code = 'BatchError';

  constructor(problem: string) {
    super(`The batch cannot be read: ${problem}. Encode it as Safe's MultiSendCallOnly reads it.`);
  }
}
