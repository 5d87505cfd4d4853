import type { z } from 'zod';
import type { Model } from '../engine/models/model.ts';
import { requirePreset } from '../engine/models/presets.ts';
import type { Market } from '../portfolio/market.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { BookError } from './bookError.ts';
import { readMarket } from './readMarket.ts';
import { readModel } from './readModel.ts';
import { readPortfolio } from './readPortfolio.ts';
import { bookSchema } from './schema.ts';

/** A book in the engine's own types. */
export interface Book {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly model: Model;
  /** Unix seconds; the market's time. */
  readonly asOf: number;
}

/**
 * Reads a book from parsed JSON: docs/book.md. The positions keep their order.
 * A price that is missing is found by `computeMargin`, which names the leg and the place.
 *
 * @throws {BookError} naming the place of an unknown key or kind, a missing or malformed value.
 * @throws {UnknownPresetError}
 */
export function parseBook(json: unknown): Book {
  requirePresetName(json);
  requireFewPositions(json);
  const parsed = bookSchema.safeParse(json);
  if (!parsed.success) throw toBookError(parsed.error.issues, []);
  const { asOf, model, market, positions, silos } = parsed.data;
  return {
    portfolio: readPortfolio(positions, silos),
    market: readMarket(asOf, market),
    model: readModel(model),
    asOf,
  };
}

// Before the shape is checked, so that a preset that nobody knows is not called malformed parameters.
function requirePresetName(json: unknown): void {
  const { model } = asRecord(json);
  const preset = typeof model === 'string' ? model : asRecord(model).preset;
  if (typeof preset === 'string') requirePreset(preset);
}

/** More are refused before they are read: no account has them, and they would take gigabytes. */
const MAX_POSITIONS = 200_000;

function requireFewPositions(json: unknown): void {
  const { positions } = asRecord(json);
  if (!Array.isArray(positions) || positions.length <= MAX_POSITIONS) return;
  throw new BookError('positions', `has ${positions.length} entries, more than ${MAX_POSITIONS}`);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

type Path = readonly PropertyKey[];

function toBookError(issues: readonly z.core.$ZodIssue[], parent: Path): BookError {
  const [issue] = issues;
  if (issue === undefined) return new BookError(formatPath(parent), 'is not valid');
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return new BookError(formatPath([...path, ...issue.keys.slice(0, 1)]), 'is not known');
  if (issue.code !== 'invalid_union') return new BookError(formatPath(path), issue.message);
  const deepest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0];
  const isDeeper = deepest !== undefined && depth(deepest) > 0;
  return isDeeper ? toBookError(deepest, path) : new BookError(formatPath(path), unionMessage(issue));
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)));
}

function unionMessage({ errors, message }: z.core.$ZodIssueInvalidUnion): string {
  return errors.length === 0 ? message : errors.map(([first]) => first?.message ?? message).join('; or ');
}

/** `positions[2].strike`. */
function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? 'the book' : text.replace(/^\./, '');
}
