import { MarginError } from '../../errors.ts';
import { SUM, SUM_WORDS, TILE } from '../kernel/layout.ts';
import { at } from '../lookup.ts';
import type { MarginTable } from './marginTable.ts';
import { type BalancesJob, raiseToTails, setBalancesJob } from './tailLosses.ts';

/** Accounts × instruments as sparse rows: account a holds `amounts[i]` of instrument `instruments[i]` for i from `starts[a]` up to `starts[a + 1]`. */
export interface Holdings {
  readonly starts: Uint32Array;
  readonly instruments: Uint32Array;
  readonly amounts: Float64Array;
}

/** Holdings in the memory of a table's kernel. */
export interface LoadedHoldings {
  readonly accounts: number;
  readonly job: number;
  /** The job that says what a block of them holds and owes in every column; without tail averages there is none. */
  readonly balances: BalancesJob | undefined;
  /** Of the table's arena: others have come in their place where it has gone on. */
  readonly releases: number;
}

/** The worst of all accounts, by account. Views: valid until the next call on the table. */
export interface WorstLosses {
  /** Value today, USD. */
  readonly marksUsd: Float64Array;
  /** Max over scenarios of weight · (value today − value in the scenario), at least 0, USD. */
  readonly lossesUsd: Float64Array;
  /** The first scenario with that loss, as an index into the table's. */
  readonly bindings: Uint32Array;
}

/**
 * Copies holdings to the table, over those that were there. Each account's holdings are summed in the order given.
 *
 * @throws {HoldingsError} where they are no sparse rows over the table's instruments; `NotANumberError` for an amount that is no finite number.
 */
export function loadHoldings(table: MarginTable, { starts, instruments, amounts }: Holdings): LoadedHoldings {
  const accounts = starts.length - 1;
  requireRows({ starts, instruments, amounts }, table.units.length);
  const { arena, columns } = table;
  arena.release(table.end);
  const words = new Uint32Array(SUM_WORDS);
  words[SUM.accounts] = accounts;
  words[SUM.columns] = columns;
  words[SUM.table] = table.place;
  words[SUM.weights] = table.weights;
  words[SUM.starts] = arena.putWords(starts);
  words[SUM.rows] = arena.putWords(instruments);
  words[SUM.amounts] = arena.putFloats('amounts', amounts);
  words[SUM.marks] = arena.take(8 * accounts);
  words[SUM.losses] = arena.take(8 * accounts);
  words[SUM.bindings] = arena.take(4 * accounts);
  words[SUM.scratch] = arena.take(8 * TILE);
  const job = arena.putWords(words);
  return { accounts, job, balances: setBalancesJob(table, words), releases: arena.releases() };
}

/**
 * The worst loss of each account: one sparse product, a tile of scenarios at a time, so that a tile of the table stays near the processor.
 * The sum of each scenario runs over the account's holdings in their order: the same bits in every kernel and every split of the accounts. Tail averages come after.
 * Checked in test/engine/table: equal to the binding loss of `computeMargin` within 1e-12 of the exposure.
 *
 * @throws {HoldingsError} where other holdings have been loaded since.
 */
export function worstLosses(table: MarginTable, loaded: LoadedHoldings): WorstLosses {
  const { accounts, job, balances, releases } = loaded;
  const { arena } = table;
  if (releases !== arena.releases()) throw new HoldingsError('others have been loaded in their place since');
  arena.worst(job);
  const words = arena.words(job, SUM_WORDS);
  const worst = {
    marksUsd: arena.floats(at(words, SUM.marks), accounts),
    lossesUsd: arena.floats(at(words, SUM.losses), accounts),
    bindings: arena.words(at(words, SUM.bindings), accounts),
  };
  if (balances !== undefined) raiseToTails(table, balances, worst);
  return worst;
}

/** @throws {HoldingsError} where holdings are no sparse rows over so many instruments. */
export function requireRows({ starts, instruments, amounts }: Holdings, rows: number): void {
  const last = starts[starts.length - 1];
  if (starts[0] !== 0 || last !== instruments.length || last !== amounts.length) {
    const ends = `${starts[0]} and end at ${last}, with ${instruments.length} instruments and ${amounts.length} amounts`;
    throw new HoldingsError(`starts begin at ${ends}; they must begin at 0 and end where both end`);
  }
  for (let account = 1; account < starts.length; account += 1) {
    if (at(starts, account) < at(starts, account - 1))
      throw new HoldingsError(`starts[${account}] is before the one before`);
  }
  for (let index = 0; index < instruments.length; index += 1) {
    const instrument = at(instruments, index);
    if (instrument >= rows) throw new HoldingsError(`instruments[${index}] is ${instrument}, of ${rows} instruments`);
  }
}

/** Holdings that are no sparse rows over the instruments of their table. */
export class HoldingsError extends MarginError {
  readonly code = 'HoldingsError';

  constructor(what: string) {
    super(`The holdings do not fit the table: ${what}. Correct the holdings, or price the missing instruments.`);
  }
}
