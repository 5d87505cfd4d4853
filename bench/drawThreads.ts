import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { KernelName } from '../src/engine/kernel/kernel.ts';
import { type MarkedHoldings, type Tails, tailsOf } from '../src/engine/table/tails.ts';
import type { Draws } from '../src/risk/draws.ts';
import { workloadDrawTable } from './draws.ts';
import { requireKernel } from './threads.ts';

/** What a thread is started with. */
export interface DrawShare {
  readonly draws: Draws;
  readonly holdings: MarkedHoldings;
  readonly kernel: KernelName;
  readonly ranks: readonly number[];
  readonly tile?: number;
  readonly block?: number;
}

/** What a thread knows of the others. */
export interface DrawTeam {
  readonly thread: number;
  readonly threads: number;
  /** To each other thread, undefined to itself. */
  readonly ports: readonly (MessagePort | undefined)[];
}

/** Tails of accounts, computed by several threads. */
export interface DrawSpread {
  readonly tailsOf: () => Promise<Tails>;
  readonly close: () => Promise<void>;
}

/**
 * Spreads draws over threads: each prices its own tiles and keeps what losses a tail could need; then each measures the tails of its own accounts from what all have kept of them. So nothing is priced twice, and
 * the bits are those of one thread.
 */
export async function spreadDraws(share: DrawShare, threads: number): Promise<DrawSpread> {
  if (threads < 2) {
    const table = workloadDrawTable(share.draws, { ...share, kernel: await requireKernel(share.kernel) });
    return { tailsOf: async () => tailsOf(table, share.holdings, share), close: async () => {} };
  }
  const ports = portsBetween(threads);
  const workers = ports.map((own, thread) => {
    const workerData = { share, team: { thread, threads, ports: own } };
    const transferList = own.flatMap((port) => port ?? []);
    return new Worker(new URL('drawWorker.ts', import.meta.url), { workerData, transferList });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    tailsOf: async () => join(await Promise.all(workers.map(ask))),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function portsBetween(threads: number): (MessagePort | undefined)[][] {
  const ports = Array.from({ length: threads }, () => new Array<MessagePort | undefined>(threads).fill(undefined));
  for (const [one, own] of ports.entries()) {
    for (let other = 0; other < one; other += 1) {
      const { port1, port2 } = new MessageChannel();
      own[other] = port1;
      (ports[other] as (MessagePort | undefined)[])[one] = port2;
    }
  }
  return ports;
}

async function ask(worker: Worker): Promise<Tails> {
  const answer = once(worker, 'message');
  worker.postMessage('run');
  const [tails] = await answer;
  return tails;
}

function join(parts: readonly Tails[]): Tails {
  const together = (field: keyof Tails) => {
    const whole = new Float64Array(parts.reduce((total, part) => total + part[field].length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part[field], place);
      place += part[field].length;
    }
    return whole;
  };
  return { edgesUsd: together('edgesUsd'), excessUsd: together('excessUsd'), squares: together('squares') };
}
