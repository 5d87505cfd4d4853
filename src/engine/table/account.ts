import { chargeHoldings, totalAddOns } from '../addOns.ts';
import { at } from '../lookup.ts';
import { type Balance, type Requirement, requirementOf } from '../requirement.ts';
import { settle } from '../settle.ts';
import { NotANumberError } from './arena.ts';
import { balancesOf } from './desk.ts';
import { HoldingsError } from './holdings.ts';
import type { MarginTable } from './marginTable.ts';

/** So much of an instrument of the table. */
export interface Holding {
  readonly instrument: number;
  readonly amount: number;
}

/** One account at a table: each instrument once, in canonical order. */
export interface Account {
  readonly table: MarginTable;
  readonly instruments: readonly number[];
  readonly amounts: readonly number[];
}

/**
 * An account that holds these, all in one silo that no venue liquidates.
 *
 * @throws {HoldingsError} for an instrument that the table does not have, or has twice; `NotANumberError` for an amount that is no finite number.
 */
export function openAccount(table: MarginTable, holdings: readonly Holding[]): Account {
  const ranked = holdings.map((holding) => ({ ...holding, rank: rankOf(table, holding) }));
  const sorted = ranked.sort((a, b) => a.rank - b.rank);
  sorted.forEach(({ instrument }, index) => {
    if (instrument !== sorted[index + 1]?.instrument) return;
    throw new HoldingsError(`instrument ${instrument} is held twice by one account`);
  });
  return {
    table,
    instruments: sorted.map(({ instrument }) => instrument),
    amounts: sorted.map(({ amount }) => amount),
  };
}

/** The same account after a trade: more of an instrument, or less. */
export function trade(account: Account, { instrument, amount }: Holding): Account {
  const { table, instruments, amounts } = account;
  const rank = rankOf(table, { instrument, amount });
  const place = instruments.findIndex((held) => at(table.ranks, held) >= rank);
  const known = place >= 0 && instruments[place] === instrument;
  if (known) return { table, instruments, amounts: amounts.with(place, at(amounts, place) + amount) };
  const index = place < 0 ? instruments.length : place;
  return {
    table,
    instruments: instruments.toSpliced(index, 0, instrument),
    amounts: amounts.toSpliced(index, 0, amount),
  };
}

/**
 * What an account needs: to the last bit the equity, maintenance, initial margin and health of `computeMargin` for the same positions in one silo that no venue liquidates
 * (a rule of kind `owned`), perps with nothing accrued. Silos with rules of their own, and what is pledged, are `computeMargin`'s.
 * A check before a trade is `requirement(trade(account, …))`.
 * Checked in test/engine/table/account.test.ts on random books.
 */
export function requirement({ table, instruments, amounts }: Account): Requirement {
  const { columns, stresses, charges, model } = table;
  const view = balancesOf(table, { instruments, amounts });
  const balanceIn = (column: number): Balance => ({
    assetsUsd: view[column] as number,
    liabilitiesUsd: view[columns + column] as number,
  });
  const balances = settle(
    stresses,
    balanceIn(0),
    stresses.columns.map((_, column) => balanceIn(column)),
  );
  const held = instruments.map((unit, index) => ({ unit, amount: amounts[index] as number, accruedUsd: 0 }));
  const addOns = chargeHoldings(held, { charges, parameters: model.parameters });
  const { imFactor } = model.parameters;
  return requirementOf(balances, { addOnsUsd: totalAddOns(addOns), imFactor });
}

/** The canonical place of an instrument. */
function rankOf({ ranks }: MarginTable, { instrument, amount }: Holding): number {
  if (amount - amount !== 0) throw new NotANumberError('amounts', instrument, amount);
  const rank = ranks[instrument];
  if (rank === undefined) throw new HoldingsError(`instrument ${instrument}, of ${ranks.length} instruments`);
  return rank;
}
