import { type Address, type Hash, keccak256, stringToBytes, toEventSelector } from 'viem';
import { distinct } from './history.ts';
import type { BlockMark, HistoryEntry, HistoryQuery, PinnedChain } from './pinnedChain.ts';

/** What is known of a chain's history so far: a later block needs only the logs since. Plain data. */
export interface Cursor {
  readonly chainId: number;
  /** Blocks up to which all of it was read, newest first: where the newest was reorganised away, an older one may hold. */
  readonly blocks: readonly BlockMark[];
  /** By what was asked of which contract. */
  readonly sources: Readonly<Record<Hash, SourceHistory>>;
}

/** The history of one contract up to a block, that block included. */
export interface SourceHistory {
  readonly to: number;
  readonly entries: readonly HistoryEntry[];
}

/** A pinned chain that knows its history up to a cursor, and the cursor after what was asked of it. */
export interface ResumedChain {
  readonly chain: PinnedChain;
  cursor(): Cursor;
}

/** How far below the newest mark the older ones lie: most reorganisations end above. */
const MARK_DISTANCE_BLOCKS = 64;

/**
 * The same chain at the same block, whose `history` asks the node only for what the cursor does not have. What was found in
 * blocks that are gone, or that come after the pinned one, is left out: the answer is that of a scan from the first block.
 */
export async function resume(chain: PinnedChain, cursor?: Cursor): Promise<ResumedChain> {
  const head = { number: Number(chain.block.number), hash: chain.block.hash };
  const marks = cursor?.chainId === chain.block.chainId ? await canonicalMarks(chain, cursor.blocks) : [];
  const sources = new Map(Object.entries(cutAt(marks[0], cursor?.sources ?? {}))) as Map<Hash, SourceHistory>;
  const history = async (query: HistoryQuery): Promise<readonly HistoryEntry[]> => {
    const parts = partsOf(query);
    await Promise.all(
      groupsOf(parts, sources).map(async ({ to, members }) => {
        if (to >= head.number) return;
        const found = await chain.history({
          ...query,
          address: members.map(({ address }) => address),
          fromBlock: to + 1,
        });
        for (const { key, address } of members) {
          const own = found.filter((entry) => entry.address.toLowerCase() === address.toLowerCase());
          const known = sources.get(key)?.entries ?? [];
          const entries = own.length === 0 ? known : distinct([...known, ...own]);
          sources.set(key, { to: head.number, entries });
        }
      }),
    );
    return parts.flatMap(({ key }) => sources.get(key)?.entries ?? []).filter(({ block }) => block <= head.number);
  };
  return {
    chain: { ...chain, history },
    cursor: () => ({
      chainId: chain.block.chainId,
      blocks: marksAfter(head, marks),
      sources: Object.fromEntries(sources),
    }),
  };
}

/** The marks from the newest on that is still on the chain. */
async function canonicalMarks(chain: PinnedChain, marks: readonly BlockMark[]): Promise<readonly BlockMark[]> {
  for (const [index, mark] of marks.entries()) {
    if (await chain.isCanonical(mark)) return marks.slice(index);
  }
  return [];
}

/** What was known at a mark; nothing without one. */
function cutAt(mark: BlockMark | undefined, sources: Cursor['sources']): Cursor['sources'] {
  if (mark === undefined) return {};
  const cut = Object.entries(sources).map(([key, { to, entries }]) => [
    key,
    { to: Math.min(to, mark.number), entries: entries.filter(({ block }) => block <= mark.number) },
  ]);
  return Object.fromEntries(cut);
}

interface Part {
  readonly address: Address;
  readonly key: Hash;
  readonly fromBlock: number;
}

/** The contracts of a query, each under the name of all that was asked of it. */
function partsOf({ address, events, firstTopics, fromBlock, keep }: HistoryQuery): readonly Part[] {
  const addresses = typeof address === 'string' ? [address] : address;
  const unique = new Map(addresses.map((one) => [one.toLowerCase(), one]));
  const what = [fromBlock, events.map((event) => toEventSelector(event)).sort(), [...keep].sort()];
  if (firstTopics !== undefined) what.push([...firstTopics].sort());
  return [...unique].map(([lower, one]) => ({
    address: one,
    key: keccak256(stringToBytes(JSON.stringify([lower, ...what]))),
    fromBlock,
  }));
}

/** Contracts that are known up to the same block are asked for together. */
function groupsOf(parts: readonly Part[], sources: ReadonlyMap<Hash, SourceHistory>) {
  const groups = new Map<number, Part[]>();
  for (const part of parts) {
    const to = sources.get(part.key)?.to ?? part.fromBlock - 1;
    groups.set(to, [...(groups.get(to) ?? []), part]);
  }
  return [...groups].map(([to, members]) => ({ to, members }));
}

/** The head, one mark below it, and one below that. A head that lies below what is known changes nothing. */
function marksAfter(head: BlockMark, marks: readonly BlockMark[]): readonly BlockMark[] {
  const [last, near, ...older] = marks;
  if (last === undefined) return [head];
  if (head.number <= last.number) return marks;
  if (near === undefined) return [head, last];
  return head.number - near.number < MARK_DISTANCE_BLOCKS ? [head, near, ...older] : [head, last, near];
}
