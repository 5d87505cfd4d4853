import type { Address } from 'viem';
import { LogDecodeError } from '../chain/logs.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError, SourceError } from '../errors.ts';
import { type IgnoredAsset, refuseAsset, type SetAside } from './setAside.ts';
import type { Venue, VenuePositions } from './venue.ts';

/** What one account holds at one venue, or the final error for which that cannot be said. */
export type VenueOutcome = VenuePositions | MarginError;

/** A venue and who is asked for there. */
export interface VenueQuery<Raw = unknown> {
  readonly venue: Venue<Raw>;
  readonly accounts: readonly Address[];
  /** A guard holds all of them: an asset that cannot be counted is set aside. Absent: it refuses who has it. */
  readonly isHeld?: boolean;
}

/** What each account holds at one venue, in the order asked. */
export type VenueReader = (chain: PinnedChain, query: VenueQuery) => Promise<readonly VenueOutcome[]>;

/** Every account in full. @throws {SourceError} when the node, the block or a source fails: that is nobody's own. */
export const readVenue: VenueReader = async (chain, query) => {
  const raws = await readRaws(chain, query);
  return raws.map((raw) => outcomeOf(query.venue, raw, query.isHeld));
};

/**
 * The raw state of each account at one venue, in the order asked, or the final error for which there is none: all together, and in
 * halves where that fails, until the accounts that make it fail stand alone.
 *
 * @throws {SourceError} when the node, the block or a source fails: that is nobody's own.
 */
export async function readRaws<Raw>(
  chain: PinnedChain,
  { venue, accounts, isHeld = false }: VenueQuery<Raw>,
): Promise<readonly (Raw | MarginError)[]> {
  if (accounts.length === 0) return [];
  try {
    return await venue.read(chain, accounts, isHeld);
  } catch (error) {
    const final = requireFinal(error);
    if (accounts.length === 1) return [final];
    const middle = Math.ceil(accounts.length / 2);
    const first = await readRaws(chain, { venue, isHeld, accounts: accounts.slice(0, middle) });
    return [...first, ...(await readRaws(chain, { venue, isHeld, accounts: accounts.slice(middle) }))];
  }
}

/** The legs of a raw state, or the final error for which it has none. */
export function outcomeOf<Raw>(venue: Venue<Raw>, raw: Raw | MarginError, isHeld = false): VenueOutcome {
  if (raw instanceof MarginError) return raw;
  const ignored: IgnoredAsset[] = [];
  const note: SetAside = (what, error) => ignored.push({ venue: venue.name, what, error });
  try {
    const positions = venue.toPositions(raw, isHeld ? note : refuseAsset);
    return ignored.length === 0 ? positions : { ...positions, ignored };
  } catch (error) {
    return requireFinal(error);
  }
}

/** An error that the account has of its own. Everything else is thrown on. */
export function requireFinal(error: unknown): MarginError {
  if (error instanceof MarginError && !(error instanceof SourceError) && !(error instanceof LogDecodeError))
    return error;
  throw error;
}
