import { compareText } from '../portfolio/order.ts';
import { factorOf, pegChain, priceFactor } from './factors.ts';
import type { FloatMarket } from './inputs.ts';
import { assetsOf, type Leg } from './legs.ts';
import { lookup } from './lookup.ts';
import type { CrossModel, CrossScenario } from './models/model.ts';

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
export function sentenceOf(
  scenario: CrossScenario,
  { legs, market, model }: { legs: readonly Leg[]; market: FloatMarket; model: CrossModel },
): string {
  const { range } = model.parameters;
  const held = new Set([...new Set(legs.flatMap(assetsOf))].map((asset) => moverOf(scenario, asset, market)));
  const moves = [...held]
    .sort(compareText)
    .map((name) => ({ name, factor: priceFactor(scenario, name, { market, range }) }))
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

function moverOf({ shocks = {} }: CrossScenario, asset: string, market: FloatMarket): string {
  const named = pegChain(market, asset).find((name) => lookup(shocks, name) !== undefined);
  return named ?? factorOf(market, asset);
}
