import type { Address } from 'viem';
import type { BlockMark, PinnedChain } from '../chain/pinnedChain.ts';
import { WAD } from '../units/wad.ts';
import { accrualEventsAbi, debtEventsAbi } from './abi/compoundV2.ts';
import { eventsOf } from './holders.ts';

/** A debt as its market stores it: what was owed when it was last touched, and the market's index then (1e18). */
export interface CompoundDebt {
  readonly principal: bigint;
  readonly index: bigint;
}

/** Debts by {@link debtKey}. */
export type CompoundDebts = ReadonlyMap<string, CompoundDebt>;

/** Which debts are asked for. */
export interface DebtsQuery {
  readonly markets: readonly Address[];
  readonly fromBlock: number;
}

/**
 * Reads every debt, from logs: no view of the family tells a debt's principal and index, and its balance without interest has been
 * rounded. The index is that of the last AccrueInterest of the market, which every Borrow and RepayBorrow follows in its own block;
 * 1 before the first. What was read up to a block that is still on the chain is not read again.
 */
export function debtReader(): (chain: PinnedChain, query: DebtsQuery) => Promise<CompoundDebts> {
  let known: KnownDebts | undefined;
  return async (chain, query) => {
    const head = { number: Number(chain.block.number), hash: chain.block.hash };
    const start = known !== undefined && (await continues(chain, { known, query })) ? known : undefined;
    const debts = new Map(start?.debts);
    const fromBlock = start === undefined ? query.fromBlock : start.mark.number + 1;
    if (fromBlock <= head.number) await addDebts(chain, { debts, query: { ...query, fromBlock } });
    known = { mark: head, markets: query.markets, debts };
    return debts;
  };
}

interface KnownDebts {
  readonly mark: BlockMark;
  readonly markets: readonly Address[];
  readonly debts: CompoundDebts;
}

async function continues(
  chain: PinnedChain,
  { known: { mark, markets }, query }: { readonly known: KnownDebts; readonly query: DebtsQuery },
): Promise<boolean> {
  if (mark.number > Number(chain.block.number) || markets.join() !== query.markets.join()) return false;
  return chain.isCanonical(mark);
}

async function addDebts(
  chain: PinnedChain,
  { debts, query }: { readonly debts: Map<string, CompoundDebt>; readonly query: DebtsQuery },
): Promise<void> {
  const events = [...eventsOf(debtEventsAbi), ...eventsOf(accrualEventsAbi)];
  const logs = await chain.logs({ address: query.markets, events, fromBlock: query.fromBlock });
  const indices = new Map<string, bigint>();
  for (const { address, args } of logs) {
    const { borrowIndex, borrower, accountBorrows } = args as unknown as DebtArgs;
    if (borrowIndex !== undefined) indices.set(address.toLowerCase(), borrowIndex);
    if (borrower === undefined || accountBorrows === undefined) continue;
    const index = indices.get(address.toLowerCase()) ?? WAD;
    debts.set(debtKey(address, borrower), { principal: accountBorrows, index });
  }
}

/** One account at one market. */
export function debtKey(market: Address, account: Address): string {
  return `${market} ${account}`.toLowerCase();
}

interface DebtArgs {
  readonly borrowIndex?: bigint;
  readonly borrower?: Address;
  readonly accountBorrows?: bigint;
}
