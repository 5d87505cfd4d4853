import { canonical } from '../../book/canonical.ts';
import { formatPortfolio } from '../../book/formatBook.ts';
import type { PositionJson } from '../../book/schema.ts';
import { compareText } from '../../portfolio/order.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import { type Decimal, formatDecimal, parseDecimal } from '../../units/decimal.ts';
import { addDecimals } from './exact.ts';

/** What a position is, without how much of it. */
export type Terms = Readonly<Record<string, unknown>>;

/** How much there is of it. Where a book lists the same terms twice, their sum. */
export interface Holding {
  readonly amount: string;
  /** Of perps. */
  readonly unrealisedUsd?: string;
  readonly fundingUsd?: string;
}

/** One position that is not as it was; null where it is not there. */
export interface PositionChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly terms: Terms;
  readonly before: Holding | null;
  readonly after: Holding | null;
}

/** What a position is (venue, silo, custody, kind and terms) before and after, in canonical order; what is the same is left out. */
export function positionChanges(before: Portfolio, after: Portfolio): PositionChange[] {
  const [old, now] = [heldOf(before), heldOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
  return keys.flatMap((key): PositionChange[] => {
    const [from, to] = [old.get(key), now.get(key)];
    const terms = (from ?? to)?.terms ?? {};
    const [was, is] = [from === undefined ? null : holdingOf(from), to === undefined ? null : holdingOf(to)];
    if (was === null) return [{ change: 'added', terms, before: null, after: is }];
    if (is === null) return [{ change: 'removed', terms, before: was, after: null }];
    return canonical(was) === canonical(is) ? [] : [{ change: 'changed', terms, before: was, after: is }];
  });
}

interface Held {
  readonly terms: Terms;
  readonly amount: Decimal;
  readonly unrealisedUsd?: Decimal;
  readonly fundingUsd?: Decimal;
}

function heldOf(portfolio: Portfolio): Map<string, Held> {
  const held = new Map<string, Held>();
  for (const position of formatPortfolio(portfolio).positions) {
    const one = readHeld(position);
    const key = canonical(one.terms);
    const known = held.get(key);
    held.set(key, known === undefined ? one : added(known, one));
  }
  return held;
}

function readHeld(position: PositionJson): Held {
  if (position.kind !== 'perp') {
    const { amount, ...terms } = position;
    return { terms, amount: parseDecimal(amount) };
  }
  const { amount, unrealisedUsd, fundingUsd, ...terms } = position;
  const accrued = { unrealisedUsd: parseDecimal(unrealisedUsd), fundingUsd: parseDecimal(fundingUsd) };
  return { terms, amount: parseDecimal(amount), ...accrued };
}

function added(a: Held, b: Held): Held {
  const total = { terms: a.terms, amount: addDecimals(a.amount, b.amount) };
  if (a.unrealisedUsd === undefined || a.fundingUsd === undefined) return total;
  if (b.unrealisedUsd === undefined || b.fundingUsd === undefined) return total;
  return {
    ...total,
    unrealisedUsd: addDecimals(a.unrealisedUsd, b.unrealisedUsd),
    fundingUsd: addDecimals(a.fundingUsd, b.fundingUsd),
  };
}

function holdingOf({ amount, unrealisedUsd, fundingUsd }: Held): Holding {
  return {
    amount: formatDecimal(amount),
    ...(unrealisedUsd === undefined ? {} : { unrealisedUsd: formatDecimal(unrealisedUsd) }),
    ...(fundingUsd === undefined ? {} : { fundingUsd: formatDecimal(fundingUsd) }),
  };
}
