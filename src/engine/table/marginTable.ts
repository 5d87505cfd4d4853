import type { Market } from '../../portfolio/market.ts';
import type { Position } from '../../portfolio/position.ts';
import { moveIn, moverOf } from '../factors.ts';
import { expandScenarios, type Stresses } from '../families/expand.ts';
import { readInputs } from '../inputs.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { TILE } from '../kernel/layout.ts';
import { plainKernel } from '../kernel/plain.ts';
import { assetsOf, type Leg, type OptionLeg } from '../legs.ts';
import { at } from '../lookup.ts';
import type { CrossModel, CrossScenario } from '../models/model.ts';
import { readLegs } from '../readLegs.ts';
import { type ChargeTable, unitCharges } from '../unitCharges.ts';
import { unitValue } from '../valuation.ts';
import { volIn } from '../valuer.ts';
import { type Arena, openArena } from './arena.ts';
import { type Desk, setDesk } from './desk.ts';
import { gridOf, writeGridJob } from './grid.ts';
import { nodesOf, optionsByUnderlying } from './nodes.ts';

/** What everybody's margin under one market and model is made of: the value of one unit of each instrument in each scenario. */
export interface MarginTable {
  readonly model: CrossModel;
  /** They hold for every book of these instruments. A row of the table has a float for each of their columns. */
  readonly stresses: Stresses;
  /** The unshocked one first, the tail averages last. */
  readonly scenarios: readonly CrossScenario[];
  /** One unit of each instrument, in the order in which the instruments were given. */
  readonly units: readonly Leg[];
  /** The canonical place of each instrument: the order in which an account's are summed. */
  readonly ranks: Uint32Array;
  /** What a unit of each adds to the charges beside the scenarios. */
  readonly charges: ChargeTable;
  readonly desk: Desk;
  /** Floats of a row: those of the stresses, rounded up to whole tiles. */
  readonly columns: number;
  /** Where row 0 begins in the arena: a float for each column, row by row. */
  readonly place: number;
  readonly weights: number;
  readonly arena: Arena;
  /** Prices the options once more: what a benchmark times. */
  readonly price: () => void;
  /** From where the arena is free. */
  readonly end: number;
}

/** What a table is made for. */
export interface MarginTableInput {
  readonly market: Market;
  readonly model: CrossModel;
  /** What can be held; amounts, homes and what a perp has accrued do not matter. */
  readonly instruments: readonly Position[];
}

/**
 * Prices every instrument in every scenario, once for all accounts that hold it. A scenario of a family is there where any long or short holding
 * of these instruments could need it; to an account that does not it is one that it has already, or none.
 * The value of a unit is that of {@link unitValue}, to the last bit, whatever the kernel.
 * Checked in test/engine/table/marginTable.test.ts: cell by cell, and against `computeMargin`.
 *
 * @throws {MarginError} as `computeMargin` does, for what has no quote or is out of range; `NotANumberError` for what has no number.
 */
export function createMarginTable(
  { market, model, instruments }: MarginTableInput,
  kernel: Kernel = plainKernel,
): MarginTable {
  const inputs = readInputs({ portfolio: { positions: instruments, silos: [] }, market });
  const units: Leg[] = [];
  const ranks = new Uint32Array(instruments.length);
  readLegs(inputs).forEach((leg, rank) => {
    units[leg.index] = unitOf(leg);
    ranks[leg.index] = rank;
  });
  const legs = [...units, ...units.map((leg) => ({ ...leg, amount: -1 }))];
  const stresses = expandScenarios(model, { legs, market: inputs.market });
  const { scenarios } = stresses;
  const columns = Math.floor((stresses.columns.length + TILE - 1) / TILE) * TILE;
  const arena = openArena(kernel);
  const place = arena.take(8 * columns * units.length);
  const weights = arena.putFloats('weight', weightsOf(stresses, columns));
  const mover = remember((asset: string) => moverOf(inputs.market, asset, model.parameters.range));
  const factors = remember((asset: string) => stresses.columns.map((scenario) => moveIn(scenario, mover(asset))));
  const price = fillTable({ units, stresses, columns, place, arena, model, factors });
  const desk = setDesk(arena, { table: place, weights, columns, instruments: units.length });
  const charges = unitCharges(units, { parameters: model.parameters, mover });
  const end = arena.take(0);
  return { model, stresses, scenarios, units, ranks, charges, columns, place, weights, arena, desk, price, end };
}

/** Fills every row, and says how the options are priced again. */
function fillTable(frame: Frame): () => void {
  const jobs = writeJobs(frame);
  const price = () => {
    for (const job of jobs) frame.arena.price(job);
  };
  price();
  fillOthers(frame);
  return price;
}

interface Frame extends Pick<MarginTable, 'units' | 'stresses' | 'columns' | 'place' | 'arena' | 'model'> {
  /** Factors on the price of an asset, by column. */
  readonly factors: (asset: string) => readonly number[];
}

/** One unit of what a leg is, with nothing accrued. */
export function unitOf(leg: Leg): Leg {
  return leg.kind === 'perp' ? { ...leg, amount: 1, accruedUsd: 0 } : { ...leg, amount: 1 };
}

/** 0 in the columns that no scenario has, and in those that are no scenario by themselves. */
function weightsOf({ plain, scenarios }: Stresses, columns: number): number[] {
  return Array.from({ length: columns }, (_, column) => (column < plain ? at(scenarios, column).weight : 0));
}

/** One job for each underlying. */
function writeJobs({ units, stresses, columns, place, arena, model, factors }: Frame): number[] {
  const nobodys = arena.take(8 * columns);
  const rowAt = (row: number) => place + 8 * columns * row;
  return [...optionsByUnderlying(units)].map(([underlying, options]) => {
    const grid = gridOf(stresses.columns, factors(underlying));
    const vol = (scenario: CrossScenario, option: OptionLeg) => volIn(scenario, option, model.parameters);
    return writeGridJob(arena, { grid, nodes: nodesOf(options, { rowAt, nobodys }), volIn: vol });
  });
}

/** Tokens, perps and ranges: a multiplication or two each. */
function fillOthers({ units, stresses, columns, place, arena, factors, model }: Frame): void {
  const floats = arena.floats(place, columns * units.length);
  const { parameters } = model;
  units.forEach((leg, row) => {
    if (leg.kind === 'option') return;
    const moves = new Map(assetsOf(leg).map((asset) => [asset, factors(asset)]));
    stresses.columns.forEach((scenario, index) => {
      const price = (asset: string) => at(moves.get(asset) ?? [], index);
      floats[row * columns + index] = unitValue(leg, { price, vol: (option) => volIn(scenario, option, parameters) });
    });
  });
}

function remember<V>(compute: (key: string) => V): (key: string) => V {
  const known = new Map<string, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}
