import type { Kernel } from '../engine/kernel/kernel.ts';
import type { Leg } from '../engine/legs.ts';
import { at } from '../engine/lookup.ts';
import { createDrawTable, type DrawTable } from '../engine/table/drawTable.ts';
import { unitOf } from '../engine/table/marginTable.ts';
import { type MarkedHoldings, type Tails, tailsOf } from '../engine/table/tails.ts';
import { unitValue } from '../engine/valuation.ts';
import { MarginError } from '../errors.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { NoLossesError, tailOf } from '../statistics/tail.ts';
import type { Draws } from './draws.ts';
import { type HeldLegs, type Holding, placesIn, readHeld } from './held.ts';

/** What an account can lose beyond a level, USD. */
export interface TailRisk {
  readonly level: number;
  readonly varUsd: number;
  readonly esUsd: number;
  /** The standard error of ES over independent draws. */
  readonly esErrorUsd: number;
}

/** Accounts under one market, over one horizon. */
export interface Accounts extends Holding {
  readonly portfolios: readonly Portfolio[];
}

/** How risk is computed: nothing of it changes a bit of the answer but the levels. */
export interface RiskOptions {
  /** Ascending. */
  readonly levels?: readonly number[];
  readonly kernel?: Kernel;
  /** Draws, and accounts, that are in memory together. */
  readonly tile?: number;
  readonly block?: number;
}

/** Those of Basel and of the backtests. */
export const LEVELS = [0.95, 0.975, 0.99] as const;

/**
 * VaR and ES of many accounts at once by full revaluation, for each account and level: every instrument is priced once a draw (tile by tile), every account is a sparse product with that table, and its tail is
 * selected, not sorted. VaR and ES are those of src/statistics of the same losses: VaR to the bit, ES and its error within 1e-12 of it, for their sums run in the order of the draws. The losses are those of
 * {@link lossesIn} within 1e-13 of what the account is exposed to. Memory: the draws, one tile of the table, the tails of one block of accounts.
 * Checked in test/risk/riskOf.test.ts.
 *
 * @throws {MissingFactorError} for what no factor moves; {@link MoveRangeError} {@link NoLossesError} for draws that are none; {@link LevelsError}.
 */
export function riskOf(accounts: Accounts, draws: Draws, options: RiskOptions = {}): readonly (readonly TailRisk[])[] {
  const { levels = LEVELS, kernel, tile, block } = options;
  requireLevels(levels);
  if (draws.rows.length === 0) throw new NoLossesError();
  const { portfolios, ...holding } = accounts;
  const positions = portfolios.flatMap((portfolio) => portfolio.positions);
  const legs = readHeld({ ...holding, portfolio: { positions, silos: [] } });
  const { units, holdings } = netOf(legs, portfolios);
  const table = createDrawTable(
    {
      units,
      smileOf: legs.smileOf,
      volShock: holding.volShock,
      moves: movesOf(draws, legs),
      ...(tile === undefined ? {} : { tile }),
    },
    kernel,
  );
  const tails = tailsOf(table, holdings, { ranks: ranksOf(table, levels), ...(block === undefined ? {} : { block }) });
  return portfolios.map((_, account) => riskIn(tails, { account, levels, draws: draws.rows.length }));
}

/** The ranks of the losses at the edges of tails, as {@link tailsOf} wants them. */
export function ranksOf({ draws }: Pick<DrawTable, 'draws'>, levels: readonly number[]): number[] {
  return levels.map((level) => tailOf(draws, level).whole + 1);
}

/** What the tails of an account say. */
export function riskIn(
  { edgesUsd, excessUsd, squares }: Tails,
  { account, levels, draws }: { readonly account: number; readonly levels: readonly number[]; readonly draws: number },
): TailRisk[] {
  return levels.map((level, index) => {
    const place = account * levels.length + index;
    const [varUsd, excess] = [at(edgesUsd, place), at(excessUsd, place)];
    const mean = excess / draws;
    const variance = Math.max(0, at(squares, place) / draws - mean * mean);
    return {
      level,
      varUsd,
      esUsd: varUsd + excess / tailOf(draws, level).share,
      esErrorUsd: Math.sqrt(variance / draws) / (1 - level),
    };
  });
}

/** Columns of the draws, by what they move. */
export function movesOf({ factors, rows }: Draws, { chainOf }: Pick<HeldLegs, 'chainOf'>) {
  const places = placesIn(factors, chainOf);
  const column = (place: number) => Float64Array.from(rows, (row) => at(row, place));
  return {
    count: rows.length,
    price: (asset: string) => {
      const place = places.price(asset);
      return place === null ? null : column(place);
    },
    vol: (underlying: string) => column(places.vol(underlying)),
  };
}

/** Every instrument once, and who holds how much of it, in the engine's order. */
function netOf({ today, later }: HeldLegs, portfolios: readonly Portfolio[]) {
  const units: Leg[] = [];
  const todayUsd: number[] = [];
  const rows = new Map<string, number>();
  const rowOf = (now: Leg, then: Leg): number => {
    const key = instrumentKey(now);
    const known = rows.get(key);
    if (known !== undefined) return known;
    rows.set(key, units.length);
    units.push(unitOf(then));
    todayUsd.push(unitValue(now, { price: () => 1, vol: (option) => option.vol }));
    return units.length - 1;
  };
  const accountOf = portfolios.flatMap(({ positions }, account) => positions.map(() => account));
  const held = portfolios.map((): { row: number; amount: number }[] => []);
  today.forEach((now, place) => {
    const own = at(held, at(accountOf, now.index));
    own.push({ row: rowOf(now, at(later, place)), amount: now.amount });
    const coins = accruedCoins(now);
    if (coins !== undefined) own.push({ row: rowOf(coins, coins), amount: coins.amount });
  });
  return { units, holdings: sparse(held, todayUsd) };
}

/** What an inverse perp has accrued is owed in its coin: it moves with the price. In USD it does not. */
function accruedCoins(leg: Leg): Leg | undefined {
  if (leg.kind !== 'perp' || leg.settlement === 'linear' || leg.accruedUsd === 0) return undefined;
  const { index, silo, venue, custody, confidence, underlying, accruedUsd } = leg;
  return { kind: 'token', index, silo, venue, custody, confidence, asset: underlying, amount: accruedUsd, priceUsd: 1 };
}

/** Equal for what is worth the same, whoever holds it. */
function instrumentKey(leg: Leg): string {
  return JSON.stringify({ ...unitOf(leg), index: 0, silo: '', venue: '', custody: '', confidence: 0 });
}

function sparse(
  held: readonly (readonly { readonly row: number; readonly amount: number }[])[],
  todayUsd: readonly number[],
): MarkedHoldings {
  const all = held.flat();
  const starts = new Uint32Array(held.length + 1);
  held.forEach((own, account) => {
    starts[account + 1] = at(starts, account) + own.length;
  });
  return {
    starts,
    instruments: Uint32Array.from(all, ({ row }) => row),
    amounts: Float64Array.from(all, ({ amount }) => amount),
    marksUsd: Float64Array.from(held, (own) =>
      own.reduce((total, { row, amount }) => total + amount * at(todayUsd, row), 0),
    ),
  };
}

function requireLevels(levels: readonly number[]): void {
  const isGood = levels.length > 0 && levels.every((level, index) => level > (levels[index - 1] ?? 0) && level < 1);
  if (!isGood) throw new LevelsError(levels);
}

/** Levels that are no list of shares. */
export class LevelsError extends MarginError {
  readonly code = 'LevelsError';

  constructor(levels: readonly number[]) {
    super(
      `The levels ${levels.join(', ') || 'of nothing'} do not ascend between 0 and 1. Give for instance 0.95, 0.99.`,
    );
  }
}
