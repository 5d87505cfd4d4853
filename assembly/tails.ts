/**
 * The worst losses of accounts over draws, kept while draws come tile by tile, and what they say. The twin of src/engine/kernel/plainTails.ts.
 *
 * Kept are the losses above a floor, in the order of the draws. A floor is a loss that at least `keep` of the draws so far reach, so that nothing that a tail could
 * need is ever dropped, and what is summed at the end does not depend on when something was.
 */

import { lossesOfTile, TILE } from './tile';

/** How many were greater than what `select` found: they stand in front. */
let above: usize = 0;

/** Adds the losses in the draws of a tile to what accounts keep: see TAIL in src/engine/kernel/layout.ts. */
export function addLosses(job: usize): void {
  const accounts: usize = load<u32>(job);
  const draws: usize = load<u32>(job, 48);
  const capacity: usize = load<u32>(job, 56);
  const counts: usize = load<u32>(job, 60);
  for (let account: usize = 0; account < accounts; account++) {
    for (let tile: usize = 0; tile < draws; tile += TILE) {
      lossesOfTile(job, account, tile);
      append(job, account, min(TILE, draws - tile));
      if ((load<u32>(counts + (account << 2)) as usize) + TILE > capacity) trim(job, account);
    }
  }
}

/** Keeps those of the scratch that are above the floor: every one is written, and what is not kept is written over. */
function append(job: usize, account: usize, draws: usize): void {
  const scratch: usize = load<u32>(job, 36);
  const capacity: usize = load<u32>(job, 56);
  const counted: usize = (load<u32>(job, 60) as usize) + (account << 2);
  const floor = load<f64>((load<u32>(job, 64) as usize) + (account << 3));
  const losses: usize = (load<u32>(job, 68) as usize) + ((account * capacity) << 3);
  let out: usize = losses + ((load<u32>(counted) as usize) << 3);
  for (let at: usize = 0; at < draws << 3; at += 8) {
    const loss = load<f64>(scratch + at);
    store<f64>(out, loss);
    out += ((loss > floor) as usize) << 3;
  }
  store<u32>(counted, ((out - losses) >> 3) as u32);
}

/** Lifts the floor to the loss that `keep` of those kept reach, and drops what is not above it. */
function trim(job: usize, account: usize): void {
  const keep: usize = load<u32>(job, 52);
  const capacity: usize = load<u32>(job, 56);
  const counted: usize = (load<u32>(job, 60) as usize) + (account << 2);
  const floors: usize = (load<u32>(job, 64) as usize) + (account << 3);
  const losses: usize = (load<u32>(job, 68) as usize) + ((account * capacity) << 3);
  const work: usize = (load<u32>(job, 36) as usize) + (TILE << 3);
  const count: usize = load<u32>(counted);
  memory.copy(work, losses, count << 3);
  const floor = select(work, count, keep);
  store<f64>(floors, floor);
  store<u32>(counted, keepAbove(losses, count, floor) as u32);
}

/** Drops what is not above a floor, the rest in its order. How many are left. */
function keepAbove(losses: usize, count: usize, floor: f64): usize {
  let out = losses;
  for (let at = losses; at < losses + (count << 3); at += 8) {
    const loss = load<f64>(at);
    store<f64>(out, loss);
    out += ((loss > floor) as usize) << 3;
  }
  return (out - losses) >> 3;
}

/** The `rank`-th largest, by partition without branches. Those greater come to stand in front: `above` many. */
function select(values: usize, count: usize, rank: usize): f64 {
  let from = values;
  let to = values + (count << 3);
  let target = values + ((rank - 1) << 3);
  while (true) {
    const length = (to - from) >> 3;
    const middle = from + ((length >> 1) << 3);
    const pivot = medianOf(load<f64>(from), load<f64>(middle), load<f64>(to - 8));
    const greater = partition(from, to, pivot, false);
    if (target < greater) {
      to = greater;
      continue;
    }
    const equal = partition(greater, to, pivot, true);
    if (target < equal) {
      above = (greater - values) >> 3;
      return pivot;
    }
    from = equal;
  }
}

/** Brings those greater than the pivot, or as great, to the front. Where they end. */
@inline function partition(from: usize, to: usize, pivot: f64, orEqual: bool): usize {
  let out = from;
  for (let at = from; at < to; at += 8) {
    const value = load<f64>(at);
    store<f64>(at, load<f64>(out));
    store<f64>(out, value);
    out += ((orEqual ? value >= pivot : value > pivot) as usize) << 3;
  }
  return out;
}

@inline function medianOf(a: f64, b: f64, c: f64): f64 {
  return max<f64>(min<f64>(a, b), min<f64>(max<f64>(a, b), c));
}

/** For each account and rank the loss at the rank, the sum of what losses are above it, and of the squares of that. */
export function measureTails(job: usize): void {
  const accounts: usize = load<u32>(job);
  const capacity: usize = load<u32>(job, 56);
  const counts: usize = load<u32>(job, 60);
  const floors: usize = load<u32>(job, 64);
  const levels: usize = load<u32>(job, 72);
  const ranks: usize = load<u32>(job, 76);
  let out: usize = load<u32>(job, 80);
  const work: usize = (load<u32>(job, 36) as usize) + (TILE << 3);
  for (let account: usize = 0; account < accounts; account++) {
    const losses: usize = (load<u32>(job, 68) as usize) + ((account * capacity) << 3);
    const floor = load<f64>(floors + (account << 3));
    let count: usize = load<u32>(counts + (account << 2));
    let size = count;
    let edge = floor;
    memory.copy(work, losses, count << 3);
    for (let level: usize = 0; level < levels; level++) {
      const rank: usize = load<u32>(ranks + (level << 2));
      if (rank <= size) {
        edge = max<f64>(floor, select(work, size, rank));
        size = above;
      }
      if (level == 0) count = keepAbove(losses, count, edge);
      addExcess(losses, count, edge, out);
      out += 24;
    }
  }
}

function addExcess(losses: usize, count: usize, edge: f64, out: usize): void {
  let total: f64 = 0;
  let squares: f64 = 0;
  for (let at = losses; at < losses + (count << 3); at += 8) {
    const excess = max<f64>(0, load<f64>(at) - edge);
    total += excess;
    squares += excess * excess;
  }
  store<f64>(out, edge);
  store<f64>(out, total, 8);
  store<f64>(out, squares, 16);
}
