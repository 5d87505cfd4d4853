import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { joinLosses, type KeptLosses, keepLosses } from '../src/engine/table/tails.ts';
import { workloadDrawTable } from './draws.ts';
import type { DrawShare, DrawTeam } from './drawThreads.ts';
import { requireKernel } from './threads.ts';

/** A thread of {@link spreadDraws}: every message is a question, every answer the tails of its own accounts. */
const { share, team } = workerData as { share: DrawShare; team: DrawTeam };
const { thread, threads, ports } = team;
const table = workloadDrawTable(share.draws, { ...share, kernel: await requireKernel(share.kernel) });
const accounts = share.holdings.marksUsd.length;
const cut = (whole: number, part: number) => Math.floor((whole * part) / threads);

parentPort?.on('message', async () => {
  const tiles = { first: cut(table.tiles, thread), last: cut(table.tiles, thread + 1) };
  const arrived = ports.map((port) => (port === undefined ? undefined : once(port, 'message')));
  const kept = keepLosses(table, share.holdings, { ranks: share.ranks, ...tiles });
  ports.forEach((port, other) => {
    const part = ofAccounts(kept, cut(accounts, other), cut(accounts, other + 1));
    port?.postMessage(part, [part.counts.buffer, part.floorsUsd.buffer, part.lossesUsd.buffer] as ArrayBuffer[]);
  });
  const own = ofAccounts(kept, cut(accounts, thread), cut(accounts, thread + 1));
  const parts: KeptLosses[] = await Promise.all(arrived.map(async (message) => (message ? (await message)[0] : own)));
  const tails = joinLosses(table.arena, parts, share.ranks);
  const buffers = [tails.edgesUsd.buffer, tails.excessUsd.buffer, tails.squares.buffer] as ArrayBuffer[];
  parentPort?.postMessage(tails, buffers);
});
for (const port of ports) port?.start();
parentPort?.postMessage('ready');

/** What was kept of some of the accounts. */
function ofAccounts({ counts, floorsUsd, lossesUsd }: KeptLosses, from: number, to: number): KeptLosses {
  const before = counts.subarray(0, from).reduce((total, count) => total + count, 0);
  const length = counts.subarray(from, to).reduce((total, count) => total + count, 0);
  return {
    counts: counts.slice(from, to),
    floorsUsd: floorsUsd.slice(from, to),
    lossesUsd: lossesUsd.slice(before, before + length),
  };
}
