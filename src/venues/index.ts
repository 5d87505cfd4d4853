import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError, type Refusal } from '../errors.ts';
import { aaveV3 } from './aaveV3.ts';
import { compoundV2 } from './compoundV2.ts';
import { sortAccounts } from './holders.ts';
import { lyra } from './lyra.ts';
import { morphoBlue } from './morphoBlue.ts';
import { readVenue, type VenueOutcome } from './outcomes.ts';
import { perpV2 } from './perpV2.ts';
import { tokenBook } from './tokens.ts';
import { uniswapV3 } from './uniswapV3.ts';
import type { Venue, VenuePositions } from './venue.ts';
import { wallet } from './wallet.ts';

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
    ...(venues.uniswapV3 === undefined ? [] : [uniswapV3({ ...venues.uniswapV3, ...shared })]),
    ...(venues.wallet === undefined ? [] : [wallet({ ...venues.wallet, book: shared.book, venues })]),
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

/** The accounts that were read to the last leg, and those that could not be. */
export interface AccountOutcomes {
  readonly read: readonly AccountPositions[];
  readonly refused: readonly Refusal[];
}

/**
 * Everything that each account holds at every venue at the pinned block, in the order asked. An account is read completely or
 * refused by name: for a token that is not known, a figure that the venue contradicts, a contract that does not answer for it.
 *
 * @throws {SourceError} when the node, the block or a source fails.
 */
export async function readEachAccount(
  chain: PinnedChain,
  { deployment, accounts }: AccountsQuery,
): Promise<AccountOutcomes> {
  const byVenue = await Promise.all(createVenues(deployment).map((venue) => readVenue(chain, { venue, accounts })));
  const read: AccountPositions[] = [];
  const refused: Refusal[] = [];
  for (const [i, account] of accounts.entries()) {
    const outcomes = byVenue.map((venue) => venue[i] as VenueOutcome);
    const error = outcomes.find((outcome) => outcome instanceof MarginError);
    if (error === undefined) read.push({ account, ...merge(outcomes as readonly VenuePositions[]) });
    else refused.push({ account, error });
  }
  return { read, refused };
}

/** As {@link readEachAccount}, all of it or an error: that of the first account which cannot be read. */
export async function readAccounts(chain: PinnedChain, query: AccountsQuery): Promise<readonly AccountPositions[]> {
  const { read, refused } = await readEachAccount(chain, query);
  const [first] = refused;
  if (first !== undefined) throw first.error;
  return read;
}

function merge(parts: readonly VenuePositions[]): VenuePositions {
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}
