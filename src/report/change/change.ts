import type { Hex } from 'viem';
import type { Book } from '../../book/parseBook.ts';
import { computeMargin } from '../../engine/margin.ts';
import type { Binding, Margin } from '../../engine/result.ts';
import { MarginError } from '../../errors.ts';
import { hashModel } from '../snapshot.ts';
import { carryPerps } from './carryPerps.ts';
import { exactDifference } from './exact.ts';
import { type PositionChange, positionChanges } from './positionChanges.ts';
import { type QuoteChange, quoteChanges } from './quoteChanges.ts';

/** Where an account stands. */
export interface Standing extends Pick<Margin, 'equityUsd' | 'maintenanceUsd' | 'initialUsd' | 'health'> {
  readonly model: string;
  readonly modelHash: Hex;
  readonly binding: Binding;
}

/** What a number changed by, in USD: exact decimals that add up to the last digit. */
export interface Attribution {
  /** Prices, volatilities and the time that passed, at the positions as they were. */
  readonly market: string;
  /** What was added, removed and changed, at the new prices; the venues' rules too. */
  readonly positions: string;
  /** Another model. */
  readonly model: string;
  readonly total: string;
}

/** An error in the place of what it keeps from being computed. */
export interface AttributionRefusal {
  readonly error: { readonly code: string; readonly message: string };
}

/** Every step from one report of an account to another. */
export interface Attributed {
  /** The old positions at the new market, under the old model. */
  readonly afterMarket: Standing;
  readonly equityUsd: Attribution;
  readonly maintenanceUsd: Attribution;
  readonly initialUsd: Attribution;
}

/** What is different between two reports of one account. */
export interface AccountChange {
  readonly before: Standing;
  readonly after: Standing;
  readonly positions: readonly PositionChange[];
  readonly quotes: readonly QuoteChange[];
  readonly attribution: Attributed | AttributionRefusal;
}

/**
 * Compares two books of one account: what it holds, what that is quoted at, and how much of each difference is the market's, the positions' and the model's.
 *
 * market: the old positions at the new market, perps having gained what their price did ({@link carryPerps}); positions: the new ones less those; model: the new model less the old.
 * The order is fixed, so what two of them do together is in the later one. Where the old positions have no price at the new market the error stands in the attribution's place.
 * Checked by hand in test/report/change/change.test.ts.
 *
 * @throws {MarginError} where one of the two books has no margin.
 */
export function describeChange(before: Book, after: Book): AccountChange {
  const [from, to] = [standingOf(before), standingOf(after)];
  return {
    before: from,
    after: to,
    positions: positionChanges(before.portfolio, after.portfolio),
    quotes: quoteChanges(before.market, after.market),
    attribution: attribute(before, after),
  };
}

function attribute(before: Book, after: Book): Attributed | AttributionRefusal {
  try {
    const carried = carryPerps(before.portfolio, { before: before.market, after: after.market });
    const from = standingOf(before);
    const afterMarket = standingOf({ ...before, portfolio: carried, market: after.market });
    const traded = standingOf({ ...after, model: before.model });
    const to = standingOf(after);
    const steps = { from, afterMarket, traded, to };
    return {
      afterMarket,
      equityUsd: attributionOf(steps, (standing) => standing.equityUsd),
      maintenanceUsd: attributionOf(steps, (standing) => standing.maintenanceUsd),
      initialUsd: attributionOf(steps, (standing) => standing.initialUsd),
    };
  } catch (error) {
    if (!(error instanceof MarginError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

function attributionOf(
  steps: Readonly<Record<'from' | 'afterMarket' | 'traded' | 'to', Standing>>,
  usd: (standing: Standing) => number,
): Attribution {
  const { from, afterMarket, traded, to } = steps;
  return {
    market: exactDifference(usd(afterMarket), usd(from)),
    positions: exactDifference(usd(traded), usd(afterMarket)),
    model: exactDifference(usd(to), usd(traded)),
    total: exactDifference(usd(to), usd(from)),
  };
}

function standingOf(book: Book): Standing {
  const { model, equityUsd, maintenanceUsd, initialUsd, health, binding } = computeMargin(book);
  return { model, modelHash: hashModel(book.model), equityUsd, maintenanceUsd, initialUsd, health, binding };
}
