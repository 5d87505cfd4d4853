import { resume } from '../chain/resume.ts';
import { type BlockProposal, type ProposalBounds, pinProposal } from '../node/pinProposal.ts';
import type { SignerSite } from '../node/signer.ts';
import { type PinnedSite, type PinnedSites, sortSites } from '../node/site.ts';

/** A signer's chains and bounds. */
export interface OpenOptions extends SignerSite {
  readonly others?: readonly SignerSite[];
  readonly bounds: ProposalBounds;
}

/** The proposed blocks through the signer's own connections, with what it knows of each chain's history. */
export async function openSites(
  proposal: BlockProposal,
  { others = [], bounds, ...first }: OpenOptions,
): Promise<PinnedSites> {
  const sites = [first, ...sortSites(others)];
  const pinned = await pinProposal(proposal, { sites, bounds });
  const opened = sites.map(async ({ deployment, cursor }, i): Promise<PinnedSite> => {
    const resumed = await resume(pinned[i] as (typeof pinned)[number], await cursor?.load());
    return { chain: resumed.chain, deployment };
  });
  return (await Promise.all(opened)) as unknown as PinnedSites;
}
