import { parentPort, workerData } from 'node:worker_threads';
import { loadHoldings, worstLosses } from '../src/engine/table/holdings.ts';
import { createMarginTable } from '../src/engine/table/marginTable.ts';
import { requireKernel, type Share } from './threads.ts';

/** A thread of {@link spread}: its own table and its own accounts; every message is a question, every answer its accounts' worst losses. */
const { input, holdings, kernel } = workerData as Share;
const table = createMarginTable(input, await requireKernel(kernel));
const loaded = loadHoldings(table, holdings);
parentPort?.on('message', () => {
  const { marksUsd, lossesUsd, bindings } = worstLosses(table, loaded);
  parentPort?.postMessage({ marksUsd: marksUsd.slice(), lossesUsd: lossesUsd.slice(), bindings: bindings.slice() });
});
parentPort?.postMessage('ready');
