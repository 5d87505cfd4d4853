import type { Address, Hash } from 'viem';
import type { HistoryQuery, PinnedChain } from '../chain/pinnedChain.ts';
import { createMarketAbi, morphoHolderEventsAbi, morphoTouchEventsAbi } from './abi/morphoBlue.ts';
import { accountsOf, eventsOf } from './holders.ts';
import type { MorphoParams, MorphoSource } from './morphoBlueRead.ts';

/** One market that one of the asked accounts may hold something in. */
export interface MorphoLead {
  readonly id: Hash;
  readonly params: MorphoParams;
  readonly account: Address;
}

/** Every market there is, and who was ever credited something. One query for discovery and reading: it is scanned once. */
export function historyQuery({ morpho, fromBlock }: Pick<MorphoSource, 'morpho' | 'fromBlock'>): HistoryQuery {
  const events = [...eventsOf(createMarketAbi), ...eventsOf(morphoHolderEventsAbi)];
  return { address: morpho, events, fromBlock, keep: KEPT };
}

const KEPT = ['id', 'marketParams', 'onBehalf', 'newFeeRecipient'];

/** Whether a query is {@link historyQuery}'s. */
export function isMorphoHistory({ keep }: Pick<HistoryQuery, 'keep'>): boolean {
  return keep === KEPT;
}

/**
 * Where each asked account may hold something, by market id, then in the order asked. Shares and collateral are only ever
 * credited to an `onBehalf`; fee shares, silently, to whoever was the fee recipient, who is looked for in every market.
 * Anyone may create markets, so asking each account in each of them would be for others to make slow.
 */
export async function readLeads(
  chain: PinnedChain,
  { source, accounts }: { readonly source: MorphoSource; readonly accounts: readonly Address[] },
): Promise<readonly MorphoLead[]> {
  const history = await chain.history(historyQuery(source));
  const all = history.map(({ args }) => args as unknown as HistoryArgs);
  const holders = new Map<Hash, Set<string>>();
  for (const { id, onBehalf } of all) {
    if (onBehalf === undefined) continue;
    if (!holders.has(id)) holders.set(id, new Set());
    holders.get(id)?.add(onBehalf.toLowerCase());
  }
  const everywhere = new Set(all.flatMap(({ newFeeRecipient: recipient }) => recipient?.toLowerCase() ?? []));
  const created = all
    .flatMap(({ id, marketParams }) => (marketParams === undefined ? [] : [{ id, params: marketParams }]))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const asked = [...new Set(accounts)].map((account) => ({ account, key: account.toLowerCase() }));
  return created.flatMap((market) =>
    asked
      .filter(({ key }) => holders.get(market.id)?.has(key) === true || everywhere.has(key))
      .map(({ account }) => ({ ...market, account })),
  );
}

/**
 * Whose positions may have changed after a block: every change names them in a log, but for the fee shares, which whoever is or was
 * the fee recipient may gain at any accrual.
 */
export async function readTouched(
  chain: PinnedChain,
  { source, sinceBlock }: { readonly source: MorphoSource; readonly sinceBlock: number },
): Promise<readonly Address[]> {
  const events = [...eventsOf(morphoHolderEventsAbi), ...eventsOf(morphoTouchEventsAbi)];
  const logs = await chain.logs({ address: source.morpho, events, fromBlock: sinceBlock + 1 });
  const recipients = accountsOf(await chain.history(historyQuery(source)), ['newFeeRecipient']);
  return [...accountsOf(logs, ['onBehalf', 'borrower']), ...recipients];
}

interface HistoryArgs {
  readonly id: Hash;
  readonly onBehalf?: Address;
  readonly newFeeRecipient?: Address;
  readonly marketParams?: MorphoParams;
}
