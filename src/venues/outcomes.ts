import type { Address } from 'viem';
import { LogDecodeError } from '../chain/logs.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError, SourceError } from '../errors.ts';
import type { Venue, VenuePositions } from './venue.ts';

/** What one account holds at one venue, or the final error for which that cannot be said. */
export type VenueOutcome = VenuePositions | MarginError;

/**
 * What each account holds at one venue, in the order asked: all together, and in halves where that fails, until the accounts that
 * make it fail stand alone.
 *
 * @throws {SourceError} when the node, the block or a source fails: that is nobody's own.
 */
export async function readVenue(
  chain: PinnedChain,
  { venue, accounts }: { readonly venue: Venue; readonly accounts: readonly Address[] },
): Promise<readonly VenueOutcome[]> {
  if (accounts.length === 0) return [];
  try {
    const raws = await venue.read(chain, accounts);
    return raws.map((raw) => positionsOf(venue, raw));
  } catch (error) {
    const final = requireFinal(error);
    if (accounts.length === 1) return [final];
    const middle = Math.ceil(accounts.length / 2);
    const first = await readVenue(chain, { venue, accounts: accounts.slice(0, middle) });
    return [...first, ...(await readVenue(chain, { venue, accounts: accounts.slice(middle) }))];
  }
}

function positionsOf(venue: Venue, raw: unknown): VenueOutcome {
  try {
    return venue.toPositions(raw);
  } catch (error) {
    return requireFinal(error);
  }
}

/** An error that the account has of its own. Everything else is thrown on. */
function requireFinal(error: unknown): MarginError {
  if (error instanceof MarginError && !(error instanceof SourceError) && !(error instanceof LogDecodeError))
    return error;
  throw error;
}
