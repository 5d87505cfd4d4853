import type { Kernel } from '../kernel/kernel.ts';
import { CURVE, CURVE_WORDS, DRAW, DRAW_WORDS, TILE } from '../kernel/layout.ts';
import { plainKernel } from '../kernel/plain.ts';
import { assetsOf, type Leg, type OptionLeg } from '../legs.ts';
import { at } from '../lookup.ts';
import { exp, log } from '../math.ts';
import type { CrossParameters } from '../models/model.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import type { Smile } from '../stickyDelta.ts';
import { discountOf, unitValue } from '../valuation.ts';
import { termWeight } from '../volShock.ts';
import { type Arena, openArena } from './arena.ts';
import { type DrawMoves, ordersOf, pricesMoved, volsMoved } from './moves.ts';
import { type Node, nodesOf, optionsByUnderlying, pairsOf } from './nodes.ts';

/** What a table of draws is made of. */
export interface DrawTableInput {
  /** One unit of each instrument at the end of the horizon. */
  readonly units: readonly Leg[];
  readonly smileOf: (option: OptionLeg) => Smile;
  readonly volShock: CrossParameters['volShock'];
  readonly moves: DrawMoves;
  /** Draws that are in memory together. */
  readonly tile?: number;
}

/** The value of a unit of each instrument in a tile of draws: instruments × draws, of which never more than a tile is there. */
export interface DrawTable {
  readonly units: readonly Leg[];
  readonly draws: number;
  /** Draws of a tile, a multiple of the kernel's. */
  readonly columns: number;
  /** Where row 0 begins in the arena. */
  readonly place: number;
  readonly arena: Arena;
  readonly tiles: number;
  /** Prices every unit in the draws of a tile, over those that were there, and says in how many. */
  readonly fill: (tile: number) => number;
  /** From where the arena is free. */
  readonly end: number;
}

/** Four tiles of the kernel: with 800 instruments 460 kB, what stays near the processor. */
const DRAWS_OF_TILE = 4 * TILE;
/** Above every moneyness: a move is at most {@link LARGEST_MOVE}. */
const HIGHEST = 1e300;

/**
 * A table whose columns are draws. Every draw moves the price and the volatility of each underlying by itself; the smile goes with the forward.
 * Checked in test/engine/table/drawTable.test.ts: cell by cell against {@link unitValue} within 4e-15 of the largest price in it, and the same bits from every kernel and tile.
 *
 * @throws {MoveRangeError} for a move that is no number, or beyond e^±100.
 */
export function createDrawTable(input: DrawTableInput, kernel: Kernel = plainKernel): DrawTable {
  const { units, moves, tile = DRAWS_OF_TILE } = input;
  const columns = TILE * Math.max(1, Math.floor((Math.min(tile, moves.count) + TILE - 1) / TILE));
  const arena = openArena(kernel);
  const place = arena.take(8 * columns * units.length);
  const frame = { ...input, arena, columns, place };
  const jobs = writeJobs(frame);
  const fillOthers = otherRows(frame);
  const tiles = Math.floor((moves.count + columns - 1) / columns);
  const fill = (number: number): number => {
    const first = number * columns;
    const count = Math.min(columns, moves.count - first);
    for (const { job, from } of jobs) {
      const words = arena.words(job, DRAW_WORDS);
      words[DRAW.draws] = count;
      words[DRAW.logs] = from.logs + 8 * first;
      words[DRAW.factors] = from.factors + 8 * first;
      words[DRAW.moves] = from.moves + 8 * first;
      words[DRAW.orders] = from.orders + 4 * first;
      arena.priceDraws(job);
    }
    fillOthers(first, count);
    return count;
  };
  return { units, draws: moves.count, tiles, columns, place, arena, fill, end: arena.take(0) };
}

interface Frame extends DrawTableInput {
  readonly arena: Arena;
  readonly columns: number;
  readonly place: number;
}

/** A job, and where the moves of its underlying begin. */
interface DrawJob {
  readonly job: number;
  readonly from: Readonly<Record<'logs' | 'factors' | 'moves' | 'orders', number>>;
}

function writeJobs({ units, smileOf, volShock, moves, arena, columns, place }: Frame): DrawJob[] {
  const nobodys = arena.take(8 * columns);
  const rowAt = (row: number) => place + 8 * columns * row;
  const scratch = arena.take(16 * columns);
  const curves = new Map<Smile, number>();
  const curveOf = (option: OptionLeg) => {
    const smile = smileOf(option);
    const known = curves.get(smile) ?? putCurve(arena, smile);
    curves.set(smile, known);
    return known;
  };
  return [...optionsByUnderlying(units)].map(([underlying, options]) => {
    const nodes = pairsOf(nodesOf(options, { rowAt, nobodys, alike: smileOf }));
    const logs = pricesMoved(moves, underlying);
    const from = {
      logs: arena.putFloats('logs', logs),
      factors: arena.putFloats('factors', logs.map(exp)),
      moves: arena.putFloats('moves', volsMoved(moves, underlying)),
      orders: arena.putWords(ordersOf(logs, columns)),
    };
    const words = new Uint32Array(DRAW_WORDS);
    words[DRAW.nodes] = nodes.length;
    words[DRAW.scratch] = scratch;
    writeNodes(words, { arena, nodes, curveOf, volShock });
    return { job: arena.putWords(words), from };
  });
}

interface NodeTerms extends Pick<Frame, 'arena' | 'volShock'> {
  readonly nodes: readonly Node[];
  readonly curveOf: (option: OptionLeg) => number;
}

function writeNodes(words: Uint32Array, { arena, nodes, curveOf, volShock }: NodeTerms): void {
  const put = (field: keyof typeof DRAW, value: (option: OptionLeg) => number) => {
    words[DRAW[field]] = arena.putFloats(
      field,
      nodes.map(({ option }) => value(option)),
    );
  };
  put('forwards', (option) => option.forwardUsd);
  put('strikes', (option) => option.strikeUsd);
  put('discounts', discountOf);
  put('moneyness', (option) => log(option.strikeUsd / option.forwardUsd));
  put('roots', ({ seconds }) => (seconds > 0 ? Math.sqrt(seconds / SECONDS_PER_YEAR) : 0));
  put('terms', ({ seconds }) => termWeight(seconds, volShock));
  words[DRAW.curves] = arena.putWords(nodes.map(({ option }) => curveOf(option)));
  words[DRAW.rows] = arena.putWords(nodes.flatMap(({ call, put: row }) => [call, row]));
}

function putCurve(arena: Arena, { knots, vols, slopes }: Smile): number {
  const words = new Uint32Array(CURVE_WORDS);
  words[CURVE.knots] = arena.putFloats('knots', [...knots, HIGHEST]);
  words[CURVE.lines] = arena.putFloats(
    'lines',
    vols.flatMap((vol, line) => [vol, at(slopes, line)]),
  );
  return arena.putWords(words);
}

/** Tokens, perps and ranges: a multiplication or two each. */
function otherRows({ units, moves, arena, columns, place }: Frame): (first: number, count: number) => void {
  const factors = new Map<string, Float64Array>();
  const others = units.flatMap((unit, row) => (unit.kind === 'option' ? [] : [{ unit, row }]));
  for (const asset of others.flatMap(({ unit }) => assetsOf(unit))) {
    if (!factors.has(asset)) factors.set(asset, pricesMoved(moves, asset).map(exp));
  }
  return (first, count) => {
    const floats = arena.floats(place, columns * units.length);
    for (const { unit, row } of others) {
      for (let draw = 0; draw < count; draw += 1) {
        const price = (asset: string) => at(factors.get(asset) ?? [], first + draw);
        floats[row * columns + draw] = unitValue(unit, { price, vol: (option) => option.vol });
      }
    }
  };
}
