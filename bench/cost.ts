import { renderTable } from '../src/cli/table.ts';

/** What a way of reading takes of the node. */
export interface Traffic {
  /** Requests. */
  calls: number;
  /** Both ways. */
  bytes: number;
}

/** What a way of reading takes. */
export interface Cost extends Traffic {
  readonly name: string;
  readonly ms: number;
}

/** Every fetch of this process, from now on. */
export function countTraffic(): Traffic {
  const traffic: Traffic = { calls: 0, bytes: 0 };
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    const answer = await response.clone().text();
    traffic.calls += 1;
    traffic.bytes += String(init?.body ?? '').length + answer.length;
    return response;
  };
  return traffic;
}

/** What one reading takes. */
export async function measure(
  traffic: Traffic,
  { name, read }: { readonly name: string; readonly read: () => Promise<unknown> },
): Promise<Cost> {
  Object.assign(traffic, { calls: 0, bytes: 0 });
  const start = performance.now();
  await read();
  return { name, ...traffic, ms: performance.now() - start };
}

/** The round whose time is in the middle. */
export function median(rounds: readonly Cost[]): Cost {
  return rounds.toSorted((a, b) => a.ms - b.ms)[Math.floor(rounds.length / 2)] as Cost;
}

/** What so many times as much would take. */
export function scale({ name, calls, bytes, ms }: Cost, factor: number): Cost {
  return { name, calls: calls * factor, bytes: bytes * factor, ms: ms * factor };
}

/** One figure of one way, beside the last way's: the ratio says how many times less that one takes. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'requests' | 'bytes' | 'ms';
  readonly against: string;
  readonly ratio: number;
}

/** Each figure of each way. */
export function figuresOf(costs: readonly Cost[]): readonly Figure[] {
  const best = costs.at(-1) as Cost;
  const figure = (cost: Cost, [unit, key]: readonly [Figure['unit'], 'calls' | 'bytes' | 'ms']): Figure => {
    const ratio = Number((cost[key] / best[key]).toFixed(2));
    return { name: cost.name, value: Math.round(cost[key]), unit, against: best.name, ratio };
  };
  return costs.flatMap((cost) => [
    figure(cost, ['requests', 'calls']),
    figure(cost, ['bytes', 'bytes']),
    figure(cost, ['ms', 'ms']),
  ]);
}

/** A line a way, each figure with its ratio to the last line's. */
export function renderCosts(costs: readonly Cost[]): string {
  const best = costs.at(-1) as Cost;
  const cell = (value: number, own: number) =>
    `${Math.round(value).toLocaleString('en')} (${(value / own).toFixed(1)}×)`;
  return renderTable(
    [
      { title: 'Way' },
      { title: 'requests', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'ms', align: 'right' },
    ],
    costs.map(({ name, calls, bytes, ms }) => [
      name,
      cell(calls, best.calls),
      cell(bytes, best.bytes),
      cell(ms, best.ms),
    ]),
  );
}
