import type { Abi, Account, Address, Hash, Transport, Chain as ViemChain, WalletClient } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import { MarginError } from '../errors.ts';
import { revertOf } from './revert.ts';

/** Whoever pays the gas, and the node that takes it. */
export interface Sender {
  readonly chain: Chain;
  readonly wallet: WalletClient<Transport, ViemChain | undefined, Account>;
}

/** A call of one of our contracts. */
export interface SentCall {
  /** Its name, for errors. */
  readonly contract: string;
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

const POLLING_INTERVAL_MS = 100;

/**
 * Simulates first, so that a refusal costs no gas and comes with its custom error; then sends, and waits.
 *
 * @throws {PostRefusedError} when the contract refuses.
 */
export function sendCall({ chain, wallet }: Sender, { contract, ...call }: SentCall): Promise<Hash> {
  const request = { ...call, account: wallet.account };
  return askContract({ chain, contract }, async () => {
    await chain.client.simulateContract(request as never);
    const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as never);
    const receipt = await chain.client.waitForTransactionReceipt({ hash, pollingInterval: POLLING_INTERVAL_MS });
    if (receipt.status === 'success') return hash;
    throw new PostRefusedError({ contract, reason: `transaction ${hash} reverted` });
  });
}

/** Turns what a call throws into our own errors: the contract refused, or the node did not answer. */
export async function askContract<T>(
  { chain, contract }: { readonly chain: Chain; readonly contract: string },
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof MarginError) throw error;
    const revert = revertOf(error);
    if (revert === undefined) throw rpcError(chain, { what: `a call of ${contract}`, error });
    throw new PostRefusedError({ contract, reason: `${revert.errorName}(${revert.args.join(', ')})`, cause: error });
  }
}

/** One of our contracts refused a call; the reason is the contract's own error with its values. */
export class PostRefusedError extends MarginError {
  readonly code = 'PostRefusedError';
  /** The contract's custom error with its arguments. */
  readonly reason: string;

  constructor(fields: { readonly contract: string; readonly reason: string; readonly cause?: unknown }) {
    super(`${fields.contract} refused: ${fields.reason}. See docs/errors.md for what it means.`, {
      cause: fields.cause,
    });
    this.reason = fields.reason;
  }
}
