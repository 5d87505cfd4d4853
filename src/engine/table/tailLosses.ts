import type { TailAverage } from '../families/tailAverage.ts';
import { SUM } from '../kernel/layout.ts';
import { at } from '../lookup.ts';
import { leastOf } from '../tail.ts';
import type { WorstLosses } from './holdings.ts';
import type { MarginTable } from './marginTable.ts';

/** Accounts whose balances stand side by side. */
const BLOCK = 64;

/** A job of the kernel over blocks of accounts. */
export interface BalancesJob {
  readonly job: number;
  /** Where the first account's row begins. */
  readonly starts: number;
  /** Where the balances of a block stand. */
  readonly balances: number;
  /** Room for what one account has left in the draws of each tail average. */
  readonly nets: readonly Float64Array[];
}

/** Room for the balances of a block of the accounts of a job; undefined where the table has no tail averages. */
export function setBalancesJob({ arena, columns, stresses }: MarginTable, words: Uint32Array): BalancesJob | undefined {
  if (stresses.tails.length === 0) return undefined;
  const own = words.slice();
  const balances = arena.take(16 * columns * BLOCK);
  own[SUM.balances] = balances;
  const nets = stresses.tails.map(({ days }) => new Float64Array(days.length));
  return { job: arena.putWords(own), starts: at(own, SUM.starts), balances, nets };
}

/**
 * Raises the loss of each account to that of its tail averages, where one is larger: mark − mean of what is left in the worst draws.
 * The draws are netted by the kernel, a block of accounts at a time, and taken in the same order as for a book.
 */
export function raiseToTails(table: MarginTable, balancesJob: BalancesJob, worst: WorstLosses): void {
  const { arena, columns } = table;
  const { job, starts, balances, nets } = balancesJob;
  const accounts = worst.lossesUsd.length;
  for (let from = 0; from < accounts; from += BLOCK) {
    const count = Math.min(BLOCK, accounts - from);
    const words = arena.words(job, SUM.balances + 1);
    words[SUM.accounts] = count;
    words[SUM.starts] = starts + 4 * from;
    arena.balances(job);
    const view = arena.floats(balances, 2 * columns * count);
    for (let index = 0; index < count; index += 1) {
      raise(table, from + index, { view, from: 2 * columns * index, nets, worst });
    }
  }
}

interface Row {
  /** What a block holds and owes, by account, side and column. */
  readonly view: Float64Array;
  /** Where the account's begin. */
  readonly from: number;
  readonly nets: readonly Float64Array[];
  readonly worst: WorstLosses;
}

function raise({ stresses: { plain, tails }, columns }: MarginTable, account: number, row: Row): void {
  const { marksUsd, lossesUsd, bindings } = row.worst;
  for (let index = 0; index < tails.length; index += 1) {
    const tail = at(tails, index);
    const leastUsd = lossesUsd[account] as number;
    const nets = at(row.nets, index);
    fillNets(nets, row, { first: tail.first, columns });
    const lossUsd = lossAbove(leastUsd, tail, { markUsd: marksUsd[account] as number, nets });
    if (!(lossUsd > leastUsd)) continue;
    lossesUsd[account] = lossUsd;
    bindings[account] = plain + index;
  }
}

function fillNets(
  nets: Float64Array,
  { view, from }: Row,
  { first, columns }: { readonly first: number; readonly columns: number },
): void {
  for (let index = 0; index < nets.length; index += 1) {
    const held = from + first + index;
    nets[index] = (view[held] as number) - (view[held + columns] as number);
  }
}

/** What a tail average loses, or `leastUsd` as soon as it cannot lose more: were all that is missing as bad as the draw at hand. */
function lossAbove(
  leastUsd: number,
  { days, worstDays }: TailAverage,
  { markUsd, nets }: { readonly markUsd: number; readonly nets: Float64Array },
): number {
  let [left, leftUsd] = [worstDays, 0];
  while (left > 0) {
    const worst = leastOf(nets);
    const net = nets[worst] as number;
    if (!(markUsd - (leftUsd + left * net) / worstDays > leastUsd)) return leastUsd;
    leftUsd += Math.min(left, days[worst] as number) * net;
    left -= days[worst] as number;
    nets[worst] = Number.POSITIVE_INFINITY;
  }
  return markUsd - leftUsd / worstDays;
}
