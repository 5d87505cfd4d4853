import { lookup } from '../../engine/lookup.ts';
import { DAY_SECONDS, HOUR_SECONDS } from '../../history/prices.ts';
import { type AccountBook, type Healths, healthsAt } from './accountBook.ts';
import { type Board, NoPriceAtError } from './board.ts';
import { AccountFileError, type CsvRow, readCsv } from './csv.ts';

/** The first liquidation of an account in a month, and the account as far as it can be inferred. */
export interface Episode {
  readonly time: number;
  readonly pair: string;
  readonly book: AccountBook;
}

/** Liquidations that an account can be inferred from, and why not from the others. */
export interface LiquidationFile {
  readonly events: number;
  readonly users: number;
  readonly episodes: readonly Episode[];
  readonly leftOut: Readonly<Record<string, number>>;
}

/** How many accounts were called so long before they were liquidated, and ever since. */
export interface LeadCount {
  readonly hours: number;
  readonly accounts: number;
  /** Health under crossmargin-1 below 1, and below the level of an alert, then and at every lead looked at since. */
  readonly called: number;
  readonly alerted: number;
}

/** Whether the model called what the venue liquidated. */
export interface LiquidationResult extends Omit<LiquidationFile, 'episodes'> {
  readonly tested: number;
  readonly alert: number;
  readonly leads: readonly LeadCount[];
  /** The same by what was held and what was owed, the most frequent first. */
  readonly byPair: readonly {
    readonly pair: string;
    readonly accounts: number;
    readonly leads: readonly LeadCount[];
  }[];
}

/** The share of each collateral that counts at Aave V2, as its market began in December 2020; governance has changed some of them since. */
const THRESHOLDS: Readonly<Record<string, number>> = {
  ETH: 0.825,
  BTC: 0.75,
  LINK: 0.75,
  AAVE: 0.65,
  USDC: 0.85,
  DAI: 0.8,
};
/** At most so much of a debt is closed at once. */
const CLOSE_FACTOR = 0.5;
const EPISODE_SECONDS = 30 * DAY_SECONDS;
const LEAD_HOURS = [0, 1, 2, 4, 8, 24, 48, 96, 168];
/** Prices of a liquidation and of the history differ a little. Where the account as inferred would have been further under water before, it was another account then. */
const LEAST_VENUE_HEALTH = 0.98;

/** Whether titles are those of liquidations. */
export function isLiquidations(titles: readonly string[]): boolean {
  return titles.includes('collateral_asset') && titles.includes('debt_asset');
}

/**
 * Reads `timestamp_utc`, `market`, `user`, `collateral_asset`, `collateral_px_usd`, `debt_asset`, `debt_amount`, `debt_px_usd`. A liquidation says what was taken and repaid and not what the
 * account held: the account is taken to be that one pair, twice the debt that was repaid, and as much collateral as makes its health 1 at the prices of the liquidation.
 *
 * @throws {AccountFileError}
 */
export function readLiquidations(text: string, board: Board): LiquidationFile {
  const { rows } = readCsv(text);
  const last = new Map<string, number>();
  const leftOut: Record<string, number> = {};
  const episodes: Episode[] = [];
  for (const row of rows) {
    const [user, time] = [row.cell('user'), timeOf(row)];
    const earlier = last.get(user);
    last.set(user, time);
    const reason =
      earlier !== undefined && time - earlier < EPISODE_SECONDS
        ? 'within 30 days of one before'
        : inferable(row, board);
    if (reason === null) episodes.push(episodeOf(row, time));
    else leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  }
  return { events: rows.length, users: last.size, episodes, leftOut };
}

/** The health of each account at whole hours before its liquidation. */
export function followLiquidations(
  { episodes, ...file }: LiquidationFile,
  { board, alert, stepSeconds }: { readonly board: Board; readonly alert: number; readonly stepSeconds: number },
): LiquidationResult {
  const hours = LEAD_HOURS.filter((lead) => (lead * HOUR_SECONDS) % stepSeconds === 0);
  const followed = episodes.flatMap((episode) => {
    const healths = healthsBefore(episode, { board, hours, stepSeconds });
    return healths === null ? [] : [{ pair: episode.pair, healths }];
  });
  const leads = (of: readonly (typeof followed)[number][]) =>
    hours.map((lead, index): LeadCount => {
      const under = (level: number) =>
        of.filter(({ healths }) => healths.slice(0, index + 1).every((one) => isCalled(one, level))).length;
      return { hours: lead, accounts: of.length, called: under(1), alerted: under(alert) };
    });
  const pairs = [...new Set(followed.map(({ pair }) => pair))].map((pair) =>
    followed.filter((one) => one.pair === pair),
  );
  return {
    ...file,
    leftOut: { ...file.leftOut, 'no prices before': episodes.length - followed.length },
    tested: followed.length,
    alert,
    leads: leads(followed),
    byPair: pairs
      .sort((a, b) => b.length - a.length)
      .map((of) => ({ pair: of[0]?.pair ?? '', accounts: of.length, leads: leads(of) })),
  };
}

interface Before {
  readonly board: Board;
  readonly hours: readonly number[];
  readonly stepSeconds: number;
}

function isCalled({ venue, model }: Healths, level: number): boolean {
  return venue >= LEAST_VENUE_HEALTH && model < level;
}

/** At the last whole step before the liquidation, and so many hours before that; null where a price is missing. */
function healthsBefore({ time, book }: Episode, { board, hours, stepSeconds }: Before): Healths[] | null {
  const last = Math.floor(time / stepSeconds) * stepSeconds;
  try {
    return hours.map((lead) => healthsAt(book, { board, time: last - lead * HOUR_SECONDS }));
  } catch (error) {
    if (error instanceof NoPriceAtError) return null;
    throw error;
  }
}

function inferable(row: CsvRow, board: Board): string | null {
  if (row.cell('market') !== 'v2-main') return 'another market';
  const [held, owed] = [assetOf(row.cell('collateral_asset')), assetOf(row.cell('debt_asset'))];
  if (!board.knows(held) || !board.knows(owed)) return 'no price';
  return lookup(THRESHOLDS, held) === undefined || held === owed ? 'no threshold' : null;
}

function episodeOf(row: CsvRow, time: number): Episode {
  const [held, owed] = [assetOf(row.cell('collateral_asset')), assetOf(row.cell('debt_asset'))];
  const threshold = lookup(THRESHOLDS, held) ?? 0;
  const debt = row.amount('debt_amount') / CLOSE_FACTOR;
  const units = (debt * row.amount('debt_px_usd')) / (row.amount('collateral_px_usd') * threshold);
  return {
    time,
    pair: `${held}/${owed}`,
    book: { user: row.cell('user'), held: { [held]: units }, owed: { [owed]: debt }, threshold },
  };
}

function timeOf(row: CsvRow): number {
  const seconds = Date.parse(row.cell('timestamp_utc')) / 1000;
  if (Number.isFinite(seconds)) return seconds;
  throw new AccountFileError(row.line, `the time "${row.cell('timestamp_utc')}"`);
}

/** WETH is ether, WBTC is bitcoin. */
function assetOf(name: string): string {
  return { WETH: 'ETH', WBTC: 'BTC' }[name] ?? name;
}
