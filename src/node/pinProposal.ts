import { pin } from '../chain/pin.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import type { BlockRef } from '../report/snapshot.ts';
import { requireSameChains } from './pinSites.ts';
import type { Site } from './site.ts';

/** What a signer accepts from whoever proposes. */
export interface ProposalBounds {
  /** The longest life of what it signs, from the time of the oldest block. */
  readonly maxValidSeconds: number;
  /** How far a proposed block may lie behind the signer's own head of that chain. */
  readonly maxBlockAgeSeconds: number;
}

/** What every proposal names: which block of each chain, and until when what is signed holds. */
export interface BlockProposal {
  /** Unix seconds. */
  readonly validUntil: bigint;
  /** One of each chain that is read, sorted by chain id. */
  readonly blocks: readonly BlockRef[];
}

/**
 * The proposed blocks in the order of the sites, if the signer's own nodes have them and they are not old.
 *
 * @throws {ProposalTooOldError} {@link ProposalLifeError} {@link OtherChainsError}
 */
export async function pinProposal(
  proposal: BlockProposal,
  { sites, bounds }: { readonly sites: readonly Site[]; readonly bounds: ProposalBounds },
): Promise<readonly PinnedChain[]> {
  requireSameChains(proposal.blocks, sites);
  const pinned = await Promise.all(sites.map((site) => pinProposed(site, { proposal, bounds })));
  const asOf = Math.min(...pinned.map(({ block }) => block.timestamp));
  const validSeconds = Number(proposal.validUntil) - asOf;
  if (validSeconds <= 0 || validSeconds > bounds.maxValidSeconds) {
    throw new ProposalLifeError(validSeconds, bounds.maxValidSeconds);
  }
  return pinned;
}

async function pinProposed(
  { chain }: Site,
  { proposal, bounds }: { readonly proposal: BlockProposal; readonly bounds: ProposalBounds },
): Promise<PinnedChain> {
  const block = proposal.blocks.find(({ chainId }) => chainId === chain.chainId) as BlockRef;
  const pinned = await pin(chain, { hash: block.hash });
  const head = await pin(chain);
  const ageSeconds = head.block.timestamp - pinned.block.timestamp;
  if (ageSeconds > bounds.maxBlockAgeSeconds) throw new ProposalTooOldError(ageSeconds, bounds.maxBlockAgeSeconds);
  return pinned;
}

/** The proposed block lies too far behind the signer's own head. */
export class ProposalTooOldError extends MarginError {
  readonly code = 'ProposalTooOldError';

  constructor(ageSeconds: number, maxAgeSeconds: number) {
    super(
      `The proposed block is ${ageSeconds} s behind this signer's head, limit is ${maxAgeSeconds} s. Propose a newer block.`,
    );
  }
}

/** What is proposed would live too long, or not at all. */
export class ProposalLifeError extends MarginError {
  readonly code = 'ProposalLifeError';

  constructor(validSeconds: number, maxValidSeconds: number) {
    super(
      `What is proposed would be valid for ${validSeconds} s, this signer allows 1 to ${maxValidSeconds} s. Propose another validUntil.`,
    );
  }
}
