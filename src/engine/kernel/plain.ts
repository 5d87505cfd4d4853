import { at } from '../lookup.ts';
import { distanceOf, timeValue } from '../value.ts';
import type { Kernel, KernelSpace } from './kernel.ts';
import { PRICE, SUM } from './layout.ts';
import { priceDraws } from './plainDraws.ts';
import { addLosses, measureTails } from './plainTails.ts';
import { type Read, reader, type Views } from './views.ts';

/** The kernel in plain TypeScript: where there is no WebAssembly, and what the compiled ones are compared with, bit for bit (test/engine/kernel). */
export const plainKernel: Kernel = { name: 'typescript', open };

function open(): KernelSpace {
  let buffer = new ArrayBuffer(0);
  const views = (): Views => ({ words: new Uint32Array(buffer), floats: new Float64Array(buffer) });
  return {
    freeFrom: 0,
    grow: (bytes) => {
      if (bytes <= buffer.byteLength) return;
      const larger = new ArrayBuffer(Math.floor(bytes / 8) * 8 + 8);
      new Uint8Array(larger).set(new Uint8Array(buffer));
      buffer = larger;
    },
    buffer: () => buffer,
    price: (job) => price(views(), job),
    worst: (job) => worst(views(), job),
    balances: (job) => balances(views(), job),
    priceDraws: (job) => priceDraws(views(), job),
    addLosses: (job) => addLosses(views(), job),
    measureTails: (job) => measureTails(views(), job),
  };
}

function price(views: Views, job: number): void {
  const read = reader(views, job);
  const nodes = read(PRICE.nodes);
  for (let node = 0; node < nodes; node += 1) priceNode(views, read, node);
}

function priceNode({ words, floats }: Views, read: Read, node: number): void {
  const forward = at(floats, (read(PRICE.forwards) >> 3) + node);
  const strike = at(floats, (read(PRICE.strikes) >> 3) + node);
  const factors = read(PRICE.factors) >> 3;
  const forwards = Array.from({ length: read(PRICE.prices) }, (_, p) => forward * at(floats, factors + p));
  const distances = forwards.map((moved) => distanceOf(moved, strike));
  const pair = node - (node & 1);
  const deviations = (read(PRICE.deviations) >> 3) + pair * read(PRICE.vols) + (node & 1);
  const terms = read(PRICE.cellTerms) >> 2;
  const values = Array.from({ length: read(PRICE.cells) }, (_, cell) => {
    const p = at(words, terms + 2 * cell);
    const deviation = at(floats, deviations + 2 * at(words, terms + 2 * cell + 1));
    return timeValue(Math.min(at(forwards, p), strike), at(distances, p), deviation);
  });
  writeRows({ words, floats }, read, { node, strike, forwards, values });
}

interface Priced {
  readonly node: number;
  readonly strike: number;
  readonly forwards: readonly number[];
  readonly values: readonly number[];
}

function writeRows({ words, floats }: Views, read: Read, { node, strike, forwards, values }: Priced): void {
  const discount = at(floats, (read(PRICE.discounts) >> 3) + node);
  const columns = read(PRICE.columns) >> 2;
  const rows = (read(PRICE.rows) >> 2) + 2 * node;
  const call = at(words, rows) >> 3;
  const put = at(words, rows + 1) >> 3;
  const scenarios = read(PRICE.scenarios);
  for (let scenario = 0; scenario < scenarios; scenario += 1) {
    const value = at(values, at(words, columns + 2 * scenario));
    const gain = at(forwards, at(words, columns + 2 * scenario + 1)) - strike;
    floats[call + scenario] = (value + (gain > 0 ? gain : 0)) * discount;
    floats[put + scenario] = (value + (gain < 0 ? -gain : 0)) * discount;
  }
}

function worst({ words, floats }: Views, job: number): void {
  const read = reader({ words, floats }, job);
  const [accounts, columns] = [read(SUM.accounts), read(SUM.columns)];
  const [starts, rows, amounts] = [read(SUM.starts) >> 2, read(SUM.rows) >> 2, read(SUM.amounts) >> 3];
  const [weights, table] = [read(SUM.weights) >> 3, read(SUM.table) >> 3];
  const [marks, losses, bindings] = [read(SUM.marks) >> 3, read(SUM.losses) >> 3, read(SUM.bindings) >> 2];
  const totals = new Float64Array(columns);
  for (let account = 0; account < accounts; account += 1) {
    totals.fill(0);
    for (let held = at(words, starts + account); held < at(words, starts + account + 1); held += 1) {
      const row = table + at(words, rows + held) * columns;
      const amount = at(floats, amounts + held);
      for (let column = 0; column < columns; column += 1)
        totals[column] = (totals[column] as number) + amount * (floats[row + column] as number);
    }
    const mark = at(totals, 0);
    let [loss, binding] = [0, 0];
    for (let column = 0; column < columns; column += 1) {
      const candidate = (floats[weights + column] as number) * (mark - (totals[column] as number));
      if (candidate > loss) [loss, binding] = [candidate, column];
    }
    floats[marks + account] = mark;
    floats[losses + account] = loss;
    words[bindings + account] = binding;
  }
}

function balances({ words, floats }: Views, job: number): void {
  const read = reader({ words, floats }, job);
  const [accounts, columns] = [read(SUM.accounts), read(SUM.columns)];
  const [starts, rows, amounts] = [read(SUM.starts) >> 2, read(SUM.rows) >> 2, read(SUM.amounts) >> 3];
  const table = read(SUM.table) >> 3;
  for (let account = 0; account < accounts; account += 1) {
    const held = (read(SUM.balances) >> 3) + 2 * account * columns;
    floats.fill(0, held, held + 2 * columns);
    for (let index = at(words, starts + account); index < at(words, starts + account + 1); index += 1) {
      const row = table + at(words, rows + index) * columns;
      const amount = at(floats, amounts + index);
      for (let column = 0; column < columns; column += 1) {
        const value = amount * (floats[row + column] as number);
        if (value > 0) floats[held + column] = (floats[held + column] as number) + value;
        else floats[held + columns + column] = at(floats, held + columns + column) - value;
      }
    }
  }
}
