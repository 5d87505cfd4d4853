import type { Book } from '../book/parseBook.ts';
import { type Freed, factorsOf, freedByClosing, type HealthMoves, healthMoves } from '../engine/explain/explain.ts';
import type { Margin } from '../engine/result.ts';
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
}

/** Why the margin of a book is what it is. */
export interface Explanation extends Pick<Margin, 'model' | 'equityUsd' | 'maintenanceUsd' | 'initialUsd' | 'health'> {
  readonly modelHash: string;
  readonly binding: Margin['binding'];
  readonly legs: readonly ExplainedLeg[];
  /** By factor, and all of them together where there are several. */
  readonly moves: readonly { readonly factors: readonly string[]; readonly moves: HealthMoves | Refusal }[];
}

/** Explains a book's margin by computing it again: without each leg, and after moves of the prices. */
export function explainBook(book: Book, margin: Margin): Explanation {
  const { model, equityUsd, maintenanceUsd, initialUsd, health, binding } = margin;
  const factors = factorsOf(book);
  const together = factors.length > 1 ? [factors] : [];
  return {
    model,
    modelHash: hashModel(book.model),
    ...{ equityUsd, maintenanceUsd, initialUsd, health, binding },
    legs: margin.legs.map((leg) => ({
      ...leg,
      name: nameOf(book, leg.index),
      closing: orRefusal(() => freedByClosing(book, { index: leg.index, margin })),
    })),
    moves: [...factors.map((factor) => [factor]), ...together].map((moved) => ({
      factors: moved,
      moves: orRefusal(() => healthMoves(book, moved)),
    })),
  };
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
