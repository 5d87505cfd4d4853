import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { aaveV3 } from './aaveV3.ts';
import { compoundV2 } from './compoundV2.ts';
import { sortAccounts } from './holders.ts';
import { lyra } from './lyra.ts';
import { morphoBlue } from './morphoBlue.ts';
import { perpV2 } from './perpV2.ts';
import { tokenBook } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

/**
 * The venues of a deployment. A new protocol is one file and one line here.
 *
 * @throws {DuplicateTokenError} when two assets of the deployment claim one token.
 */
export function createVenues({ venues, fromBlock, assets }: Deployment): readonly Venue[] {
  const shared = { fromBlock, book: tokenBook(assets) };
  return [
    ...(venues.aaveV3 === undefined ? [] : [aaveV3({ ...venues.aaveV3, ...shared })]),
    ...Object.entries(venues.compoundV2 ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, config]) => compoundV2({ name, ...config, ...shared })),
    ...(venues.lyra === undefined ? [] : [lyra({ ...venues.lyra, ...shared })]),
    ...(venues.morphoBlue === undefined ? [] : [morphoBlue({ ...venues.morphoBlue, ...shared })]),
    ...(venues.perpV2 === undefined ? [] : [perpV2({ ...venues.perpV2, ...shared })]),
  ] as readonly Venue[];
}

/** Everyone who may hold something at the pinned block, and everyone on the watch list: unique, by lower-case address. */
export async function discoverAccounts(chain: PinnedChain, deployment: Deployment): Promise<readonly Address[]> {
  const found = await Promise.all(createVenues(deployment).map((venue) => venue.discover(chain)));
  return sortAccounts([...found.flat(), ...deployment.watch]);
}

/** What to read: the deployment's venues, for these accounts. */
export interface AccountsQuery {
  readonly deployment: Deployment;
  readonly accounts: readonly Address[];
}

/** One account and everything that it holds. */
export interface AccountPositions extends VenuePositions {
  readonly account: Address;
}

/**
 * Everything that each account holds at every venue at the pinned block, in the order asked. All of it, or an error:
 * a venue that cannot be read, a token that is not known, a figure that the venue contradicts.
 */
export async function readAccounts(
  chain: PinnedChain,
  { deployment, accounts }: AccountsQuery,
): Promise<readonly AccountPositions[]> {
  const byVenue = await Promise.all(
    createVenues(deployment).map(async (venue) => {
      const raws = await venue.read(chain, accounts);
      return raws.map((raw) => venue.toPositions(raw));
    }),
  );
  return accounts.map((account, i) => ({ account, ...merge(byVenue.map((venue) => venue[i] as VenuePositions)) }));
}

function merge(parts: readonly VenuePositions[]): VenuePositions {
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}
