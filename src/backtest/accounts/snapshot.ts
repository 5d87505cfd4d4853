import { DAY_SECONDS } from '../../history/prices.ts';
import { type AccountBook, assetsOf, healthsAt, venueHealth } from './accountBook.ts';
import type { Board, FixedRatio } from './board.ts';
import { type CsvRow, readCsv } from './csv.ts';

/** Accounts of one time. */
export interface SnapshotFile {
  readonly accounts: readonly { readonly book: AccountBook; readonly stated: number }[];
  /** Of assets whose price the file states beside that of ether. */
  readonly ratios: Readonly<Record<string, FixedRatio>>;
}

/** What became of accounts that were held still from the snapshot on. */
export interface SnapshotResult {
  readonly accounts: number;
  /** By reason, how many are not in what follows. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly followed: number;
  /** Under the venue's line on the day of the snapshot already. */
  readonly underAtStart: number;
  /** Those that came under the venue's line later. */
  readonly fell: Fallen;
  /** Those that never did: called all the same. */
  readonly stood: { readonly accounts: number; readonly called: number; readonly calledAtStart: number };
  /** The same for accounts whose debt is ether against staked ether, and for the others. */
  readonly loops: Omit<SnapshotResult, 'loops' | 'others' | 'accounts' | 'leftOut'> | null;
  readonly others: Omit<SnapshotResult, 'loops' | 'others' | 'accounts' | 'leftOut'> | null;
}

/** Of those that fell: how many the model had called by the day before, on the day, or not. */
export interface Fallen {
  readonly accounts: number;
  readonly calledBefore: number;
  readonly calledThatDay: number;
  readonly notCalled: number;
  /** Days between, of those called before: the median; null without one. */
  readonly medianLeadDays: number | null;
}

/** The share by which the health that a file states may differ from the one that its amounts have at the day's prices. */
const TOLERANCE = 0.02;
const STAKED = ['STETH', 'WSTETH', 'CBETH', 'RETH'];

/** Whether titles are those of a snapshot. */
export function isSnapshot(titles: readonly string[]): boolean {
  return titles.includes('liq_threshold') && titles.some((title) => title.startsWith('coll_'));
}

/** Reads `user`, `coll_<asset>`, `debt_<asset>`, `liq_threshold`, `health_factor`, and `px_<asset>` where there are any. @throws {AccountFileError} */
export function readSnapshot(text: string): SnapshotFile {
  const { titles, rows } = readCsv(text);
  const [first] = rows;
  const priced = titles.filter((title) => title.startsWith('px_') && title !== 'px_eth');
  const ratioOf = (title: string) => ({
    of: 'ETH',
    ratio: (first?.amount(title) ?? 0) / (first?.amount('px_eth') ?? 1),
  });
  return {
    accounts: rows.map((row) => ({ book: bookOf(row, titles), stated: row.amount('health_factor') })),
    ratios: Object.fromEntries(priced.map((title) => [assetOf(title), ratioOf(title)])),
  };
}

/**
 * Follows accounts day by day with the amounts of the snapshot, none of their own trades known, no interest: when the venue's health falls under 1, and when the model's does.
 * Left out: who owes less than a dollar, what no price is known of, and who has more than the file says, so that the health it states is not the one of its amounts.
 */
export function followSnapshot(
  file: SnapshotFile,
  { board, at, days }: { readonly board: Board; readonly at: number; readonly days: number },
): SnapshotResult {
  const leftOut: Record<string, number> = {};
  const kept = file.accounts.filter(({ book, stated }) => {
    const reason = reasonAgainst(book, { stated, board, at });
    if (reason !== null) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
    return reason === null;
  });
  const paths = kept.map(({ book }) => ({ book, ...follow(book, { board, at, days }) }));
  const isLoop = ({ book }: { readonly book: AccountBook }) =>
    Object.keys(book.owed).join() === 'ETH' && Object.keys(book.held).every((asset) => STAKED.includes(asset));
  const [loops, others] = [paths.filter(isLoop), paths.filter((path) => !isLoop(path))];
  return {
    accounts: file.accounts.length,
    leftOut,
    ...count(paths),
    loops: loops.length === 0 ? null : count(loops),
    others: others.length === 0 ? null : count(others),
  };
}

interface Path {
  /** The first day on which a health was under 1; null for never. */
  readonly venueDay: number | null;
  readonly modelDay: number | null;
}

function follow(book: AccountBook, { board, at, days }: { board: Board; at: number; days: number }): Path {
  let modelDay: number | null = null;
  for (let day = 0; day <= days; day += 1) {
    const { venue, model } = healthsAt(book, { board, time: at + day * DAY_SECONDS });
    if (model < 1) modelDay ??= day;
    if (venue < 1) return { venueDay: day, modelDay };
  }
  return { venueDay: null, modelDay };
}

function count(paths: readonly Path[]) {
  const fell = paths.filter(({ venueDay }) => venueDay !== null && venueDay > 0);
  const stood = paths.filter(({ venueDay }) => venueDay === null);
  const leads = fell.map(({ venueDay, modelDay }) => (modelDay === null ? null : (venueDay ?? 0) - modelDay));
  const before = leads.filter((lead) => lead !== null && lead > 0).sort((a, b) => (a ?? 0) - (b ?? 0));
  return {
    followed: paths.length,
    underAtStart: paths.filter(({ venueDay }) => venueDay === 0).length,
    fell: {
      accounts: fell.length,
      calledBefore: before.length,
      calledThatDay: leads.filter((lead) => lead === 0).length,
      notCalled: leads.filter((lead) => lead === null).length,
      medianLeadDays: before[Math.floor(before.length / 2)] ?? null,
    },
    stood: {
      accounts: stood.length,
      called: stood.filter(({ modelDay }) => modelDay !== null).length,
      calledAtStart: stood.filter(({ modelDay }) => modelDay === 0).length,
    },
  };
}

function reasonAgainst(
  book: AccountBook,
  { stated, board, at }: { readonly stated: number; readonly board: Board; readonly at: number },
): string | null {
  if (!assetsOf(book).every(board.knows)) return 'no price';
  const { usd } = board.at(at);
  let owedUsd = 0;
  for (const [asset, units] of Object.entries(book.owed)) owedUsd += units * usd(asset);
  if (owedUsd < 1) return 'owes less than a dollar';
  return Math.abs(venueHealth(book, usd) / stated - 1) > TOLERANCE ? 'more than the file says' : null;
}

function bookOf(row: CsvRow, titles: readonly string[]): AccountBook {
  const amounts = (prefix: string) =>
    Object.fromEntries(
      titles
        .filter((title) => title.startsWith(prefix) && row.amount(title) > 0)
        .map((title) => [assetOf(title), row.amount(title)]),
    );
  return {
    user: row.cell('user'),
    held: amounts('coll_'),
    owed: amounts('debt_'),
    threshold: row.amount('liq_threshold'),
  };
}

/** `coll_weth` is ETH. */
function assetOf(title: string): string {
  const asset = title.slice(title.indexOf('_') + 1).toUpperCase();
  return asset === 'WETH' ? 'ETH' : asset;
}
