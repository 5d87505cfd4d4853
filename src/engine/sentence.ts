import { compareText } from '../portfolio/order.ts';
import { type Mover, moveIn, USD } from './factors.ts';
import { lookup } from './lookup.ts';
import type { CrossScenario } from './models/model.ts';
import type { StressedBook } from './stress.ts';

/** `+13.5 %` or `−22 %`: the move of a price by a factor, for people. */
export function formatMove(factor: number): string {
  const percent = Math.round((factor - 1) * 1000) / 10;
  if (percent === 0) return '±0 %';
  return percent < 0 ? `−${-percent} %` : `+${percent} %`;
}

/** Joins the moves of a scenario and what it does to volatility: `ETH −22 %, volatility up`. */
export function formatScenario(moves: readonly string[], volatility: string | undefined): string {
  const parts = volatility === undefined ? moves : [...moves, volatility];
  return parts.length === 0 ? 'no price moves' : parts.join(', ');
}

/** What a `crossmargin-1` scenario does to the factors that a book holds. */
export function sentenceOf(scenario: CrossScenario, { assets, mover }: Pick<StressedBook, 'assets' | 'mover'>): string {
  const held = new Set(assets.map((asset) => movedBy(scenario, mover(asset))));
  const moves = [...held]
    .sort(compareText)
    .map((name) => ({ name, factor: moveIn(scenario, mover(name)) }))
    .filter(({ factor }) => factor !== 1)
    .map(({ name, factor }) => `${name} ${formatMove(factor)}`);
  const parts = formatScenario(moves, volatilityOf(scenario.vol));
  if (scenario.title === undefined) return parts;
  return moves.length === 0 && scenario.vol === 'none' ? scenario.title : `${scenario.title}: ${parts}`;
}

function volatilityOf(vol: CrossScenario['vol']): string | undefined {
  if (vol === 'none') return undefined;
  return `volatility ${typeof vol === 'number' ? formatMove(1 + vol) : vol}`;
}

/** The name that a scenario moves an asset by: the first of its chain that is named, else its factor. */
function movedBy({ shocks = {} }: CrossScenario, { chain }: Mover): string {
  return chain.find((name) => lookup(shocks, name) !== undefined) ?? chain.at(-1) ?? USD;
}
