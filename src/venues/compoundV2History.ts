import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
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

/**
 * Every debt, from logs: no view of the family tells a debt's principal and index, and its balance without interest has been rounded.
 * The index is that of the last AccrueInterest of the market, which every Borrow and RepayBorrow follows; 1 before the first.
 */
export async function readDebts(
  chain: PinnedChain,
  { markets, fromBlock }: { readonly markets: readonly Address[]; readonly fromBlock: number },
): Promise<CompoundDebts> {
  const events = [...eventsOf(debtEventsAbi), ...eventsOf(accrualEventsAbi)];
  const logs = await chain.logs({ address: markets, events, fromBlock });
  const indices = new Map<string, bigint>();
  const debts = new Map<string, CompoundDebt>();
  for (const { address, args } of logs) {
    const { borrowIndex, borrower, accountBorrows } = args as unknown as DebtArgs;
    if (borrowIndex !== undefined) indices.set(address.toLowerCase(), borrowIndex);
    if (borrower === undefined || accountBorrows === undefined) continue;
    const index = indices.get(address.toLowerCase()) ?? WAD;
    debts.set(debtKey(address, borrower), { principal: accountBorrows, index });
  }
  return debts;
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
