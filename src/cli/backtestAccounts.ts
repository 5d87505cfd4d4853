import { createBoard } from '../backtest/accounts/board.ts';
import { AccountFileError, readCsv } from '../backtest/accounts/csv.ts';
import {
  followLiquidations,
  isLiquidations,
  type LiquidationResult,
  readLiquidations,
} from '../backtest/accounts/liquidations.ts';
import { followSnapshot, isSnapshot, readSnapshot, type SnapshotResult } from '../backtest/accounts/snapshot.ts';
import { joinPrices } from '../history/join.ts';
import { DAY_SECONDS, HOUR_SECONDS, type PriceSeries, readPrices } from '../history/prices.ts';
import { BacktestError, dayOf } from './backtestOptions.ts';
import { readBook } from './forEachBook.ts';

/** As the command line gives them. */
export interface AccountOptions {
  readonly accounts: string;
  readonly prices: readonly string[];
  /** Of a snapshot: the day it is of. */
  readonly at?: string;
  readonly days: string;
  readonly alert: string;
}

/** Real accounts: a snapshot that is held still, or liquidations that are looked back from. */
export async function backtestAccounts({
  accounts,
  prices,
  at,
  days,
  alert,
}: AccountOptions): Promise<SnapshotResult | LiquidationResult> {
  const text = await readBook(accounts);
  const { titles } = readCsv(text);
  const { series, stepSeconds } = await readEither(prices);
  if (isLiquidations(titles)) {
    const board = createBoard(series);
    return followLiquidations(readLiquidations(text, board), { board, alert: levelOf(alert), stepSeconds });
  }
  if (!isSnapshot(titles)) throw new AccountFileError(1, 'the titles of neither a snapshot nor liquidations');
  if (at === undefined) throw new BacktestError(`${accounts} is a snapshot: --at <day> has to say of which day`);
  const file = readSnapshot(text);
  const known = series.map(({ asset }) => asset);
  const ratios = Object.fromEntries(Object.entries(file.ratios).filter(([asset]) => !known.includes(asset)));
  return followSnapshot(file, { board: createBoard(series, ratios), at: dayOf(at), days: daysOf(days) });
}

/** Prices by the day, or by the hour where a time is none of a day. */
async function readEither(files: readonly string[]): Promise<{ series: readonly PriceSeries[]; stepSeconds: number }> {
  const texts: string[] = [];
  for (const file of files) texts.push(await readBook(file));
  const isHourly = texts.some((text) => text.slice(0, text.indexOf('\n')).includes('timestamp_utc'));
  const stepSeconds = isHourly ? HOUR_SECONDS : DAY_SECONDS;
  return { series: joinPrices(texts.map((text) => readPrices(text, stepSeconds))).series, stepSeconds };
}

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days;
  throw new BacktestError(`--days ${text} is not a whole number from 1 to 3650`);
}

function levelOf(text: string): number {
  const level = Number(text);
  if (level >= 1 && level <= 10) return level;
  throw new BacktestError(`--alert ${text} is not a health from 1 to 10`);
}
