import { type Address, zeroAddress } from 'viem';
import type { HistoryEntry, PinnedChain } from '../chain/pinnedChain.ts';
import { SourceError } from '../errors.ts';
import { matchingAbi, matchingEventsAbi, subAccountsAbi, subAccountsEventsAbi } from './abi/deriveV2.ts';
import type { DeriveV2Config } from './deriveV2Config.ts';
import { eventsOf, sortAccounts } from './holders.ts';

/** Where subaccounts and whoever holds them for others are, and since when. */
export type OwnersSource = Pick<DeriveV2Config, 'subAccounts' | 'matching'> & { readonly fromBlock: number };

/** Who a subaccount ever was of, from the logs. */
interface Candidate {
  readonly id: bigint;
  readonly owner: Address;
}

/** Everyone who ever held a subaccount, or for whom Matching does. */
export async function discoverOwners(chain: PinnedChain, source: OwnersSource): Promise<readonly Address[]> {
  return sortAccounts((await readCandidates(chain, source)).map(({ owner }) => owner));
}

/**
 * The ids of each account's subaccounts at the pinned block, ascending, in the order asked. One that Matching holds is that of whom it is
 * held for, and Matching's own where it is held for nobody.
 *
 * @throws {MissingTransfersError} where the logs do not have every subaccount: nobody's can be told then.
 */
export async function readSubaccountIds(
  chain: PinnedChain,
  { source, accounts }: { readonly source: OwnersSource; readonly accounts: readonly Address[] },
): Promise<readonly (readonly bigint[])[]> {
  const candidates = await readCandidates(chain, source);
  const idsOf = new Map<string, Set<bigint>>();
  for (const { id, owner } of candidates) {
    idsOf.set(owner.toLowerCase(), (idsOf.get(owner.toLowerCase()) ?? new Set()).add(id));
  }
  const asked = accounts.map((account) => [...(idsOf.get(account.toLowerCase()) ?? [])]);
  const owners = await readOwners(chain, { source, ids: [...new Set(asked.flat())] });
  return accounts.map((account, i) =>
    (asked[i] as bigint[])
      .filter((id) => owners.get(id)?.toLowerCase() === account.toLowerCase())
      .sort((a, b) => (a < b ? -1 : 1)),
  );
}

/** Whose each subaccount is at the pinned block. */
async function readOwners(
  chain: PinnedChain,
  { source: { subAccounts, matching }, ids }: { readonly source: OwnersSource; readonly ids: readonly bigint[] },
): Promise<ReadonlyMap<bigint, Address>> {
  const holders = (await chain.read(
    ids.map((id) => ({ address: subAccounts, abi: subAccountsAbi, functionName: 'ownerOf', args: [id] })),
  )) as readonly Address[];
  const owners = new Map(ids.map((id, i) => [id, holders[i] as Address]));
  if (matching === undefined) return owners;
  const held = ids.filter((_, i) => holders[i]?.toLowerCase() === matching.toLowerCase());
  const named = await readHeldFor(chain, { matching, ids: held });
  for (const [i, id] of held.entries()) if (named[i] !== zeroAddress) owners.set(id, named[i] as Address);
  return owners;
}

/** Every pair of a subaccount and someone who has or had it: by a transfer, a deposit into Matching, or Matching's own word. */
async function readCandidates(chain: PinnedChain, source: OwnersSource): Promise<readonly Candidate[]> {
  const { subAccounts, matching, fromBlock } = source;
  const keep = ['from', 'to', 'tokenId'];
  const events = eventsOf(subAccountsEventsAbi);
  const transfers = await chain.history({ address: subAccounts, events, fromBlock, keep });
  await requireComplete(chain, { source, transfers });
  const direct = transfers.map(({ args }) => ({ id: args.tokenId as bigint, owner: args.to as Address }));
  if (matching === undefined) return direct;
  const deposits = await chain.history({
    ...{ address: matching, events: eventsOf(matchingEventsAbi), fromBlock },
    keep: ['accountId', 'owner'],
  });
  const behind = deposits.map(({ args }) => ({ id: args.accountId as bigint, owner: args.owner as Address }));
  const named = new Set(behind.map(({ id }) => id));
  const held = direct.filter(({ id, owner }) => owner.toLowerCase() === matching.toLowerCase() && !named.has(id));
  const ids = [...new Set(held.map(({ id }) => id))];
  const owners = await readHeldFor(chain, { matching, ids });
  const unnamed = ids.map((id, i) => ({ id, owner: owners[i] as Address }));
  return [...direct, ...behind, ...unnamed].filter(({ owner }) => owner !== zeroAddress);
}

async function readHeldFor(
  chain: PinnedChain,
  { matching, ids }: { readonly matching: Address; readonly ids: readonly bigint[] },
): Promise<readonly Address[]> {
  const calls = ids.map((id) => ({
    ...{ address: matching, abi: matchingAbi, functionName: 'subAccountToOwner' },
    args: [id],
  }));
  return (await chain.read(calls)) as readonly Address[];
}

/** Subaccounts are numbered from 1 and never burned: the logs must have made as many as there are. */
async function requireComplete(
  chain: PinnedChain,
  { source, transfers }: { readonly source: OwnersSource; readonly transfers: readonly HistoryEntry[] },
): Promise<void> {
  const address = source.subAccounts;
  const [last] = (await chain.read([{ address, abi: subAccountsAbi, functionName: 'lastAccountId' }])) as [bigint];
  const minted = transfers.filter(({ args }) => args.from === zeroAddress).map(({ args }) => args.tokenId as bigint);
  const known = new Set(minted);
  if (BigInt(known.size) !== last) throw new MissingTransfersError({ found: known.size, last });
}

/** Logs of the SubAccounts that do not have every subaccount: whoever has one of the missing ones would be told to have nothing. */
export class MissingTransfersError extends SourceError {
  readonly code = 'MissingTransfersError';
  readonly found: number;
  readonly last: bigint;

  constructor({ found, last }: { readonly found: number; readonly last: bigint }) {
    super(
      `Derive has ${last} subaccounts, the logs that the node gives show ${found} of them being made. Use a node that has all logs, or set fromBlock of the deployment to before the first one.`,
    );
    this.found = found;
    this.last = last;
  }
}
