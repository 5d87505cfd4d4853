import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ScriptError } from '../scripts/scriptError.ts';
import type { Kernel, KernelName } from '../src/engine/kernel/kernel.ts';
import { type Holdings, loadHoldings, type WorstLosses, worstLosses } from '../src/engine/table/holdings.ts';
import { createMarginTable, type MarginTableInput } from '../src/engine/table/marginTable.ts';
import { readKernel } from '../src/node/kernel.ts';

/** Multiplications below which one thread is done before two have spoken: about a millisecond. */
export const LEAST_WORK = 4_000_000;

/** What a thread is started with. */
export interface Share {
  readonly input: MarginTableInput;
  readonly holdings: Holdings;
  readonly kernel: KernelName;
}

/** Accounts that are spread over threads, each with a table of its own. */
export interface Spread {
  /** 0 where it is all done by the caller. */
  readonly threads: number;
  readonly worstLosses: () => Promise<WorstLosses>;
  readonly close: () => Promise<void>;
}

/**
 * Spreads accounts over threads where there is enough to do. Accounts are independent and each is summed by one thread in its own order: the bits are those of
 * one thread (test/engine/digest.test.ts).
 */
export async function spread(
  share: Share,
  { threads, leastWork = LEAST_WORK }: { threads: number; leastWork?: number },
): Promise<Spread> {
  const table = createMarginTable(share.input, await requireKernel(share.kernel));
  if (threads < 2 || share.holdings.amounts.length * table.columns < leastWork) {
    const loaded = loadHoldings(table, share.holdings);
    return { threads: 0, worstLosses: async () => worstLosses(table, loaded), close: async () => {} };
  }
  const workers = splitAccounts(share.holdings, threads).map(
    (holdings) => new Worker(new URL('worstWorker.ts', import.meta.url), { workerData: { ...share, holdings } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    threads,
    worstLosses: async () => join(await Promise.all(workers.map(ask))),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** A kernel, which must be there: what is measured or compared is not to be another one in its place. */
export async function requireKernel(name: KernelName): Promise<Kernel> {
  const kernel = await readKernel(name);
  if (kernel === undefined)
    throw new ScriptError(`dist has no ${name} kernel that runs here. Run npm run build:kernel.`);
  return kernel;
}

async function ask(worker: Worker): Promise<WorstLosses> {
  const answer = once(worker, 'message');
  worker.postMessage('run');
  const [losses] = await answer;
  return losses;
}

/** Consecutive accounts, as evenly as their number allows. */
function splitAccounts({ starts, instruments, amounts }: Holdings, parts: number): Holdings[] {
  const accounts = starts.length - 1;
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [Math.floor((part * accounts) / parts), Math.floor(((part + 1) * accounts) / parts)];
    const [first = 0, last = 0] = [starts[from], starts[to]];
    return {
      starts: starts.subarray(from, to + 1).map((start) => start - first),
      instruments: instruments.slice(first, last),
      amounts: amounts.slice(first, last),
    };
  });
}

function join(parts: readonly WorstLosses[]): WorstLosses {
  const accounts = parts.reduce((sum, { lossesUsd }) => sum + lossesUsd.length, 0);
  const whole = {
    marksUsd: new Float64Array(accounts),
    lossesUsd: new Float64Array(accounts),
    bindings: new Uint32Array(accounts),
  };
  let place = 0;
  for (const { marksUsd, lossesUsd, bindings } of parts) {
    whole.marksUsd.set(marksUsd, place);
    whole.lossesUsd.set(lossesUsd, place);
    whole.bindings.set(bindings, place);
    place += lossesUsd.length;
  }
  return whole;
}
