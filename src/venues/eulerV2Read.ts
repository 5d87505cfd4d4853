import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import {
  type EulerBalances,
  type EulerOwner,
  readEulerBalances,
  readEulerDebts,
  readEulerOwners,
} from './eulerV2Accounts.ts';
import { type EulerSource, lower, readEulerHistory, readVaultList } from './eulerV2History.ts';
import {
  type EulerKnown,
  type EulerOpinion,
  type ForeignShares,
  readForeign,
  readOpinions,
  readOwnAssets,
} from './eulerV2Opinion.ts';
import {
  type EulerTermsByVault,
  type EulerVaults,
  nestingOf,
  readEulerTerms,
  readEulerVaults,
  uniqueOf,
} from './eulerV2Vaults.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** One account with everything that is its own. */
export interface EulerAccount extends EulerBalances {
  /**
   * What the vaults say its shares are worth, in the order of `held`, nested vaults level by level; null where the account was carried
   * from an earlier block.
   */
  readonly ownAssets: readonly (readonly bigint[])[] | null;
  readonly foreign: readonly ForeignShares[];
  /** Undefined where nothing is owed. */
  readonly opinion: EulerOpinion | undefined;
}

/** An asked account and everything that is reported under it, with what everybody shares. */
export interface EulerRaw extends EulerOwner {
  readonly evc: Address;
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  /** In the order of `members`: by their id. */
  readonly accounts: readonly EulerAccount[];
  readonly vaults: EulerVaults;
  readonly terms: EulerTermsByVault;
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  /** The tokens that the wallet counts too: of the account itself, never of others that it owns. */
  readonly walletTokens: TokenBook;
}

/** The raw state of each account, in the order asked. */
export async function readEulerAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: EulerSource; readonly accounts: readonly Address[] },
): Promise<readonly EulerRaw[]> {
  if (accounts.length === 0) return [];
  const vaults = await readVaultList(chain, source);
  const listed = new Set(vaults.map(lower));
  const history = await readEulerHistory(chain, { source, vaults });
  const owners = await readEulerOwners(chain, { source, accounts, history });
  const members = owners.flatMap((owner) => owner.members);
  const balances = await readEulerBalances(chain, { source, accounts: members, history, listed });
  const raws = await complete(chain, { source, owners, balances, listed, isCarried: false });
  const rawOf = new Map(raws.map((raw) => [lower(raw.account), raw]));
  return accounts.map((account) => rawOf.get(lower(account)) as EulerRaw);
}

/** The same of accounts that nothing touched: their shares as they were, what they owe and all that vaults share as it is now. */
export async function carryEulerAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: EulerSource; readonly raws: readonly EulerRaw[] },
): Promise<readonly EulerRaw[]> {
  const listed = new Set((await readVaultList(chain, source)).map(lower));
  const holders = raws.flatMap(({ accounts }) => accounts);
  const balances = await readEulerDebts(chain, { holders, listed });
  const owners = raws.map(({ account, owner, members }) => ({ account, owner, members }));
  return complete(chain, { source, owners, balances, listed, isCarried: true });
}

interface CompleteQuery extends BalancesQuery {
  readonly source: EulerSource;
  readonly owners: readonly EulerOwner[];
  readonly isCarried: boolean;
}

/** With everything that vaults, oracles and tokens say. The balances are those of all members, owner by owner. */
async function complete(chain: PinnedChain, { source, owners, ...query }: CompleteQuery): Promise<readonly EulerRaw[]> {
  const known = await readShared(chain, query);
  const accounts = (await readAccounts(chain, { ...query, ...known })).values();
  const tokens = await readEachToken(chain, { venue: 'eulerV2', book: source.book, tokens: tokensOf(known) });
  const { vaults, terms } = known;
  const walletTokens: TokenBook = source.isWalletRead ? source.book : new Map();
  const shared = { evc: source.evc, timestamp: chain.block.timestamp, vaults, terms, tokens, walletTokens };
  return owners.map((owner): EulerRaw => {
    const own = owner.members.map(() => accounts.next().value as EulerAccount);
    return { ...owner, ...shared, accounts: own };
  });
}

interface BalancesQuery {
  readonly balances: readonly EulerBalances[];
  /** The vaults that can be read, lower case. */
  readonly listed: ReadonlySet<string>;
}

/** The vaults that someone holds shares of or owes to, and the terms of those that someone may owe to. */
async function readShared(chain: PinnedChain, { balances, listed }: BalancesQuery): Promise<EulerKnown> {
  const used = balances.flatMap(({ held }) => held.map(({ vault }) => vault));
  const controllers = uniqueOf(balances.flatMap(({ debts }) => debts.map(({ vault }) => vault)));
  const enabled = new Set(balances.flatMap(({ collaterals }) => collaterals.map(lower)));
  const [vaults, terms] = await Promise.all([
    readEulerVaults(chain, { vaults: uniqueOf([...used, ...controllers]), listed }),
    readEulerTerms(chain, { controllers, enabled }),
  ]);
  return { balances, vaults, terms };
}

async function readAccounts(
  chain: PinnedChain,
  query: EulerKnown & Pick<CompleteQuery, 'listed' | 'isCarried'>,
): Promise<readonly EulerAccount[]> {
  const [worths, foreigns, opinions] = await Promise.all([
    query.isCarried ? null : readOwnAssets(chain, query),
    readForeign(chain, query),
    readOpinions(chain, query),
  ]);
  return query.balances.map((balances, i) => ({
    ...balances,
    ownAssets: worths === null ? null : (worths[i] ?? []),
    foreign: foreigns[i] ?? [],
    opinion: opinions[i],
  }));
}

/** The tokens behind everything that is held or may be owed: a vault with which nobody has to do may be of an unknown one. */
function tokensOf({ balances, vaults }: EulerKnown): readonly Address[] {
  const used = balances.flatMap(({ held, debts }) => [...held, ...debts]);
  return used.flatMap(({ vault }) => nestingOf(vault, vaults).at(-1)?.asset ?? []);
}
