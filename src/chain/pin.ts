import { type BlockChoice, findBlock, isCanonical } from './block.ts';
import { readCoins } from './coins.ts';
import type { Chain } from './connect.ts';
import { readHistory } from './history.ts';
import { readLogs } from './logs.ts';
import type { PinnedChain } from './pinnedChain.ts';
import { readCalls, readEachCall, readEachCallFrom, readLens, readSequence } from './read.ts';
import { readStorage } from './storage.ts';

/**
 * Pins a chain at one block, the newest unless another is chosen. Every read names the block by its hash (EIP-1898).
 *
 * @throws {BlockGoneError} when there is no such block on the canonical chain; later, when it vanished before a read.
 * @throws {RpcError} when the node does not answer.
 */
export async function pin(chain: Chain, which?: BlockChoice): Promise<PinnedChain> {
  const block = await findBlock(chain, which);
  const at = { chain, block };
  return {
    block,
    read: (calls) => readCalls(at, calls),
    readEach: (calls) => readEachCall(at, calls),
    readEachFrom: (calls) => readEachCallFrom(at, calls),
    sequence: (calls) => readSequence(at, calls),
    storage: (words) => readStorage(at, words),
    lens: (call) => readLens(at, call),
    coins: (account) => readCoins(at, account),
    logs: (query) => readLogs(at, query),
    history: (query) => readHistory(at, query),
    isCanonical: (mark) => isCanonical(at, mark),
  };
}
