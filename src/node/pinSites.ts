import { pin } from '../chain/pin.ts';
import { MarginError } from '../errors.ts';
import type { BlockRef } from '../report/snapshot.ts';
import { type PinnedSites, type Site, sortSites } from './site.ts';

/** The oracle's chain first, then the others. */
export type Sites = readonly [Site, ...Site[]];

/**
 * Every chain at the block that is named for it, or each at its newest.
 *
 * @throws {OtherChainsError} when blocks of other chains are named.
 */
export async function pinSites([first, ...others]: Sites, blocks?: readonly BlockRef[]): Promise<PinnedSites> {
  const sites = [first, ...sortSites(others)];
  if (blocks !== undefined) requireSameChains(blocks, sites);
  const pinned = sites.map(async ({ chain, deployment }) => {
    const block = blocks?.find(({ chainId }) => chainId === chain.chainId);
    return { chain: await pin(chain, block && { hash: block.hash }), deployment };
  });
  return (await Promise.all(pinned)) as unknown as PinnedSites;
}

/** A portfolio is of all chains that are read, or it is none. @throws {OtherChainsError} when it is not. */
export function requireSameChains(blocks: readonly BlockRef[], sites: readonly Site[]): void {
  const named = blocks.map(({ chainId }) => chainId);
  const read = sites.map(({ chain }) => chain.chainId);
  const isSame = named.length === read.length && read.every((chainId) => named.includes(chainId));
  if (!isSame) throw new OtherChainsError(named, read);
}

/** Blocks are named of other chains than are read. */
export class OtherChainsError extends MarginError {
  readonly code = 'OtherChainsError';

  constructor(named: readonly number[], read: readonly number[]) {
    super(
      `Blocks of the chains ${named.join(', ')} are named, the chains ${read.join(', ')} are read. Give every signer, the poster and whoever verifies the URLs of the same chains.`,
    );
  }
}
