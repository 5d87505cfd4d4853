import { USD } from '../factors.ts';
import { at, lookup } from '../lookup.ts';
import type { TailDraw, TailRegime } from '../models/families.ts';
import type { CrossParameters, CrossScenario } from '../models/model.ts';
import type { Held } from './held.ts';
import { sizeOf } from './peg.ts';

/** Draws of which the worst, for whoever holds the book, are one scenario together. */
export interface TailAverage {
  /** What the scenario is called. Its moves are those of the draws that are taken. */
  readonly scenario: CrossScenario;
  readonly draws: readonly CrossScenario[];
  /** The column of the first draw. */
  readonly first: number;
  /** How many periods each draw stands for. */
  readonly days: Float64Array;
  /** How many of them are averaged. */
  readonly worstDays: number;
}

/** What the draws are scaled by, and where their columns begin. */
export interface TailScale {
  readonly parameters: Pick<CrossParameters, 'range' | 'peg' | 'tailAverage'>;
  /** What a factor usually moves within the horizon, as a share of its price. */
  readonly deviationOf: (factor: string) => number;
  readonly first: number;
}

/**
 * One tail average for each regime of the model, its draws as scenarios for what the book holds.
 *
 * Factor on the price of a factor: 1 + multiple · σ√horizon, the move within ± the cap of its range. An asset that follows another one moves with it, and by what the regime says of the asset
 * itself; where pegs break, by its size of the family `peg` (the largest of its chain, once) · min(1, fall ÷ pegBreak).
 * Source: design margin-model §3 (filtered historical simulation); where the draws come from is in docs/model.md. Checked by hand in test/engine/families/tailAverage.test.ts.
 */
export function tailAverages(held: Held, { parameters, deviationOf, first }: TailScale): TailAverage[] {
  const { share, regimes } = parameters.tailAverage;
  let next = first;
  return regimes.map((regime) => {
    const id = `tailAverage:${regime.regime}`;
    const shocksOf = shocker(held, { regime, parameters, deviationOf });
    const draws = regime.draws.map((draw, index) => ({
      id: `${id}:${index}`,
      shocks: shocksOf(draw),
      vol: draw.vol,
      weight: 1,
    }));
    const tail = {
      scenario: { id, title: regime.title, vol: 'none', weight: 1 } as const,
      draws,
      first: next,
      days: Float64Array.from(regime.draws, ({ days }) => days),
      worstDays: share * regime.periods,
    };
    next += draws.length;
    return tail;
  });
}

interface Shocking {
  readonly regime: TailRegime;
  readonly parameters: Pick<CrossParameters, 'range' | 'peg'>;
  readonly deviationOf: (factor: string) => number;
}

function shocker(held: Held, { regime, parameters, deviationOf }: Shocking) {
  const { cap } = parameters.range;
  const moving = held.factors.map((factor) => ({
    factor,
    deviation: deviationOf(factor),
    place: regime.factors.indexOf(factor),
  }));
  const offPeg = regime.pegBreak === undefined ? asItWas(held, regime) : breaking(held, regime.pegBreak, parameters);
  return (draw: TailDraw): Record<string, number> => {
    const shocks = Object.fromEntries(
      moving.map(({ factor, deviation, place }) => {
        const multiple = place < 0 ? draw.others : at(draw.factors, place);
        return [factor, 1 + Math.max(-cap, Math.min(cap, multiple * deviation))];
      }),
    );
    const follows = (asset: string) => lookup(shocks, held.chainOf(asset).at(-1) ?? USD) ?? 1;
    const pegs = offPeg.map(({ asset, move }) => [asset, Math.max(0, follows(asset) * (1 + move(draw)))] as const);
    return { ...shocks, ...Object.fromEntries(pegs) };
  };
}

interface OffPeg {
  readonly asset: string;
  readonly move: (draw: TailDraw) => number;
}

/** What the regime knows of assets that follow others. Those that it does not know go with what they follow. */
function asItWas({ pegs }: Held, regime: TailRegime): OffPeg[] {
  return pegs
    .map(({ asset }) => ({ asset, place: regime.pegs.indexOf(asset) }))
    .filter(({ place }) => place >= 0)
    .map(({ asset, place }) => ({ asset, move: (draw) => at(draw.pegs, place) }));
}

/** Every peg breaks with a fall of the market. */
function breaking({ pegs, chainOf }: Held, pegBreak: number, { peg }: Pick<CrossParameters, 'peg'>): OffPeg[] {
  const downOf = new Map(pegs.map((link) => [link.asset, sizeOf(link, peg).down]));
  return pegs.map(({ asset }) => {
    const down = Math.max(...chainOf(asset).map((name) => downOf.get(name) ?? 0));
    return { asset, move: ({ others }) => -down * Math.min(1, Math.max(0, -others) / pegBreak) };
  });
}
