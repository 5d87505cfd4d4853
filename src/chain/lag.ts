import { BaseError, RpcRequestError } from 'viem';
import { type At, requireCanonical } from './block.ts';
import { wait } from './patience.ts';

/** Waits for a machine behind the node's address that has not seen the block yet. */
const LAG_WAITS_MS = [100, 200, 400, 800];

/**
 * Runs a request at the pinned block. A node may be several machines, of which one does not have the block that another has
 * named: while the node lists the block as canonical and yet does not know it, the request is made again, a few times.
 *
 * @throws {BlockGoneError} when the block is not canonical any more.
 */
export async function despiteLag<T>(at: At, request: () => Promise<T>): Promise<T> {
  for (const waitMs of LAG_WAITS_MS) {
    try {
      return await request();
    } catch (error) {
      if (!saysUnknownBlock(error)) throw error;
      await requireCanonical(at);
      await wait(waitMs);
    }
  }
  return request();
}

/** True where the node's words are that it has no such block. */
export function saysUnknownBlock(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const answer = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null;
  return answer !== null && UNKNOWN_BLOCK_WORDS.test(answer.details);
}

const UNKNOWN_BLOCK_WORDS =
  /unknown block|header (for hash )?not found|(block|blockhash)\b.*\b(not|cannot be|could not be) found|cannot find block|beyond (the )?current head|invalid block (tag|range)/i;
