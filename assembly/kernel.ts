/**
 * The kernel in AssemblyScript: a table instrument × scenario, and holdings × table. The same bits as its twin in plain TypeScript,
 * src/engine/kernel/plain.ts; test/engine/kernel compares the two. src/engine/kernel/layout.ts says what the jobs in memory mean: words of 32 bits, pointers in bytes.
 *
 * Only + − × ÷ and bit operations in a fixed order; no fused multiply–add, no relaxed SIMD. Compiled twice: with SIMD two instruments
 * are priced side by side, without it one after the other.
 */

import { lossesOfTile, TILE } from './tile';
import { moneyness, moneynessPair, SMALL_HALF_DEVIATION, timeValue, timeValues } from './value';

export { priceDraws } from './draws';
export { addLosses, measureTails } from './tails';

/** Accounts whose holdings stay near the processor from tile to tile. */
@inline const BLOCK: usize = 512;

/** Where memory is free for the caller. */
export function freeFrom(): usize {
  return __heap_base;
}

/** Prices every node of a job: see PRICE in src/engine/kernel/layout.ts. */
export function price(job: usize): void {
  const nodes = load<u32>(job, 0);
  for (let node: u32 = 0; node < nodes; node += 2) pricePair(job, node);
}

function pricePair(job: usize, node: u32): void {
  const prices = load<u32>(job, 4);
  const vols = load<u32>(job, 8);
  const forwards: usize = load<u32>(job, 52);
  const leasts: usize = forwards + (prices << 4);
  const distances: usize = leasts + (prices << 4);
  const deviations: usize = (load<u32>(job, 36) as usize) + ((((node >> 1) * vols) as usize) << 4);
  const halves: usize = distances + (prices << 4);
  const inverses: usize = halves + (vols << 4);
  const values: usize = inverses + (vols << 4);
  readPrices(job, node);
  const cellCount = load<u32>(job, 12);
  const cells: usize = load<u32>(job, 40);
  if (ASC_FEATURE_SIMD) {
    for (let vol: usize = 0; vol < vols; vol++) {
      const deviation = v128.load(deviations + (vol << 4));
      v128.store(halves + (vol << 4), f64x2.mul(f64x2.splat(0.5), deviation));
      v128.store(inverses + (vol << 4), f64x2.div(f64x2.splat(1), deviation));
    }
  }
  for (let cell: usize = 0; cell < cellCount; cell++) {
    const atPrice = (load<u32>(cells + (cell << 3)) as usize) << 4;
    const atVol = (load<u32>(cells + (cell << 3), 4) as usize) << 4;
    const out = values + (cell << 4);
    if (ASC_FEATURE_SIMD) {
      const half = v128.load(halves + atVol);
      if (v128.all_true<i64>(f64x2.ge(half, f64x2.splat(SMALL_HALF_DEVIATION)))) {
        const least = v128.load(leasts + atPrice);
        const distance = v128.load(distances + atPrice);
        v128.store(out, timeValues(least, distance, v128.load(inverses + atVol), half));
        continue;
      }
    }
    for (let lane: usize = 0; lane < 16; lane += 8) {
      storeTimeValue(leasts + atPrice + lane, distances + atPrice + lane, deviations + atVol + lane, out + lane);
    }
  }
  writeRows(job, node, values);
}

function storeTimeValue(least: usize, distance: usize, deviation: usize, out: usize): void {
  store<f64>(out, timeValue(load<f64>(least), load<f64>(distance), load<f64>(deviation)));
}

/** The moved forwards of two nodes, the lesser of forward and strike, and how far apart the two are. */
function readPrices(job: usize, node: u32): void {
  const prices = load<u32>(job, 4);
  const at: usize = (node as usize) << 3;
  const forward: usize = (load<u32>(job, 20) as usize) + at;
  const strike: usize = (load<u32>(job, 24) as usize) + at;
  const factors: usize = load<u32>(job, 32);
  const forwards: usize = load<u32>(job, 52);
  const leasts: usize = forwards + (prices << 4);
  const distances: usize = leasts + (prices << 4);
  for (let price: usize = 0; price < prices; price++) {
    if (ASC_FEATURE_SIMD) {
      const moved = f64x2.mul(v128.load(forward), v128.load64_splat(factors + (price << 3)));
      const fixed = v128.load(strike);
      v128.store(forwards + (price << 4), moved);
      v128.store(leasts + (price << 4), f64x2.min(moved, fixed));
      v128.store(distances + (price << 4), moneynessPair(moved, fixed));
    } else {
      for (let lane: usize = 0; lane < 16; lane += 8) {
        const moved = load<f64>(forward + lane) * load<f64>(factors + (price << 3));
        const fixed = load<f64>(strike + lane);
        store<f64>(forwards + (price << 4) + lane, moved);
        store<f64>(leasts + (price << 4) + lane, min(moved, fixed));
        store<f64>(distances + (price << 4) + lane, moneyness(moved, fixed));
      }
    }
  }
}

/** The values of call and put in every scenario. */
function writeRows(job: usize, node: u32, values: usize): void {
  const scenarios = load<u32>(job, 16);
  const at: usize = (node as usize) << 3;
  const strike: usize = (load<u32>(job, 24) as usize) + at;
  const discount: usize = (load<u32>(job, 28) as usize) + at;
  const columns: usize = load<u32>(job, 44);
  const rows: usize = (load<u32>(job, 48) as usize) + at;
  const forwards: usize = load<u32>(job, 52);
  if (ASC_FEATURE_SIMD) {
    const call0: usize = load<u32>(rows);
    const put0: usize = load<u32>(rows, 4);
    const call1: usize = load<u32>(rows, 8);
    const put1: usize = load<u32>(rows, 12);
    const fixed = v128.load(strike);
    const discounts = v128.load(discount);
    for (let s: usize = 0; s < scenarios; s++) {
      const value = v128.load(values + ((load<u32>(columns + (s << 3)) as usize) << 4));
      const gain = f64x2.sub(v128.load(forwards + ((load<u32>(columns + (s << 3), 4) as usize) << 4)), fixed);
      const call = f64x2.mul(f64x2.add(value, f64x2.pmax(f64x2.splat(0), gain)), discounts);
      const put = f64x2.mul(f64x2.add(value, f64x2.pmax(f64x2.splat(0), f64x2.neg(gain))), discounts);
      v128.store64_lane(call0 + (s << 3), call, 0);
      v128.store64_lane(call1 + (s << 3), call, 1);
      v128.store64_lane(put0 + (s << 3), put, 0);
      v128.store64_lane(put1 + (s << 3), put, 1);
    }
    return;
  }
  for (let lane: usize = 0; lane < 2; lane++) {
    const call: usize = load<u32>(rows + (lane << 3));
    const put: usize = load<u32>(rows + (lane << 3), 4);
    const fixed = load<f64>(strike + (lane << 3));
    const factor = load<f64>(discount + (lane << 3));
    for (let s: usize = 0; s < scenarios; s++) {
      const value = load<f64>(values + ((load<u32>(columns + (s << 3)) as usize) << 4) + (lane << 3));
      const gain = load<f64>(forwards + ((load<u32>(columns + (s << 3), 4) as usize) << 4) + (lane << 3)) - fixed;
      store<f64>(call + (s << 3), (value + (gain > 0 ? gain : 0)) * factor);
      store<f64>(put + (s << 3), (value + (gain < 0 ? -gain : 0)) * factor);
    }
  }
}

/** The worst weighted loss of every account of a job: see WORST in src/engine/kernel/layout.ts. */
export function worst(job: usize): void {
  const count: usize = load<u32>(job);
  const columns: usize = load<u32>(job, 4);
  markAccounts(job);
  for (let from: usize = 0; from < count; from += BLOCK) {
    for (let tile: usize = 0; tile < columns; tile += TILE) worstOfTile(job, tile, from, min(from + BLOCK, count));
  }
}

/** What every account is worth today: the first column. */
function markAccounts(job: usize): void {
  const count: usize = load<u32>(job);
  const starts: usize = load<u32>(job, 8);
  const rows: usize = load<u32>(job, 12);
  const amounts: usize = load<u32>(job, 16);
  const table: usize = load<u32>(job, 44);
  const stride: usize = (load<u32>(job, 4) as usize) << 3;
  const marks: usize = load<u32>(job, 24);
  const losses: usize = load<u32>(job, 28);
  const bindings: usize = load<u32>(job, 32);
  for (let account: usize = 0; account < count; account++) {
    const end: usize = load<u32>(starts + (account << 2), 4);
    let mark: f64 = 0;
    for (let at: usize = load<u32>(starts + (account << 2)); at < end; at++) {
      mark += load<f64>(amounts + (at << 3)) * load<f64>((load<u32>(rows + (at << 2)) as usize) * stride + table);
    }
    store<f64>(marks + (account << 3), mark);
    store<f64>(losses + (account << 3), 0);
    store<u32>(bindings + (account << 2), 0);
  }
}

function worstOfTile(job: usize, tile: usize, from: usize, to: usize): void {
  const weights: usize = (load<u32>(job, 20) as usize) + (tile << 3);
  const losses: usize = load<u32>(job, 28);
  const bindings: usize = load<u32>(job, 32);
  const scratch: usize = load<u32>(job, 36);
  for (let account = from; account < to; account++) {
    lossesOfTile(job, account, tile);
    if (!weigh(scratch, weights, load<f64>(losses + (account << 3)))) continue;
    keepWorst(losses + (account << 3), bindings + (account << 2), scratch, tile);
  }
}

/** Multiplies the losses of a tile by the weights of their scenarios. Whether one is greater than what is known. */
@inline function weigh(scratch: usize, weights: usize, known: f64): bool {
  if (ASC_FEATURE_SIMD) {
    let most = f64x2.splat(known);
    for (let at: usize = 0; at < TILE << 3; at += 16) {
      const loss = f64x2.mul(v128.load(weights + at), v128.load(scratch + at));
      v128.store(scratch + at, loss);
      most = f64x2.pmax(most, loss);
    }
    return v128.any_true(f64x2.gt(most, f64x2.splat(known)));
  }
  for (let at: usize = 0; at < TILE << 3; at += 8) store<f64>(scratch + at, load<f64>(weights + at) * load<f64>(scratch + at));
  return true;
}

/** The first of equals stays. */
function keepWorst(loss: usize, binding: usize, scratch: usize, tile: usize): void {
  for (let column: usize = 0; column < TILE; column++) {
    const candidate = load<f64>(scratch + (column << 3));
    if (!(candidate > load<f64>(loss))) continue;
    store<f64>(loss, candidate);
    store<u32>(binding, (tile + column) as u32);
  }
}

/** What every account holds and owes in every scenario: see BALANCES in src/engine/kernel/layout.ts. */
export function balances(job: usize): void {
  const count: usize = load<u32>(job);
  const columns: usize = load<u32>(job, 4);
  const starts: usize = load<u32>(job, 8);
  const rows: usize = load<u32>(job, 12);
  const amounts: usize = load<u32>(job, 16);
  const table: usize = load<u32>(job, 44);
  const stride: usize = (load<u32>(job, 4) as usize) << 3;
  const out: usize = load<u32>(job, 40);
  for (let account: usize = 0; account < count; account++) {
    const first: usize = load<u32>(starts + (account << 2));
    const end: usize = load<u32>(starts + (account << 2), 4);
    const held: usize = out + ((account * columns) << 4);
    const owed: usize = held + (columns << 3);
    for (let tile: usize = 0; tile < columns << 3; tile += 48) {
      if (ASC_FEATURE_SIMD) {
        const zero = f64x2.splat(0);
        let a0 = zero;
        let a1 = zero;
        let a2 = zero;
        let b0 = zero;
        let b1 = zero;
        let b2 = zero;
        for (let at = first; at < end; at++) {
          const row: usize = (load<u32>(rows + (at << 2)) as usize) * stride + table + tile;
          const amount = v128.load64_splat(amounts + (at << 3));
          const v0 = f64x2.mul(amount, v128.load(row));
          const v1 = f64x2.mul(amount, v128.load(row, 16));
          const v2 = f64x2.mul(amount, v128.load(row, 32));
          a0 = f64x2.add(a0, f64x2.pmax(zero, v0));
          a1 = f64x2.add(a1, f64x2.pmax(zero, v1));
          a2 = f64x2.add(a2, f64x2.pmax(zero, v2));
          b0 = f64x2.sub(b0, f64x2.pmin(zero, v0));
          b1 = f64x2.sub(b1, f64x2.pmin(zero, v1));
          b2 = f64x2.sub(b2, f64x2.pmin(zero, v2));
        }
        v128.store(held + tile, a0);
        v128.store(held + tile, a1, 16);
        v128.store(held + tile, a2, 32);
        v128.store(owed + tile, b0);
        v128.store(owed + tile, b1, 16);
        v128.store(owed + tile, b2, 32);
      } else {
        for (let column = tile; column < tile + 48; column += 8) {
          let assets: f64 = 0;
          let debts: f64 = 0;
          for (let at = first; at < end; at++) {
            const value = load<f64>(amounts + (at << 3)) * load<f64>((load<u32>(rows + (at << 2)) as usize) * stride + table + column);
            if (value > 0) assets += value;
            else debts -= value;
          }
          store<f64>(held + column, assets);
          store<f64>(owed + column, debts);
        }
      }
    }
  }
}
