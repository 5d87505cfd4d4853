import { SUM, TAIL, TAIL_WORDS, TILE } from '../kernel/layout.ts';
import { at } from '../lookup.ts';
import type { Arena } from './arena.ts';
import type { DrawTable } from './drawTable.ts';
import { type Holdings, requireRows } from './holdings.ts';

/** Accounts × instruments, with what each account is worth today. */
export interface MarkedHoldings extends Holdings {
  /** USD, a number an account. */
  readonly marksUsd: Float64Array;
}

/** What is asked of losses over draws. */
export interface TailOptions {
  /** Ranks of losses, descending: 1 is the largest. */
  readonly ranks: readonly number[];
  /** Accounts whose losses are kept together. */
  readonly block?: number;
}

/** By account and rank. */
export interface Tails {
  /** The loss at the rank, USD. */
  readonly edgesUsd: Float64Array;
  /** Σ of what losses are above it, USD, and Σ of the squares of that, in the order of the draws. */
  readonly excessUsd: Float64Array;
  readonly squares: Float64Array;
}

/** The losses of accounts in some of the draws that their tails are made of. */
export interface KeptLosses {
  readonly counts: Uint32Array;
  /** Every other loss is at most this. */
  readonly floorsUsd: Float64Array;
  /** By account, in the order of the draws. */
  readonly lossesUsd: Float64Array;
}

/** 4,096 accounts at 95 % of 10,000 draws: 51 MB. The table is priced once a block. */
const ACCOUNTS_OF_BLOCK = 4096;

/**
 * The tails of every account's losses over all draws of a table, exact: tile by tile of draws, block by block of accounts, so that memory is neither draws × instruments nor accounts × draws. A loss that no
 * rank can need is dropped at once, so nothing is sorted. The same bits for every kernel, tile and block: a loss is summed over the holdings in their order, an excess over the draws in theirs.
 * Checked in test/engine/table/tails.test.ts against sorting.
 *
 * @throws {HoldingsError} where the holdings are no sparse rows over the table's units; `NotANumberError` for an amount that is no finite number.
 */
export function tailsOf(
  table: DrawTable,
  holdings: MarkedHoldings,
  { ranks, block = ACCOUNTS_OF_BLOCK }: TailOptions,
): Tails {
  requireRows(holdings, table.units.length);
  const accounts = holdings.starts.length - 1;
  const measures = new Float64Array(3 * ranks.length * accounts);
  for (let from = 0; from < accounts; from += block) {
    const room = setRoom(table, slice(holdings, from, Math.min(accounts, from + block)), ranks);
    addTiles(table, room, { first: 0, last: table.tiles });
    measures.set(measure(table.arena, room), 3 * ranks.length * from);
  }
  return split(measures);
}

/**
 * The same for the tiles from `first` up to `last` alone, to be joined, of accounts that are in memory together: so threads share the draws.
 */
export function keepLosses(
  table: DrawTable,
  holdings: MarkedHoldings,
  { ranks, first, last }: TailOptions & { readonly first: number; readonly last: number },
): KeptLosses {
  requireRows(holdings, table.units.length);
  const room = setRoom(table, holdings, ranks);
  addTiles(table, room, { first, last });
  const { arena } = table;
  const { accounts, capacity } = room;
  const words = arena.words(room.job, TAIL_WORDS);
  const counts = arena.words(at(words, TAIL.counts), accounts).slice();
  const lossesUsd = new Float64Array(counts.reduce((total, count) => total + count, 0));
  let place = 0;
  counts.forEach((count, account) => {
    lossesUsd.set(arena.floats(at(words, TAIL.losses) + 8 * account * capacity, count), place);
    place += count;
  });
  return { counts, floorsUsd: arena.floats(at(words, TAIL.floors), accounts).slice(), lossesUsd };
}

/** The tails of losses that were kept in parts, given in the order of their draws. */
export function joinLosses(arena: Arena, parts: readonly KeptLosses[], ranks: readonly number[]): Tails {
  const accounts = parts[0]?.counts.length ?? 0;
  const counts = Uint32Array.from({ length: accounts }, (_, account) =>
    parts.reduce((total, part) => total + at(part.counts, account), 0),
  );
  const capacity = counts.reduce((most, count) => Math.max(most, count), 0) + TILE;
  const start = arena.take(0);
  const room = takeRoom(arena, { accounts, capacity, ranks });
  const words = arena.words(room.job, TAIL_WORDS);
  arena.words(at(words, TAIL.counts), accounts).set(counts);
  const floors = arena.floats(at(words, TAIL.floors), accounts);
  const losses = arena.floats(at(words, TAIL.losses), accounts * capacity);
  const places = new Uint32Array(accounts);
  for (const { counts: own, floorsUsd, lossesUsd } of parts) {
    let from = 0;
    own.forEach((count, account) => {
      losses.set(lossesUsd.subarray(from, from + count), account * capacity + at(places, account));
      floors[account] = Math.max(at(floors, account), at(floorsUsd, account));
      places[account] = at(places, account) + count;
      from += count;
    });
  }
  const tails = split(measure(arena, room));
  arena.release(start);
  return tails;
}

/** Room for the losses of some accounts. */
interface Room {
  readonly accounts: number;
  readonly capacity: number;
  readonly levels: number;
  readonly job: number;
}

function addTiles(table: DrawTable, { job }: Room, { first, last }: { first: number; last: number }): void {
  for (let tile = first; tile < last; tile += 1) {
    const count = table.fill(tile);
    table.arena.words(job, TAIL_WORDS)[TAIL.draws] = count;
    table.arena.addLosses(job);
  }
}

function measure(arena: Arena, { job, accounts, levels }: Room): Float64Array {
  arena.measureTails(job);
  return arena.floats(at(arena.words(job, TAIL_WORDS), TAIL.measures), 3 * accounts * levels);
}

/** Copies holdings to a table, over those that were there, and makes room for what is kept of them. */
function setRoom(
  { arena, columns, place, end, draws }: DrawTable,
  { starts, instruments, amounts, marksUsd }: MarkedHoldings,
  ranks: readonly number[],
): Room {
  arena.release(end);
  const keep = at(ranks, 0);
  const capacity = Math.min(3 * keep, draws) + 2 * TILE;
  const room = takeRoom(arena, { accounts: starts.length - 1, capacity, ranks });
  const places = [arena.putWords(starts), arena.putWords(instruments), arena.putFloats('amounts', amounts)] as const;
  const marks = arena.putFloats('marks', marksUsd);
  const words = arena.words(room.job, TAIL_WORDS);
  words[SUM.columns] = columns;
  [words[SUM.starts], words[SUM.rows], words[SUM.amounts]] = places;
  words[SUM.marks] = marks;
  words[SUM.table] = place;
  return room;
}

interface RoomSize {
  readonly accounts: number;
  readonly capacity: number;
  readonly ranks: readonly number[];
}

function takeRoom(arena: Arena, { accounts, capacity, ranks }: RoomSize): Room {
  const words = new Uint32Array(TAIL_WORDS);
  words[SUM.accounts] = accounts;
  words[SUM.scratch] = arena.take(8 * (TILE + capacity));
  words[TAIL.keep] = at(ranks, 0);
  words[TAIL.capacity] = capacity;
  words[TAIL.counts] = arena.putWords(new Uint32Array(accounts));
  words[TAIL.floors] = arena.take(8 * accounts);
  words[TAIL.losses] = arena.take(8 * accounts * capacity);
  words[TAIL.levels] = ranks.length;
  words[TAIL.ranks] = arena.putWords(ranks);
  words[TAIL.measures] = arena.take(24 * accounts * ranks.length);
  arena.floats(at(words, TAIL.floors), accounts).fill(Number.NEGATIVE_INFINITY);
  return { accounts, capacity, levels: ranks.length, job: arena.putWords(words) };
}

function slice({ starts, instruments, amounts, marksUsd }: MarkedHoldings, from: number, to: number): MarkedHoldings {
  const [first, last] = [at(starts, from), at(starts, to)];
  return {
    starts: starts.subarray(from, to + 1).map((start) => start - first),
    instruments: instruments.subarray(first, last),
    amounts: amounts.subarray(first, last),
    marksUsd: marksUsd.subarray(from, to),
  };
}

/** Threes apart. */
function split(measures: Float64Array): Tails {
  const take = (field: number) =>
    Float64Array.from({ length: measures.length / 3 }, (_, at_) => at(measures, 3 * at_ + field));
  return { edgesUsd: take(0), excessUsd: take(1), squares: take(2) };
}
