import type { Address } from 'viem';
import { MarginError, type Refusal } from '../errors.ts';
import { readMarket } from '../feeds/index.ts';
import type { AccountPortfolio, Snapshot } from '../report/snapshot.ts';
import { discoverHeld, readHeldAccounts } from '../venues/custody.ts';
import { sortAccounts } from '../venues/holders.ts';
import { type AccountReaderQuery, accountReader, discoverAccounts } from '../venues/index.ts';
import type { IgnoredAsset } from '../venues/setAside.ts';
import type { VenueHealth } from '../venues/venue.ts';
import { WALLET } from '../venues/wallet.ts';
import { combine, nameOf, type SitePart } from './combine.ts';
import type { PinnedSite, PinnedSites } from './site.ts';

/** A snapshot read from the chains, with what each venue's own contracts say beside it. */
export interface ReadSnapshot extends Snapshot {
  /** By account in lower case. Not part of what is signed: it shows that the reading is exact. */
  readonly healths: ReadonlyMap<string, readonly VenueHealth[]>;
  readonly refused: readonly Refusal[];
  /** What counts for nothing, by account in lower case: assets of accounts that the guard holds. */
  readonly ignored: ReadonlyMap<string, readonly IgnoredAsset[]>;
}

/**
 * Reads all deployments at their pinned blocks: every account that holds something at a protocol on any of the chains, every one on a watch
 * list, and every one that the first chain's guard ever held. Who is in it follows from the state at the blocks alone, and not from how far back
 * a reader has seen logs; a wallet, which everybody has, puts nobody in. Who cannot be read for a reason of their own is refused; a chain that
 * does not answer fails the whole. Whether the accounts are read in full or by a reader with a memory changes nothing but the cost.
 */
export async function readSnapshot(sites: PinnedSites): Promise<ReadSnapshot> {
  const [{ chain: own, deployment: first }] = sites;
  const [held, ...found] = await Promise.all([
    discoverHeld(own, first),
    ...sites.map(({ chain, deployment }) => discoverAccounts(chain, deployment)),
  ]);
  const snapshot = await readEach(sites, sortAccounts([...held, ...found.flat()]));
  const listed = [...held, ...sites.flatMap(({ deployment }) => deployment.watch)];
  const watched = new Set(listed.map((account) => account.toLowerCase()));
  const isReported = ({ account, portfolio }: AccountPortfolio) =>
    portfolio.positions.some(({ venue }) => nameOf(venue) !== WALLET) || watched.has(account.toLowerCase());
  return { ...snapshot, accounts: snapshot.accounts.filter(isReported) };
}

/** Reads the given accounts at the pinned blocks, whether or not a log names them: all of them, or the first one's error. */
export async function readSnapshotOf(sites: PinnedSites, accounts: readonly Address[]): Promise<ReadSnapshot> {
  const snapshot = await readEach(sites, accounts);
  const [first] = snapshot.refused;
  if (first !== undefined) throw first.error;
  return snapshot;
}

/**
 * Reads the given accounts at the pinned blocks; who cannot be read for a reason of their own is refused. Whom the guard of the oracle's
 * chain holds is held on all of them: what a stranger gives to its address on another chain refuses it no more than what he gives it there.
 */
export async function readEach(sites: PinnedSites, accounts: readonly Address[]): Promise<ReadSnapshot> {
  requireAllChains(sites);
  const [first, ...others] = sites;
  const held = await readHeldAccounts(first.chain, { deployment: first.deployment, accounts });
  const query = { accounts, held };
  const parts = await Promise.all([readSite(first, query), ...others.map((site) => readSite(site, query))]);
  return combine(parts as [SitePart, ...SitePart[]]);
}

/** The market comes first: where it has no price nothing has, and no account needs to be asked. */
async function readSite(
  { chain, deployment, read = accountReader(deployment) }: PinnedSite,
  query: AccountReaderQuery,
): Promise<SitePart> {
  const market = await readMarket(chain, deployment);
  const outcomes = await read(chain, query);
  const { block } = chain;
  return { chainId: block.chainId, assets: deployment.assets, block, market, outcomes };
}

/** A part of the chains is a part of the portfolio. */
function requireAllChains([first, ...others]: PinnedSites): void {
  const { chainId, marginOracle, otherChains = [] } = first.deployment;
  if (marginOracle === undefined) return;
  const chains = [chainId, ...otherChains.map((other) => other.chainId)];
  const read = [first, ...others].map(({ chain }) => chain.block.chainId);
  const isSame = chains.length === read.length && chains.every((id) => read.includes(id));
  if (!isSame) throw new PartialChainsError(chains, read);
}

/** Not the chains that the oracle's margins are of: the portfolio would be another one. */
export class PartialChainsError extends MarginError {
  readonly code = 'PartialChainsError';
  readonly chains: readonly number[];
  readonly read: readonly number[];

  constructor(chains: readonly number[], read: readonly number[]) {
    super(
      `The margins of this oracle are of the chains ${chains.join(', ')}, and ${read.join(', ')} would be read: never a part of a portfolio. Give an RPC URL of each (--rpc, once for each chain).`,
    );
    this.chains = chains;
    this.read = read;
  }
}
