import type { Chain } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AccountReader } from '../venues/index.ts';

/** One chain that is read: where to ask, and where things live on it. */
export interface Site {
  readonly chain: Chain;
  readonly deployment: Deployment;
}

/** A site at one block. */
export interface PinnedSite {
  readonly chain: PinnedChain;
  readonly deployment: Deployment;
  /** How its accounts are read. Absent: in full. */
  readonly read?: AccountReader;
}

/** Every chain of a portfolio: first the one where margins are posted, whose names stand as they are; then the others by chain id. */
export type PinnedSites = readonly [PinnedSite, ...PinnedSite[]];

/** The sites other than the first, in the order that everybody puts them. */
export function sortSites<S extends { readonly deployment: Pick<Deployment, 'chainId'> }>(
  sites: readonly S[],
): readonly S[] {
  return [...sites].sort((a, b) => a.deployment.chainId - b.deployment.chainId);
}
