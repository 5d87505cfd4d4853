import { at } from '../engine/lookup.ts';
import type { TailDraw, TailParameters, TailRegime } from '../engine/models/families.ts';
import type { CrossParameters } from '../engine/models/model.ts';
import { worstDays } from '../engine/tail.ts';
import type { PriceSeries } from '../history/prices.ts';
import type { ParameterChange } from './calibrate.ts';
import type { PegHistory } from './periods.ts';
import { measureTails } from './tailAverage.ts';
import { VOL_DECAY } from './volatility.ts';

/** The factors whose own moves are drawn; others follow them. */
const DRAWN = ['BTC', 'ETH'];

/** What is known of everything that the draws are of. */
export interface TailInput {
  readonly factors: readonly PriceSeries[];
  readonly pegs: readonly PegHistory[];
  readonly index: PriceSeries | undefined;
}

/** New draws; or why there are none. */
export function tailsWithIndex(
  { range }: CrossParameters,
  { factors, pegs, index }: TailInput,
): TailParameters | string {
  const drawn = factors.filter(({ asset }) => DRAWN.includes(asset));
  if (drawn.length < DRAWN.length) return `draws need prices of ${DRAWN.join(' and ')}`;
  if (index === undefined) return 'draws need an index of volatility';
  const { horizonDays, k } = range;
  return measureTails({ factors: drawn, pegs, index, horizonDays, decay: VOL_DECAY, pegBreak: k });
}

/** What the draws say, as the means of the worst of single factors: two sides each, in σ√horizon. */
export function describeTails(before: TailParameters, after: TailParameters): ParameterChange[] {
  return after.regimes.flatMap((regime) => {
    const old = before.regimes.find((one) => one.regime === regime.regime);
    const names = [...regime.factors, 'others'];
    return names.flatMap((factor) =>
      (['down', 'up'] as const).map((side) => ({
        parameter: `tailAverage.${regime.regime}.${factor}.${side}`,
        before: old === undefined ? null : meanOf(old, { factor, side, share: before.share }),
        after: meanOf(regime, { factor, side, share: after.share }),
        reason: `σ√horizon, mean of the worst ${100 * after.share} % of ${regime.periods} periods, kept as ${regime.draws.length} draws`,
      })),
    );
  });
}

interface Side {
  readonly factor: string;
  readonly side: 'down' | 'up';
  readonly share: number;
}

function meanOf(regime: TailRegime, { factor, side, share }: Side): number {
  const place = regime.factors.indexOf(factor);
  const moveOf = ({ factors, others }: TailDraw) => (place < 0 ? others : at(factors, place));
  const keys = Float64Array.from(regime.draws, (draw) => (side === 'down' ? moveOf(draw) : -moveOf(draw)));
  const days = Float64Array.from(regime.draws, (draw) => draw.days);
  const taken = worstDays(keys, { days, worstDays: share * regime.periods });
  let [total, weight] = [0, 0];
  regime.draws.forEach((draw, index) => {
    total += at(taken, index) * moveOf(draw);
    weight += at(taken, index);
  });
  return Math.round((10_000 * total) / weight) / 10_000;
}
