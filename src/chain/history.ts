import type { At } from './block.ts';
import { readLogs } from './logs.ts';
import { onceFor } from './onceFor.ts';
import type { DecodedLog, HistoryEntry, HistoryQuery } from './pinnedChain.ts';

/** What the logs of a query say of the kept arguments, in the order of the chain. */
export async function readHistory(at: At, query: HistoryQuery): Promise<readonly HistoryEntry[]> {
  const logs = await readLogs(at, query);
  return distinct(logs.map((log) => entryOf(log, query.keep)));
}

/** Each entry once: the first of those that say the same. */
export function distinct(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const first = new Map<string, HistoryEntry>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (!first.has(key)) first.set(key, entry);
  }
  return [...first.values()];
}

const keyOf = onceFor(({ address, eventName, args }: HistoryEntry) =>
  JSON.stringify([address.toLowerCase(), eventName, args], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  ),
);

function entryOf({ address, eventName, args, blockNumber }: DecodedLog, keep: readonly string[]): HistoryEntry {
  const all = args as unknown as Readonly<Record<string, unknown>>;
  const kept = keep.filter((name) => all[name] !== undefined).map((name) => [name, all[name]] as const);
  return { address, eventName, args: Object.fromEntries(kept), block: Number(blockNumber) };
}
