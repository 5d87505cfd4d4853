import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { Refusal } from '../errors.ts';
import { readMarket } from '../feeds/index.ts';
import { sortPortfolio } from '../portfolio/order.ts';
import type { AccountPortfolio, Snapshot } from '../report/snapshot.ts';
import { type AccountReader, type AccountsQuery, accountReader, discoverAccounts } from '../venues/index.ts';
import type { VenueHealth } from '../venues/venue.ts';

/** A snapshot read from the chain, with what each venue's own contracts say beside it. */
export interface ReadSnapshot extends Snapshot {
  /** By account in lower case. Not part of what is signed: it shows that the reading is exact. */
  readonly healths: ReadonlyMap<string, readonly VenueHealth[]>;
  readonly refused: readonly Refusal[];
}

/**
 * Reads the whole deployment at the pinned block: every account that holds something, and every one on the watch list. Who is
 * in it follows from the state at the block alone, and not from how far back a reader has seen logs. Who cannot be read for a
 * reason of their own is refused. Whether the accounts are read in full or by a reader with a memory changes nothing but the cost.
 */
export async function readSnapshot(
  chain: PinnedChain,
  deployment: Deployment,
  { read = accountReader(deployment) }: { readonly read?: AccountReader } = {},
): Promise<ReadSnapshot> {
  const accounts = await discoverAccounts(chain, deployment);
  const snapshot = await readWith(read, { chain, deployment, accounts });
  const watched = new Set(deployment.watch.map((account) => account.toLowerCase()));
  const isReported = ({ account, portfolio }: AccountPortfolio) =>
    portfolio.positions.length > 0 || watched.has(account.toLowerCase());
  return { ...snapshot, accounts: snapshot.accounts.filter(isReported) };
}

/** Reads the given accounts at the pinned block, whether or not a log names them: all of them, or the first one's error. */
export async function readSnapshotOf(chain: PinnedChain, query: AccountsQuery): Promise<ReadSnapshot> {
  const snapshot = await readEach(chain, query);
  const [first] = snapshot.refused;
  if (first !== undefined) throw first.error;
  return snapshot;
}

/**
 * Reads the given accounts at the pinned block; who cannot be read for a reason of their own is refused. The market comes first: where it
 * has no price nothing has, and no account needs to be asked.
 */
export function readEach(chain: PinnedChain, { deployment, accounts }: AccountsQuery): Promise<ReadSnapshot> {
  return readWith(accountReader(deployment), { chain, deployment, accounts });
}

async function readWith(
  read: AccountReader,
  { chain, deployment, accounts }: AccountsQuery & { readonly chain: PinnedChain },
): Promise<ReadSnapshot> {
  const market = await readMarket(chain, deployment);
  const { read: holdings, refused } = await read(chain, accounts);
  const { chainId, number, hash } = chain.block;
  return {
    blocks: [{ chainId, number, hash }],
    market,
    accounts: holdings.map(({ account, positions, silos }) => ({
      account,
      portfolio: sortPortfolio({ positions, silos }),
    })),
    refused,
    healths: new Map(holdings.map(({ account, healths }) => [account.toLowerCase(), healths])),
  };
}
