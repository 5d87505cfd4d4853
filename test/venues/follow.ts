import { expect } from 'vitest';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { MarginError } from '../../src/errors.ts';
import { incrementalReader } from '../../src/venues/incremental.ts';
import { readVenue, type VenueOutcome } from '../../src/venues/outcomes.ts';
import type { Venue } from '../../src/venues/venue.ts';

/** How many accounts were asked for, by how they were read. */
export interface Followed {
  /** Accounts at all blocks. */
  seen: number;
  /** Of those, read in full. */
  read: number;
}

/** A reader with a memory beside the same venue read in full: each call compares all accounts at one block, to the wei. */
export interface Follower extends Followed {
  compare(chain: PinnedChain): Promise<void>;
}

/** Starts with no memory. Every fourth reading, unless told otherwise, proves itself too; the others are compared here alone. */
export function follow<Raw>(venue: Venue<Raw>, fullEvery = 4): Follower {
  const read = incrementalReader({ fullEvery });
  let readings = 0;
  const follower: Follower = { seen: 0, read: 0, compare };
  const asked = new Set<string>();
  const counted = {
    ...venue,
    read: (chain, accounts) => {
      for (const account of accounts) asked.add(account);
      return venue.read(chain, accounts);
    },
  } as Venue;
  async function compare(chain: PinnedChain): Promise<void> {
    readings += 1;
    const accounts = await venue.discover(chain);
    asked.clear();
    const carried = await read(chain, { venue: counted, accounts });
    follower.seen += readings % fullEvery === 0 ? 0 : accounts.length;
    follower.read += readings % fullEvery === 0 ? 0 : asked.size;
    const full = await readVenue(chain, { venue: venue as Venue, accounts });
    expect(full.length).toBeGreaterThan(0);
    for (const [i, account] of accounts.entries()) {
      expect(signedOf(carried[i]), `${account} at block ${chain.block.number}`).toEqual(signedOf(full[i]));
    }
  }
  return follower;
}

/** What is signed of an outcome, and our own figure beside it. */
function signedOf(outcome: VenueOutcome | undefined) {
  if (outcome instanceof MarginError) return outcome.code;
  const computed = outcome?.healths.map(({ silo, healthComputedWad }) => ({ silo, healthComputedWad }));
  return { positions: outcome?.positions, silos: outcome?.silos, computed };
}
