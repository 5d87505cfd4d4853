import type { Address } from 'viem';
import { formatMarket, formatPortfolio } from '../book/formatBook.ts';
import type { Model } from '../engine/models/model.ts';
import { MarginError, type Refusal, SourceError } from '../errors.ts';
import type { ReadSnapshot } from '../node/snapshot.ts';
import { formatRefusals, type RefusalJson, sortRefusals } from '../report/refusal.ts';
import { type StressJson, type StressRow, stressBook } from './stressBook.ts';

/** One account under every scenario; `worst` is the largest loss. */
export interface AccountStress extends StressJson {
  readonly account: Address;
  readonly worst: StressRow;
}

/** What one scenario does to all accounts together. */
export interface ScenarioTotal {
  readonly id: string;
  readonly sentence: string;
  readonly pnlUsd: number;
  /** Accounts that lose more than their maintenance margin. */
  readonly uncovered: number;
  /** Accounts that are left with less than nothing, and how much they lack together. */
  readonly underWater: number;
  readonly lackingUsd: number;
}

/** All accounts, the largest loss first, and who could not be computed. */
export interface StressAccounts {
  readonly accounts: readonly AccountStress[];
  readonly scenarios: readonly ScenarioTotal[];
  readonly refused: readonly RefusalJson[];
}

/**
 * Every account of a snapshot under the crises of the past and scenarios of one's own. Who has an error of their own is refused by name, and not counted anywhere.
 *
 * @throws {BookError} for scenarios that are none, before any account.
 */
export function stressAccounts(
  { market, accounts, refused }: ReadSnapshot,
  { model, own }: { readonly model: Model; readonly own: readonly unknown[] },
): StressAccounts {
  const shared = { asOf: market.asOf, model, market: formatMarket(market) };
  stressBook({ ...shared, positions: [], silos: [] }, own);
  const failed: Refusal[] = [...refused];
  const stressed = accounts.flatMap(({ account, portfolio }): AccountStress[] => {
    try {
      const result = stressBook({ ...shared, ...formatPortfolio(portfolio) }, own);
      return [{ account, worst: worstOf(result.scenarios), ...result }];
    } catch (error) {
      if (!(error instanceof MarginError) || error instanceof SourceError) throw error;
      failed.push({ account, error });
      return [];
    }
  });
  const sorted = stressed.sort((a, b) => a.worst.pnlUsd - b.worst.pnlUsd || (a.account < b.account ? -1 : 1));
  return { accounts: sorted, scenarios: totalsOf(sorted), refused: formatRefusals(sortRefusals(failed)) };
}

function worstOf(rows: readonly StressRow[]): StressRow {
  return rows.reduce((worst, row) => (row.pnlUsd < worst.pnlUsd ? row : worst));
}

function totalsOf(accounts: readonly AccountStress[]): ScenarioTotal[] {
  const [first] = accounts;
  return (first?.scenarios ?? []).map(({ id, sentence }) => {
    const rows = accounts.flatMap(({ scenarios }) => scenarios.filter((row) => row.id === id));
    const lacking = rows.filter(({ equityUsd }) => equityUsd < 0);
    return {
      id,
      sentence,
      pnlUsd: total(rows.map(({ pnlUsd }) => pnlUsd)),
      uncovered: rows.filter(({ covered }) => !covered).length,
      underWater: lacking.length,
      lackingUsd: total(lacking.map(({ equityUsd }) => -equityUsd)),
    };
  });
}

function total(amounts: readonly number[]): number {
  let all = 0;
  for (const amount of amounts) all += amount;
  return all;
}
