import { parentPort, workerData } from 'node:worker_threads';
import { loadHoldings, worstLosses } from '../src/engine/table/holdings.ts';
import { createMarginTable } from '../src/engine/table/marginTable.ts';
import { requireKernel, type Share } from './threads.ts';

/** A thread of {@link spread}: its own table and its own accounts; every message is a question, every answer its accounts' worst losses. */
const { input, holdings, kernel } = workerData as Share;
const table = createMarginTable(input, await requireKernel(kernel));
const loaded = loadHoldings(table, holdings);
parentPort?.on('message', () => {
  const views = worstLosses(table, loaded);
  const [marksUsd, lossesUsd, bindings] = [views.marksUsd.slice(), views.lossesUsd.slice(), views.bindings.slice()];
  parentPort?.postMessage({ marksUsd, lossesUsd, bindings }, [marksUsd.buffer, lossesUsd.buffer, bindings.buffer]);
});
parentPort?.postMessage('ready');
