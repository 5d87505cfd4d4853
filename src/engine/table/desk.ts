import { SUM, SUM_WORDS, TILE } from '../kernel/layout.ts';
import { at } from '../lookup.ts';
import type { Arena } from './arena.ts';

/** Room at a table for one account at a time. */
export interface Desk {
  readonly job: number;
  readonly starts: number;
  readonly rows: number;
  readonly amounts: number;
  readonly balances: number;
}

/** So much of each of some instruments, in the order in which they are summed. */
export interface Row {
  readonly instruments: ArrayLike<number>;
  readonly amounts: ArrayLike<number>;
}

/** Sets up room for an account of up to so many instruments. */
export function setDesk(
  arena: Arena,
  { table, weights, columns, instruments }: { table: number; weights: number; columns: number; instruments: number },
): Desk {
  const words = new Uint32Array(SUM_WORDS);
  words[SUM.accounts] = 1;
  words[SUM.columns] = columns;
  words[SUM.table] = table;
  words[SUM.weights] = weights;
  words[SUM.starts] = arena.putWords([0, 0]);
  words[SUM.rows] = arena.take(4 * instruments);
  words[SUM.amounts] = arena.take(8 * instruments);
  words[SUM.scratch] = arena.take(8 * TILE);
  words[SUM.balances] = arena.take(16 * columns);
  const [starts, rows] = [at(words, SUM.starts), at(words, SUM.rows)];
  const [amounts, balances] = [at(words, SUM.amounts), at(words, SUM.balances)];
  return { starts, rows, amounts, balances, job: arena.putWords(words) };
}

/** What a row holds in every column, and after that what it owes in every column: a view that lives until the next row. */
export function balancesOf(
  { arena, desk, columns }: { readonly arena: Arena; readonly desk: Desk; readonly columns: number },
  { instruments, amounts }: Row,
): Float64Array {
  arena.words(desk.starts, 2)[1] = instruments.length;
  arena.words(desk.rows, instruments.length).set(instruments);
  arena.floats(desk.amounts, amounts.length).set(amounts);
  arena.balances(desk.job);
  return arena.floats(desk.balances, 2 * columns);
}
