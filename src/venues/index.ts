import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError, type Refusal } from '../errors.ts';
import { applyCustody, readHeldAccounts } from './custody.ts';
import { sortAccounts } from './holders.ts';
import { KINDS } from './kinds.ts';
import { readVenue, type VenueOutcome, type VenueQuery, type VenueReader } from './outcomes.ts';
import { ignoredOf } from './setAside.ts';
import { readSubgraph } from './subgraph.ts';
import { tokenBook } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

/**
 * The venues of a deployment, in the order of their kinds.
 *
 * @throws {DuplicateTokenError} when two assets of the deployment claim one token; {@link OpenMarketsError}.
 */
export function createVenues(deployment: Deployment): readonly Venue[] {
  requireListedMarkets(deployment);
  const { chainId, fromBlock, venues, assets } = deployment;
  const surroundings = { chainId, fromBlock, book: tokenBook(assets), venues };
  return KINDS.flatMap(({ kind, create }) => {
    const config = venues[kind];
    return config === undefined ? [] : create(config as never, surroundings);
  }) as readonly Venue[];
}

/**
 * What is lent against pledged equity must not be counted in markets that anybody makes: he would lend to a market of his own in an account's name, and empty it.
 *
 * @throws {OpenMarketsError} for a deployment with custody that counts such markets.
 */
function requireListedMarkets({ custody, venues }: Pick<Deployment, 'custody' | 'venues'>): void {
  if (custody === undefined) return;
  const { morphoBlue, eulerV2, panoptic } = venues;
  if (morphoBlue !== undefined && morphoBlue.markets === undefined) {
    throw new OpenMarketsError('morphoBlue', 'List the markets that count under venues.morphoBlue.markets.');
  }
  if (eulerV2?.factory !== undefined) {
    throw new OpenMarketsError(
      'eulerV2',
      'List the vaults that count under venues.eulerV2.vaults, in place of the factory.',
    );
  }
  if (panoptic !== undefined) throw new OpenMarketsError('panoptic', 'Leave it out: its pools cannot be listed yet.');
}

/** Everyone who may hold something at the pinned block, and everyone on the watch list: unique, by lower-case address. */
export async function discoverAccounts(chain: PinnedChain, deployment: Deployment): Promise<readonly Address[]> {
  const { subgraphs = {} } = deployment;
  const found = await Promise.all(
    createVenues(deployment).map((venue) => {
      const subgraph = subgraphs[venue.name];
      return subgraph === undefined ? venue.discover(chain) : readSubgraph(subgraph, chain.block);
    }),
  );
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

/** Whom to read, and who of them is held. */
export interface AccountReaderQuery {
  readonly accounts: readonly Address[];
  /** Those that the guard on the oracle's chain holds, in lower case: see `readHeldAccounts`. */
  readonly held: ReadonlySet<string>;
}

/** Everything that each account holds at every venue of a deployment, at the pinned block and in the order asked. */
export type AccountReader = (chain: PinnedChain, query: AccountReaderQuery) => Promise<AccountOutcomes>;

/**
 * Reads a deployment again and again: in full each time, or as the given reader of a venue does. An account is read completely or
 * refused by name: for a token that is not known, a figure that the venue contradicts, a contract that does not answer for it. One that
 * a guard holds is not refused for an asset that anybody may have put there: that counts for nothing (decision 5). The reader throws a
 * SourceError when the node, the block or a source fails.
 */
export function accountReader(deployment: Deployment, read: VenueReader = readVenue): AccountReader {
  const venues = createVenues(deployment);
  return async (chain, { accounts, held }) => {
    const byVenue = await Promise.all(
      venues.map(async (venue) => {
        const outcomes = await read(chain, { venue, accounts });
        return readHeldAgain(chain, { venue, accounts, outcomes, held });
      }),
    );
    const { read: found, refused } = gather(accounts, byVenue);
    return { read: applyCustody(found, held), refused };
  };
}

interface HeldQuery extends VenueQuery, AccountReaderQuery {
  readonly outcomes: readonly VenueOutcome[];
}

/** Who is refused at a venue though the guard holds it is read once more there, in full, with what can only be an asset set aside. */
async function readHeldAgain(
  chain: PinnedChain,
  { venue, accounts, outcomes, held }: HeldQuery,
): Promise<readonly VenueOutcome[]> {
  const isAgain = accounts.map((account, i) => outcomes[i] instanceof MarginError && held.has(account.toLowerCase()));
  const again = accounts.filter((_, i) => isAgain[i]);
  const found = (await readVenue(chain, { venue, accounts: again, isHeld: true })).values();
  return outcomes.map((outcome, i) => (isAgain[i] ? (found.next().value as VenueOutcome) : outcome));
}

function gather(accounts: readonly Address[], byVenue: readonly (readonly VenueOutcome[])[]): AccountOutcomes {
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

/** What the deployment's venues say of each account, in full. @throws {SourceError} when the node, the block or a source fails. */
export async function readEachAccount(
  chain: PinnedChain,
  { deployment, accounts }: AccountsQuery,
): Promise<AccountOutcomes> {
  const held = await readHeldAccounts(chain, { deployment, accounts });
  return accountReader(deployment)(chain, { accounts, held });
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
    ...ignoredOf(parts),
  };
}

/** A deployment whose accounts are lent to counts a venue's markets whoever made them. */
export class OpenMarketsError extends MarginError {
  readonly code = 'OpenMarketsError';
  readonly venue: string;

  constructor(venue: string, remedy: string) {
    super(
      `Anybody makes markets at ${venue}, and a deployment with custody must not count what lies in them unseen. ${remedy}`,
    );
    this.venue = venue;
  }
}
