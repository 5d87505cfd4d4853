import type { Address, Hash } from 'viem';
import type { HistoryQuery, PinnedChain } from '../chain/pinnedChain.ts';
import { createMarketAbi, morphoHolderEventsAbi } from './abi/morphoBlue.ts';
import { eventsOf } from './holders.ts';
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
  return { address: morpho, events, fromBlock, keep: ['id', 'marketParams', 'onBehalf', 'newFeeRecipient'] };
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
  const held = new Set(all.flatMap(({ id, onBehalf }) => (onBehalf === undefined ? [] : [keyOf(id, onBehalf)])));
  const everywhere = new Set(all.flatMap(({ newFeeRecipient: recipient }) => recipient?.toLowerCase() ?? []));
  const created = all
    .flatMap(({ id, marketParams }) => (marketParams === undefined ? [] : [{ id, params: marketParams }]))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const asked = [...new Set(accounts)];
  return created.flatMap((market) =>
    asked
      .filter((account) => held.has(keyOf(market.id, account)) || everywhere.has(account.toLowerCase()))
      .map((account) => ({ ...market, account })),
  );
}

interface HistoryArgs {
  readonly id: Hash;
  readonly onBehalf?: Address;
  readonly newFeeRecipient?: Address;
  readonly marketParams?: MorphoParams;
}

function keyOf(id: Hash, account: Address): string {
  return `${id} ${account.toLowerCase()}`;
}
