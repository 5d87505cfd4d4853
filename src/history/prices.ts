import { MarginError } from '../errors.ts';

/** Prices of one asset, a step apart or more. */
export interface PriceSeries {
  readonly asset: string;
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  /** Above zero. USD, where the file says no other unit. */
  readonly prices: readonly number[];
}

/** Periods between two prices of an asset for which there is none. */
export interface Gap {
  readonly asset: string;
  /** The last time before, and the first after. */
  readonly from: number;
  readonly to: number;
  readonly missing: number;
}

export const DAY_SECONDS = 86_400;
export const HOUR_SECONDS = 3_600;

const TIMES = ['date', 'timestamp_utc'];
const PRICES = ['close_usd', 'price_usd', 'close'];

/**
 * Reads prices from CSV: a time (`date`, or `timestamp_utc` with a Z), `asset`, and a price (`close_usd`, `price_usd` or `close`). Assets may alternate; each one's
 * rows ascend in time, none twice, at whole steps, every price above zero.
 *
 * @throws {PriceHistoryError} naming the row: nothing is sorted, filled in or left out.
 */
export function readPrices(text: string, stepSeconds: number = DAY_SECONDS): PriceSeries[] {
  const [titles = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = columnsOf(titles.split(','));
  const series = new Map<string, { asset: string; times: number[]; prices: number[] }>();
  lines.forEach((line, index) => {
    const { asset, time, price } = readRow(line.split(','), { columns, row: index + 2, stepSeconds });
    const known = series.get(asset) ?? { asset, times: [], prices: [] };
    series.set(asset, known);
    const last = known.times.at(-1);
    if (last !== undefined && time <= last) {
      throw new PriceHistoryError(
        index + 2,
        time === last ? `a second price of ${asset} for this time` : `a time of ${asset} before the one above`,
      );
    }
    known.times.push(time);
    known.prices.push(price);
  });
  if (series.size === 0) throw new PriceHistoryError(1, 'no prices');
  return [...series.values()];
}

/** Where prices are missing: nothing is ever differenced across these. */
export function gapsOf({ asset, times }: PriceSeries, stepSeconds: number = DAY_SECONDS): Gap[] {
  return times.flatMap((from, index) => {
    const to = times[index + 1] ?? from + stepSeconds;
    return to - from > stepSeconds ? [{ asset, from, to, missing: (to - from) / stepSeconds - 1 }] : [];
  });
}

/** The series of an asset. @throws {MissingHistoryError} */
export function seriesOf(series: readonly PriceSeries[], asset: string): PriceSeries {
  const found = series.find((one) => one.asset === asset);
  if (found === undefined) throw new MissingHistoryError(asset);
  return found;
}

interface Columns {
  readonly time: number;
  readonly asset: number;
  readonly price: number;
  readonly width: number;
}

function columnsOf(titles: readonly string[]): Columns {
  const find = (names: readonly string[]) => {
    const found = names.find((name) => titles.includes(name));
    if (found === undefined) throw new PriceHistoryError(1, `no column ${names.join(' or ')}`);
    return titles.indexOf(found);
  };
  return { time: find(TIMES), asset: find(['asset']), price: find(PRICES), width: titles.length };
}

interface Row {
  readonly columns: Columns;
  readonly row: number;
  readonly stepSeconds: number;
}

function readRow(cells: readonly string[], { columns, row, stepSeconds }: Row) {
  if (cells.length !== columns.width) throw new PriceHistoryError(row, `${cells.length} cells of ${columns.width}`);
  const [time = '', asset = '', price = ''] = [columns.time, columns.asset, columns.price].map(
    (column) => cells[column],
  );
  const seconds = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(time) ? Date.parse(time) / 1000 : Number.NaN;
  if (!Number.isFinite(seconds)) throw new PriceHistoryError(row, `the time "${time}", not one like 2026-01-25`);
  if (seconds % stepSeconds !== 0)
    throw new PriceHistoryError(row, `the time ${time}, not at a whole step of ${stepSeconds} s`);
  const value = price === '' ? Number.NaN : Number(price);
  if (asset === '') throw new PriceHistoryError(row, 'no asset');
  if (!(Number.isFinite(value) && value > 0))
    throw new PriceHistoryError(row, `the price "${price}", not one above zero`);
  return { asset, time: seconds, price: value };
}

/** Prices by time. */
export function pricesByTime({ times, prices }: PriceSeries): ReadonlyMap<number, number> {
  return new Map(times.map((time, index) => [time, prices[index] ?? Number.NaN]));
}

/** A row of a file of prices that is none. */
export class PriceHistoryError extends MarginError {
  readonly code = 'PriceHistoryError';
  readonly row: number;

  constructor(row: number, problem: string) {
    super(`Line ${row} of the prices has ${problem}. Correct the file: prices are never guessed, sorted or left out.`);
    this.row = row;
  }
}

/** An asset whose prices no file has. */
export class MissingHistoryError extends MarginError {
  readonly code = 'MissingHistoryError';

  constructor(asset: string) {
    super(`The history has no prices of ${asset}. Add them to the file of prices, or leave out what needs them.`);
  }
}
