import type { Book } from '../book/parseBook.ts';
import { type BetaDelta, type BetaOptions, betaDelta } from '../engine/explain/beta.ts';
import { type Freed, factorsOf, freedByClosing, type HealthMoves, healthMoves } from '../engine/explain/explain.ts';
import { greekProfile, greeksOf, type ProfilePoint } from '../engine/explain/profile.ts';
import type { GreekRow, Margin } from '../engine/result.ts';
import { MarginError } from '../errors.ts';
import { hashModel } from '../report/snapshot.ts';
import { formatDecimal } from '../units/decimal.ts';

/** An error in the place of a number that there is none for. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}

/** A leg of an explanation. */
export interface ExplainedLeg {
  readonly index: number;
  /** For instance `WETH 10` or `ETH call 2500 −2`. */
  readonly name: string;
  readonly valueUsd: number;
  /** What it loses in the worst scenario; the legs sum to the loss. */
  readonly bindingUsd: number;
  readonly closing: Freed | Refusal;
  /** How it answers today, by factor. Absent under a model that does not say. */
  readonly greeks?: readonly GreekRow[];
}

/** Why the margin of a book is what it is. */
export interface Explanation extends Pick<Margin, 'model' | 'equityUsd' | 'maintenanceUsd' | 'initialUsd' | 'health'> {
  readonly modelHash: string;
  readonly binding: Margin['binding'];
  readonly legs: readonly ExplainedLeg[];
  /** By factor, and all of them together where there are several. */
  readonly moves: readonly { readonly factors: readonly string[]; readonly moves: HealthMoves | Refusal }[];
  /** A row for each expiry of each factor, then one for each factor. */
  readonly greeks: readonly GreekRow[];
  /** Value, delta and gamma along the price of each factor. */
  readonly profiles: readonly { readonly factor: string; readonly points: readonly ProfilePoint[] }[];
  /** Everything as if it were the benchmark; null without factors. */
  readonly beta: BetaDelta | Refusal | null;
}

/** Closing each leg takes a margin of the whole book: so many legs are valued for it at most, in all. */
const CLOSING_BUDGET = 100_000;
/** Moving the prices takes hundreds of margins: books up to this size. */
const MOVES_LEGS = 1_000;

/** Explains a book's margin by computing it again: without each leg, and after moves of the prices. */
export function explainBook(book: Book, margin: Margin, options: BetaOptions = {}): Explanation {
  const { model, equityUsd, maintenanceUsd, initialUsd, health, binding } = margin;
  const factors = factorsOf(book);
  const together = factors.length > 1 ? [factors] : [];
  return {
    model,
    modelHash: hashModel(book.model),
    ...{ equityUsd, maintenanceUsd, initialUsd, health, binding },
    legs: explainLegs(book, margin),
    moves: [...factors.map((factor) => [factor]), ...together].map((moved) => ({
      factors: moved,
      moves: orRefusal(() => healthMoves(requireSmall(book), moved)),
    })),
    greeks: greeksOf(book),
    profiles: factors.map((factor) => ({ factor, points: greekProfile(book, factor) })),
    beta: orRefusal(() => betaDelta(book, options) ?? null),
  };
}

/** Closing is computed for as many legs as the budget has, those with the largest share of the loss first. */
function explainLegs(book: Book, margin: Margin): ExplainedLeg[] {
  const count = Math.floor(CLOSING_BUDGET / Math.max(1, margin.legs.length));
  const bySize = [...margin.legs].sort((a, b) => Math.abs(b.bindingUsd) - Math.abs(a.bindingUsd) || a.index - b.index);
  const closed = new Set(bySize.slice(0, count).map(({ index }) => index));
  return margin.legs.map((leg) => ({
    ...leg,
    name: nameOf(book, leg.index),
    closing: orRefusal(() => {
      if (!closed.has(leg.index))
        throw new ExplanationSizeError(margin.legs.length, `closing is computed for ${count} of them`);
      return freedByClosing(book, { index: leg.index, margin });
    }),
  }));
}

function requireSmall(book: Book): Book {
  const { length } = book.portfolio.positions;
  if (length > MOVES_LEGS) throw new ExplanationSizeError(length, `moves are searched up to ${MOVES_LEGS}`);
  return book;
}

function orRefusal<T>(compute: () => T): T | Refusal {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof MarginError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

function nameOf({ portfolio }: Book, index: number): string {
  const position = portfolio.positions[index];
  if (position === undefined) return '';
  const amount = formatDecimal(position.amount).replace('-', '−');
  if (position.kind === 'token') return `${position.asset} ${amount}`;
  if (position.kind === 'range') return `${position.token0}/${position.token1} range`;
  const { underlying, settlement } = position;
  const kind = settlement === 'inverse' ? 'inverse ' : '';
  if (position.kind === 'option') {
    return `${underlying} ${kind}${position.type} ${formatDecimal(position.strike)} ${amount}`;
  }
  return `${underlying} ${kind}${position.expiry === undefined ? 'perp' : 'future'} ${amount}`;
}

/** A book too large for a part of its explanation, which would take a margin for every step. */
export class ExplanationSizeError extends MarginError {
  readonly code = 'ExplanationSizeError';

  constructor(legs: number, bound: string) {
    super(`The book has ${legs} legs, and ${bound}. Ask what-if about single legs.`);
  }
}
