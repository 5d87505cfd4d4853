import type { Address } from 'viem';
import type { HistoryQuery, PinnedChain } from '../chain/pinnedChain.ts';
import { eulerFactoryAbi, eulerTransferAbi, evcEventsAbi, evcTouchEventsAbi } from './abi/eulerV2.ts';
import { accountsOf, eventsOf, sortAccounts } from './holders.ts';
import type { TokenBook } from './tokens.ts';

const MAX_UINT256 = 2n ** 256n - 1n;

/** What the reader needs beside the chain: either the vaults, or the factory that lists them. */
export interface EulerSource {
  readonly evc: Address;
  readonly vaults?: readonly Address[] | undefined;
  readonly factory?: Address | undefined;
  readonly fromBlock: number;
  readonly book: TokenBook;
  /** Whether the deployment counts what accounts hold of each of its tokens themselves. */
  readonly isWalletRead: boolean;
}

/** The vaults that are read, by lower-case address: those of the deployment, or all of the factory's at the block. */
export async function readVaultList(chain: PinnedChain, { vaults, factory }: EulerSource): Promise<readonly Address[]> {
  if (factory === undefined) return sortAccounts(vaults ?? []);
  const args = [0n, MAX_UINT256];
  const asked = { address: factory, abi: eulerFactoryAbi, functionName: 'getProxyListSlice', args };
  const [listed] = (await chain.read([asked])) as [readonly Address[]];
  return sortAccounts(listed);
}

/** What the logs say of accounts, all of it by lower-case text. */
export interface EulerHistory {
  /** The vaults whose shares an account was ever credited, by account. */
  readonly vaultsOf: ReadonlyMap<string, readonly Address[]>;
  /** The accounts that were ever credited shares or controlled by a vault, by address prefix. */
  readonly accountsOf: ReadonlyMap<string, readonly Address[]>;
  /** The registered owner of an address prefix. */
  readonly ownerOf: ReadonlyMap<string, Address>;
}

/** Which vaults' logs are read. */
export interface EulerHistoryQuery {
  readonly source: EulerSource;
  readonly vaults: readonly Address[];
}

/**
 * Who may hold what. Shares are only ever credited to the `to` of a Transfer, and debt exists only in a vault that controls the
 * account, which the connector knows. A vault's own address is no account: what it holds is its depositors'.
 */
export async function readEulerHistory(chain: PinnedChain, query: EulerHistoryQuery): Promise<EulerHistory> {
  const { source, vaults } = query;
  const [credits, statuses] = await Promise.all([chain.history(creditQuery(query)), chain.history(evcQuery(source))]);
  const isVault = new Set(vaults.map(lower));
  const holders = [...accountsOf(credits, ['to']), ...accountsOf(statuses, ['account'])];
  const accounts = sortAccounts(holders).filter((account) => !isVault.has(lower(account)));
  const registered = statuses.map(({ args }) => args as { readonly addressPrefix?: string; readonly owner?: Address });
  return {
    vaultsOf: gather(credits.map(({ address, args }) => [lower(args.to as Address), address] as const)),
    accountsOf: gather(accounts.map((account) => [prefixOf(account), account] as const)),
    ownerOf: new Map(
      registered.flatMap(({ addressPrefix, owner }) =>
        addressPrefix === undefined || owner === undefined ? [] : [[addressPrefix.toLowerCase(), owner] as const],
      ),
    ),
  };
}

/** Everyone who may hold something: sub-accounts by their owner where the connector knows it, everybody else by themselves. */
export async function discoverEulerOwners(chain: PinnedChain, source: EulerSource): Promise<readonly Address[]> {
  const vaults = await readVaultList(chain, source);
  const { accountsOf: members, ownerOf } = await readEulerHistory(chain, { source, vaults });
  return sortAccounts(
    [...members].flatMap(([prefix, accounts]) => {
      const owner = ownerOf.get(prefix);
      return owner === undefined ? accounts : [owner];
    }),
  );
}

/**
 * Whose shares, collateral, controllers or owner may have changed after a block: whoever a log names, and everybody of the same prefix,
 * under whom it may be reported. What is owed grows without a log and is always read.
 */
export async function readEulerTouched(
  chain: PinnedChain,
  { source, sinceBlock }: { readonly source: EulerSource; readonly sinceBlock: number },
): Promise<readonly Address[]> {
  const vaults = await readVaultList(chain, source);
  const fromBlock = sinceBlock + 1;
  const [transfers, statuses, history] = await Promise.all([
    chain.logs({ address: vaults, events: eventsOf(eulerTransferAbi), fromBlock }),
    chain.logs({ address: source.evc, events: eventsOf([...evcEventsAbi, ...evcTouchEventsAbi]), fromBlock }),
    readEulerHistory(chain, { source, vaults }),
  ]);
  const named = [...accountsOf(transfers, ['from', 'to']), ...accountsOf(statuses, ['account', 'owner'])];
  const prefixes = [...new Set(named.map(prefixOf))];
  const related = prefixes.flatMap((prefix) => [
    ...(history.accountsOf.get(prefix) ?? []),
    ...(history.ownerOf.has(prefix) ? [history.ownerOf.get(prefix) as Address] : []),
  ]);
  return sortAccounts([...named, ...related]);
}

/** The first 19 bytes: what the 256 accounts of one owner have in common. */
export function prefixOf(account: Address): string {
  return lower(account).slice(0, 40);
}

/** An address as maps are keyed by it. */
export function lower(address: Address): string {
  return address.toLowerCase();
}

function creditQuery({ source: { fromBlock }, vaults }: EulerHistoryQuery): HistoryQuery {
  return { address: vaults, events: eventsOf(eulerTransferAbi), fromBlock, keep: ['to'] };
}

function evcQuery({ evc, fromBlock }: EulerSource): HistoryQuery {
  return { address: evc, events: eventsOf(evcEventsAbi), fromBlock, keep: ['addressPrefix', 'owner', 'account'] };
}

/** The addresses of each key, once and sorted. */
function gather(pairs: readonly (readonly [string, Address])[]): ReadonlyMap<string, readonly Address[]> {
  const found = new Map<string, Address[]>();
  for (const [key, address] of pairs) {
    const known = found.get(key);
    if (known === undefined) found.set(key, [address]);
    else known.push(address);
  }
  return new Map([...found].map(([key, addresses]) => [key, sortAccounts(addresses)]));
}
