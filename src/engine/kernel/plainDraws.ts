import { at } from '../lookup.ts';
import { timeValue } from '../value.ts';
import { CURVE, DRAW } from './layout.ts';
import { reader, type Views } from './views.ts';

/** Prices every node of a job in every draw of a tile, in plain TypeScript: see {@link DRAW}. */
export function priceDraws({ words, floats }: Views, job: number): void {
  const read = reader({ words, floats }, job);
  const [nodes, draws] = [read(DRAW.nodes), read(DRAW.draws)];
  const [logs, factors, moves] = [read(DRAW.logs) >> 3, read(DRAW.factors) >> 3, read(DRAW.moves) >> 3];
  for (let node = 0; node < nodes; node += 1) {
    const of = (field: number) => at(floats, (read(field) >> 3) + node);
    const [forward, strike, discount] = [of(DRAW.forwards), of(DRAW.strikes), of(DRAW.discounts)];
    const [moneyness, root, term] = [of(DRAW.moneyness), of(DRAW.roots), of(DRAW.terms)];
    const vol = curveAt({ words, floats }, at(words, (read(DRAW.curves) >> 2) + node));
    const rows = (read(DRAW.rows) >> 2) + 2 * node;
    const [call, put] = [at(words, rows) >> 3, at(words, rows + 1) >> 3];
    for (let draw = 0; draw < draws; draw += 1) {
      const k = moneyness - at(floats, logs + draw);
      const deviation = vol(k) * Math.max(0, 1 + at(floats, moves + draw) * term) * root;
      const moved = forward * at(floats, factors + draw);
      const value = timeValue(Math.min(moved, strike), Math.abs(k), deviation);
      const gain = moved - strike;
      floats[call + draw] = (value + (gain > 0 ? gain : 0)) * discount;
      floats[put + draw] = (value + (gain < 0 ? -gain : 0)) * discount;
    }
  }
}

/** A smile in memory, by log-moneyness: see {@link CURVE}. */
function curveAt({ words, floats }: Views, place: number): (k: number) => number {
  const read = reader({ words, floats }, place);
  const [knots, lines] = [read(CURVE.knots) >> 3, read(CURVE.lines) >> 3];
  return (k) => {
    let line = 0;
    while (k >= at(floats, knots + line + 1)) line += 1;
    const slope = at(floats, lines + 2 * line + 1);
    return at(floats, lines + 2 * line) + slope * (k - at(floats, knots + line));
  };
}
