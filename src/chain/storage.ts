import type { Hex } from 'viem';
import { MarginError } from '../errors.ts';
import { type At, requireCanonical } from './block.ts';
import { rpcError } from './connect.ts';
import { despiteLag } from './lag.ts';
import type { StorageRead } from './pinnedChain.ts';

/** How many words are asked for at a time: each is a request of its own. */
const MAX_AT_ONCE = 20;

/**
 * Words of storage at the pinned block, in order; one that is asked twice is read once.
 *
 * @throws {BlockGoneError} when the pinned block is not canonical any more.
 * @throws {RpcError} when the node does not answer.
 */
export async function readStorage(at: At, words: readonly StorageRead[]): Promise<readonly Hex[]> {
  const unique = [...new Map(words.map((word) => [keyOf(word), word])).values()];
  const found = new Map<string, Hex>();
  for (let start = 0; start < unique.length; start += MAX_AT_ONCE) {
    const part = unique.slice(start, start + MAX_AT_ONCE);
    const values = await Promise.all(part.map((word) => readWord(at, word)));
    part.forEach((word, i) => {
      found.set(keyOf(word), values[i] as Hex);
    });
  }
  return words.map((word) => found.get(keyOf(word)) as Hex);
}

async function readWord(at: At, { address, slot }: StorageRead): Promise<Hex> {
  const block = { blockHash: at.block.hash, requireCanonical: true };
  try {
    const request = { method: 'eth_getStorageAt', params: [address, slot, block] };
    return await despiteLag(at, () => at.chain.client.request(request as never) as Promise<Hex>);
  } catch (error) {
    if (error instanceof MarginError) throw error;
    await requireCanonical(at);
    throw rpcError(at.chain, { what: 'eth_getStorageAt', error });
  }
}

function keyOf({ address, slot }: StorageRead): string {
  return `${address.toLowerCase()} ${slot}`;
}
