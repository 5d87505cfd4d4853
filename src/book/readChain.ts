import type { ChainQuote, OptionChain } from '../engine/surface/chain.ts';
import { median } from '../engine/surface/median.ts';
import { MarginError } from '../errors.ts';

/** One option of a chain's file, its values by the names of the columns. */
type Row = Readonly<Record<string, unknown>>;

const COLUMNS = ['timestamp_utc', 'instrument', 'expiry_utc', 'strike', 'type', 'index_price'];
const TYPES: Readonly<Record<string, 'call' | 'put'>> = { C: 'call', P: 'put', call: 'call', put: 'put' };

/**
 * Reads an option chain from its file: CSV with a line of titles, or a JSON array of objects with the same names.
 *
 * Needed: `timestamp_utc` and `expiry_utc` (ISO 8601 with a Z), `instrument` (whose name begins with the underlying), `strike`, `type` (C or P), `index_price`
 * (USD). Where known: `forward` (USD), `mark_iv` (annual), `bid_price` and `ask_price` (in units of the underlying); an empty one is not known.
 *
 * @throws {ChainFileError} naming the row and column that cannot be read; also for a chain of several underlyings or times.
 */
export function readChain(text: string): OptionChain {
  const rows = text.trimStart().startsWith('[') ? readJson(text) : readCsv(text);
  if (rows.length === 0) throw new ChainFileError('it has no options');
  const quotes = rows.map(readQuote);
  const underlying = requireOne(
    rows.map((row, index) => textOf(row, 'instrument', index).split('-')[0] ?? ''),
    'underlyings',
  );
  const asOf = requireOne(
    rows.map((row, index) => secondsOf(row, 'timestamp_utc', index)),
    'times',
  );
  const spots = rows.map((row, index) => requireNumber(row, 'index_price', index));
  const spotUsd = median(spots);
  if (!(spotUsd > 0)) throw new ChainFileError(`its index price is ${spotUsd}`);
  return { underlying, asOf, spotUsd, quotes };
}

function readJson(text: string): readonly Row[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ChainFileError('it begins like JSON but is not', cause);
  }
  if (Array.isArray(parsed) && parsed.every((row) => typeof row === 'object' && row !== null)) return parsed;
  throw new ChainFileError('it is not an array of objects');
}

function readCsv(text: string): Row[] {
  const [titles = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = titles.split(',');
  const missing = COLUMNS.find((column) => !columns.includes(column));
  if (missing !== undefined) throw new ChainFileError(`it has no column ${missing}`);
  return lines.map((line, index) => {
    const cells = line.split(',');
    if (cells.length === columns.length) return Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
    throw new ChainFileError(`row ${index + 1} has ${cells.length} cells, not ${columns.length}`);
  });
}

function readQuote(row: Row, index: number): ChainQuote {
  const typeText = textOf(row, 'type', index);
  const type = Object.hasOwn(TYPES, typeText) ? TYPES[typeText] : undefined;
  if (type === undefined) throw new ChainFileError(`row ${index + 1} has the type "${typeText}", not C or P`);
  const optional = (name: string, column: string) => {
    const value = numberOf(row, column, index);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    name: textOf(row, 'instrument', index),
    expiry: secondsOf(row, 'expiry_utc', index),
    strikeUsd: requireNumber(row, 'strike', index),
    type,
    ...optional('markVol', 'mark_iv'),
    ...optional('forwardUsd', 'forward'),
    ...optional('bid', 'bid_price'),
    ...optional('ask', 'ask_price'),
  };
}

function textOf(row: Row, column: string, index: number): string {
  const value = row[column];
  if (typeof value === 'string' && value !== '') return value;
  throw new ChainFileError(`row ${index + 1} has no ${column}`);
}

function numberOf(row: Row, column: string, index: number): number | undefined {
  const value = row[column];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new ChainFileError(`row ${index + 1} has ${column} ${JSON.stringify(value)}, which is not a number`);
}

function requireNumber(row: Row, column: string, index: number): number {
  const value = numberOf(row, column, index);
  if (value === undefined) throw new ChainFileError(`row ${index + 1} has no ${column}`);
  return value;
}

function secondsOf(row: Row, column: string, index: number): number {
  const text = textOf(row, column, index);
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  throw new ChainFileError(`row ${index + 1} has ${column} "${text}", not a time like 2026-01-25T08:00Z`);
}

function requireOne<T>(values: readonly T[], what: string): T {
  const [first, ...others] = new Set(values);
  if (others.length > 0)
    throw new ChainFileError(`it is of ${others.length + 1} ${what}: ${[first, ...others].slice(0, 3).join(', ')}`);
  return first as T;
}

/** A file that is not an option chain. */
export class ChainFileError extends MarginError {
  readonly code = 'ChainFileError';

  constructor(problem: string, cause?: unknown) {
    super(`The option chain cannot be read: ${problem}. docs/book.md describes the format.`, { cause });
  }
}
