import type { Hash } from 'viem';
import { SourceError } from '../errors.ts';
import { type Chain, rpcError } from './connect.ts';
import type { BlockMark, PinnedBlock } from './pinnedChain.ts';

/** A block by number or by hash. */
export type BlockChoice = { readonly number: bigint } | { readonly hash: Hash };

/** A connection and the block that it is read at. */
export interface At {
  readonly chain: Chain;
  readonly block: PinnedBlock;
}

/**
 * A block of the canonical chain, the newest unless another is chosen.
 *
 * @throws {BlockGoneError} when there is no such block, or it is not canonical.
 */
export async function findBlock(chain: Chain, which?: BlockChoice): Promise<PinnedBlock> {
  const found = await fetchBlock(chain, which);
  if (found === null) throw new BlockGoneError({ block: nameOf(which), endpoint: chain.endpoint });
  const block = {
    chainId: chain.chainId,
    number: BigInt(found.number),
    hash: found.hash,
    timestamp: Number(found.timestamp),
  };
  if (which !== undefined && 'hash' in which) await requireCanonical({ chain, block });
  return block;
}

/**
 * Checks that the pinned block is still on the canonical chain.
 *
 * @throws {BlockGoneError} when it is not.
 */
export async function requireCanonical({ chain, block }: At): Promise<void> {
  const now = await fetchBlock(chain, { number: block.number });
  if (now?.hash !== block.hash) throw new BlockGoneError({ block: block.hash, endpoint: chain.endpoint });
}

/**
 * Whether a block is on the chain that the pinned block is on.
 *
 * @throws {BlockGoneError} when the pinned block is not canonical any more.
 */
export async function isCanonical(at: At, { number, hash }: BlockMark): Promise<boolean> {
  const found = await fetchBlock(at.chain, { number: BigInt(number) });
  await requireCanonical(at);
  return found?.hash === hash;
}

interface RpcBlock {
  readonly number: Hash;
  readonly hash: Hash;
  readonly timestamp: Hash;
}

async function fetchBlock(chain: Chain, which: BlockChoice | undefined): Promise<RpcBlock | null> {
  const byHash = which !== undefined && 'hash' in which;
  const method = byHash ? 'eth_getBlockByHash' : 'eth_getBlockByNumber';
  const name = byHash ? which.hash : which === undefined ? 'latest' : `0x${which.number.toString(16)}`;
  type Request = Parameters<typeof chain.client.request>[0];
  try {
    return (await chain.client.request({ method, params: [name, false] } as Request)) as RpcBlock | null;
  } catch (error) {
    throw rpcError(chain, { what: method, error });
  }
}

function nameOf(which: BlockChoice | undefined): string {
  if (which === undefined) return 'latest';
  return 'hash' in which ? which.hash : String(which.number);
}

/** A block that is not, or no longer, on the canonical chain. */
export class BlockGoneError extends SourceError {
  readonly code = 'BlockGoneError';
  /** Its hash, or its number where none was known. */
  readonly block: string;

  constructor(fields: { readonly block: string; readonly endpoint: string }) {
    super(
      `Block ${fields.block} is not on the canonical chain of the node at ${fields.endpoint}: it was reorganised away, or the node does not have it yet. Pin a newer block and read again.`,
    );
    this.block = fields.block;
  }
}
