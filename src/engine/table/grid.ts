import { PRICE, PRICE_WORDS } from '../kernel/layout.ts';
import type { OptionLeg } from '../legs.ts';
import { at } from '../lookup.ts';
import type { CrossScenario } from '../models/model.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import { discountOf } from '../valuation.ts';
import { deviationOf } from '../value.ts';
import { volatilityKey } from '../valuer.ts';
import type { Arena } from './arena.ts';
import { type Node, pairsOf } from './nodes.ts';

/** The scenarios as prices × volatilities, for all options of one underlying. */
export interface Grid {
  /** Factors on the forward, each once. */
  readonly factors: readonly number[];
  /** One scenario for each thing that is done to volatility. */
  readonly vols: readonly CrossScenario[];
  /** Price and volatility of each cell, flat. */
  readonly cells: readonly number[];
  /** Cell and price of each scenario, flat. */
  readonly columns: readonly number[];
}

/** What the scenarios do to an underlying whose price they multiply by these factors. */
export function gridOf(scenarios: readonly CrossScenario[], factors: readonly number[]): Grid {
  const prices = new Map<number, number>();
  const vols = new Map<string, { readonly index: number; readonly scenario: CrossScenario }>();
  const cells = new Map<string, number>();
  const terms: number[] = [];
  const columns: number[] = [];
  scenarios.forEach((scenario, index) => {
    const price = indexIn(prices, at(factors, index));
    const key = volatilityKey(scenario);
    const vol = vols.get(key)?.index ?? vols.size;
    vols.set(key, { index: vol, scenario: vols.get(key)?.scenario ?? scenario });
    const known = cells.size;
    const cell = indexIn(cells, `${price} ${vol}`);
    if (cell === known) terms.push(price, vol);
    columns.push(cell, price);
  });
  return {
    factors: [...prices.keys()],
    vols: [...vols.values()].map(({ scenario }) => scenario),
    cells: terms,
    columns,
  };
}

function indexIn<K>(map: Map<K, number>, key: K): number {
  const known = map.get(key) ?? map.size;
  map.set(key, known);
  return known;
}

/** What a job is written from. */
export interface GridJob {
  readonly grid: Grid;
  readonly nodes: readonly Node[];
  readonly volIn: (scenario: CrossScenario, option: OptionLeg) => number;
}

/** Writes the job that prices nodes on a grid. */
export function writeGridJob(arena: Arena, { grid, nodes, volIn }: GridJob): number {
  const pairs = pairsOf(nodes);
  const options = pairs.map(({ option }) => option);
  const { factors, vols, cells, columns } = grid;
  const words = new Uint32Array(PRICE_WORDS);
  words[PRICE.nodes] = pairs.length;
  words[PRICE.prices] = factors.length;
  words[PRICE.vols] = vols.length;
  words[PRICE.cells] = cells.length / 2;
  words[PRICE.scenarios] = columns.length / 2;
  const put = (field: keyof typeof PRICE, values: readonly number[]) => {
    words[PRICE[field]] = arena.putFloats(field, values);
  };
  put(
    'forwards',
    options.map((option) => option.forwardUsd),
  );
  put(
    'strikes',
    options.map((option) => option.strikeUsd),
  );
  put('discounts', options.map(discountOf));
  put('factors', factors);
  put('deviations', deviationsOf(options, vols, volIn));
  words[PRICE.cellTerms] = arena.putWords(cells);
  words[PRICE.columns] = arena.putWords(columns);
  words[PRICE.rows] = arena.putWords(pairs.flatMap(({ call, put: row }) => [call, row]));
  words[PRICE.scratch] = arena.take(16 * (3 * factors.length + 2 * vols.length + cells.length / 2));
  return arena.putWords(words);
}

function deviationsOf(
  options: readonly OptionLeg[],
  vols: readonly CrossScenario[],
  volIn: GridJob['volIn'],
): number[] {
  const deviation = (option: OptionLeg, scenario: CrossScenario) =>
    deviationOf(volIn(scenario, option), option.seconds / SECONDS_PER_YEAR);
  const deviations: number[] = [];
  for (let pair = 0; pair < options.length; pair += 2) {
    for (const scenario of vols) {
      deviations.push(deviation(at(options, pair), scenario), deviation(at(options, pair + 1), scenario));
    }
  }
  return deviations;
}
