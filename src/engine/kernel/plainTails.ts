import { at } from '../lookup.ts';
import { SUM, TAIL, TILE } from './layout.ts';
import { reader, type Views } from './views.ts';

/** Adds the losses in the draws of a tile to what accounts keep, in plain TypeScript: see {@link TAIL}. */
export function addLosses(views: Views, job: number): void {
  const { words, floats } = views;
  const read = reader(views, job);
  const [accounts, stride, draws] = [read(SUM.accounts), read(SUM.columns), read(TAIL.draws)];
  const [starts, rows, amounts] = [read(SUM.starts) >> 2, read(SUM.rows) >> 2, read(SUM.amounts) >> 3];
  const [marks, table] = [read(SUM.marks) >> 3, read(SUM.table) >> 3];
  const totals = new Float64Array(draws);
  for (let account = 0; account < accounts; account += 1) {
    totals.fill(0);
    for (let held = at(words, starts + account); held < at(words, starts + account + 1); held += 1) {
      const row = table + at(words, rows + held) * stride;
      const amount = at(floats, amounts + held);
      for (let draw = 0; draw < draws; draw += 1)
        totals[draw] = (totals[draw] as number) + amount * (floats[row + draw] as number);
    }
    const mark = at(floats, marks + account);
    for (let first = 0; first < draws; first += TILE) {
      const losses = totals.subarray(first, first + TILE).map((total) => mark - total);
      keepLosses(views, { read, account }, losses);
    }
  }
}

interface Keeping {
  readonly read: (field: number) => number;
  readonly account: number;
}

/** Keeps what is above the floor; lifts the floor where the next tile could have no room. */
function keepLosses({ words, floats }: Views, { read, account }: Keeping, losses: Float64Array): void {
  const [keep, capacity] = [read(TAIL.keep), read(TAIL.capacity)];
  const counted = (read(TAIL.counts) >> 2) + account;
  const floor = (read(TAIL.floors) >> 3) + account;
  const kept = (read(TAIL.losses) >> 3) + account * capacity;
  let count = at(words, counted);
  for (const loss of losses) {
    if (!(loss > at(floats, floor))) continue;
    floats[kept + count] = loss;
    count += 1;
  }
  if (count + TILE > capacity) {
    const sorted = floats.slice(kept, kept + count).sort();
    floats[floor] = at(sorted, count - keep);
    const rest = floats.slice(kept, kept + count).filter((loss) => loss > at(floats, floor));
    floats.set(rest, kept);
    count = rest.length;
  }
  words[counted] = count;
}

/** For each account and rank the loss at the rank, the sum of what losses are above it, and of the squares of that. */
export function measureTails(views: Views, job: number): void {
  const { words, floats } = views;
  const read = reader(views, job);
  const [accounts, capacity, levels] = [read(SUM.accounts), read(TAIL.capacity), read(TAIL.levels)];
  for (let account = 0; account < accounts; account += 1) {
    const kept = (read(TAIL.losses) >> 3) + account * capacity;
    const losses = floats.slice(kept, kept + at(words, (read(TAIL.counts) >> 2) + account));
    const floor = at(floats, (read(TAIL.floors) >> 3) + account);
    const sorted = losses.slice().sort();
    for (let level = 0; level < levels; level += 1) {
      const rank = at(words, (read(TAIL.ranks) >> 2) + level);
      const edge = rank <= losses.length ? Math.max(floor, at(sorted, losses.length - rank)) : floor;
      floats.set([edge, ...excessOf(losses, edge)], (read(TAIL.measures) >> 3) + 3 * (account * levels + level));
    }
  }
}

function excessOf(losses: Float64Array, edge: number): [number, number] {
  let [total, squares] = [0, 0];
  for (const loss of losses) {
    const excess = Math.max(0, loss - edge);
    total += excess;
    squares += excess * excess;
  }
  return [total, squares];
}
