/**
 * Options in draws: every draw has a price and a volatility of its own, and the smile goes with the price. The twin of src/engine/kernel/plainDraws.ts.
 */

import { SMALL_HALF_DEVIATION, timeValue, timeValues } from './value';

/** Prices every node of a job in every draw of a tile: see DRAW in src/engine/kernel/layout.ts. */
export function priceDraws(job: usize): void {
  const nodes: usize = load<u32>(job);
  for (let node: usize = 0; node < nodes; node += 2) {
    followSmile(job, node, 0);
    followSmile(job, node + 1, 8);
    pricePair(job, node);
  }
}

/** The volatility of a node at its moneyness in each draw: the draws in the order in which that grows, so that the lines of the smile are walked once. */
function followSmile(job: usize, node: usize, lane: usize): void {
  const moneyness = load<f64>((load<u32>(job, 20) as usize) + (node << 3));
  const curve: usize = load<u32>((load<u32>(job, 32) as usize) + (node << 2));
  let knot: usize = load<u32>(curve);
  let line: usize = load<u32>(curve, 4);
  const logs: usize = load<u32>(job, 36);
  const out: usize = (load<u32>(job, 56) as usize) + lane;
  let order: usize = load<u32>(job, 48);
  const end = order + ((load<u32>(job, 4) as usize) << 2);
  for (; order < end; order += 4) {
    const at: usize = load<u32>(order);
    const k = moneyness - load<f64>(logs + (at << 3));
    while (k >= load<f64>(knot, 8)) {
      knot += 8;
      line += 16;
    }
    store<f64>(out + (at << 4), load<f64>(line) + load<f64>(line, 8) * (k - load<f64>(knot)));
  }
}

function pricePair(job: usize, node: usize): void {
  const draws: usize = load<u32>(job, 4);
  const forward: usize = (load<u32>(job, 8) as usize) + (node << 3);
  const strike: usize = (load<u32>(job, 12) as usize) + (node << 3);
  const discount: usize = (load<u32>(job, 16) as usize) + (node << 3);
  const factors: usize = load<u32>(job, 40);
  const moneyness: usize = (load<u32>(job, 20) as usize) + (node << 3);
  const root: usize = (load<u32>(job, 24) as usize) + (node << 3);
  const term: usize = (load<u32>(job, 28) as usize) + (node << 3);
  const logs: usize = load<u32>(job, 36);
  const moves: usize = load<u32>(job, 44);
  const rows: usize = (load<u32>(job, 52) as usize) + (node << 3);
  const scratch: usize = load<u32>(job, 56);
  const call0: usize = load<u32>(rows);
  const put0: usize = load<u32>(rows, 4);
  const call1: usize = load<u32>(rows, 8);
  const put1: usize = load<u32>(rows, 12);
  for (let draw: usize = 0; draw < draws; draw++) {
    const at = draw << 3;
    const vol = scratch + (draw << 4);
    if (ASC_FEATURE_SIMD) {
      const fixed = v128.load(strike);
      const moved = f64x2.mul(v128.load(forward), v128.load64_splat(factors + at));
      const least = f64x2.min(moved, fixed);
      const level = f64x2.mul(v128.load64_splat(moves + at), v128.load(term));
      const scaled = f64x2.mul(v128.load(vol), f64x2.pmax(f64x2.splat(0), f64x2.add(f64x2.splat(1), level)));
      const deviation = f64x2.mul(scaled, v128.load(root));
      const distance = f64x2.abs(f64x2.sub(v128.load(moneyness), v128.load64_splat(logs + at)));
      const half = f64x2.mul(f64x2.splat(0.5), deviation);
      let value: v128;
      if (v128.all_true<i64>(f64x2.ge(half, f64x2.splat(SMALL_HALF_DEVIATION)))) {
        value = timeValues(least, distance, f64x2.div(f64x2.splat(1), deviation), half);
      } else {
        value = valueEach(least, distance, deviation);
      }
      const gain = f64x2.sub(moved, fixed);
      const call = f64x2.mul(f64x2.add(value, f64x2.pmax(f64x2.splat(0), gain)), v128.load(discount));
      const put = f64x2.mul(f64x2.add(value, f64x2.pmax(f64x2.splat(0), f64x2.neg(gain))), v128.load(discount));
      v128.store64_lane(call0 + at, call, 0);
      v128.store64_lane(call1 + at, call, 1);
      v128.store64_lane(put0 + at, put, 0);
      v128.store64_lane(put1 + at, put, 1);
    } else {
      for (let lane: usize = 0; lane < 2; lane++) {
        const fixed = load<f64>(strike + (lane << 3));
        const moved = load<f64>(forward + (lane << 3)) * load<f64>(factors + at);
        const level = max<f64>(0, 1 + load<f64>(moves + at) * load<f64>(term + (lane << 3)));
        const deviation = load<f64>(vol + (lane << 3)) * level * load<f64>(root + (lane << 3));
        const distance = abs(load<f64>(moneyness + (lane << 3)) - load<f64>(logs + at));
        const value = timeValue(min<f64>(moved, fixed), distance, deviation);
        const gain = moved - fixed;
        const rate = load<f64>(discount + (lane << 3));
        store<f64>((lane ? call1 : call0) + at, (value + (gain > 0 ? gain : 0)) * rate);
        store<f64>((lane ? put1 : put0) + at, (value + (gain < 0 ? -gain : 0)) * rate);
      }
    }
  }
}

function valueEach(least: v128, distance: v128, deviation: v128): v128 {
  const first = timeValue(f64x2.extract_lane(least, 0), f64x2.extract_lane(distance, 0), f64x2.extract_lane(deviation, 0));
  const second = timeValue(f64x2.extract_lane(least, 1), f64x2.extract_lane(distance, 1), f64x2.extract_lane(deviation, 1));
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}
