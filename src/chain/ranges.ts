import { SourceError } from '../errors.ts';

/** Blocks by number, both ends included. */
export interface BlockRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Public nodes refuse wider ranges. */
const MAX_SPAN_BLOCKS = 10_000n;
/** Ranges of one query that are asked for at once. */
const MAX_AT_ONCE = 4;

/**
 * Everything that lies in a range, in order, fetched in parts: half as wide where the node refuses one, wider again after
 * success.
 *
 * @throws {LogRangeRefusedError} when the node refuses a single block.
 */
export async function fetchInRanges<T>(
  whole: BlockRange,
  fetchPart: (range: BlockRange) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const plan = createPlan(whole);
  const parts: { readonly from: bigint; readonly items: readonly T[] }[] = [];
  const work = async () => {
    for (let range = plan.take(); range !== undefined; range = plan.take()) {
      try {
        parts.push({ from: range.from, items: await fetchPart(range) });
        plan.succeeded();
      } catch (error) {
        if (!(error instanceof LogRangeRefusedError) || range.from === range.to) {
          plan.stop();
          throw error;
        }
        plan.refused(range);
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
  return parts.sort((a, b) => (a.from < b.from ? -1 : 1)).flatMap(({ items }) => items);
}

/** What is still to be fetched, and how wide the next part is. */
function createPlan(whole: BlockRange) {
  const again: BlockRange[] = [];
  let next = whole.from;
  let span = MAX_SPAN_BLOCKS;
  let stopped = false;
  return {
    take: (): BlockRange | undefined => {
      if (stopped) return undefined;
      const halved = again.pop();
      if (halved !== undefined) return halved;
      if (next > whole.to) return undefined;
      const from = next;
      next += span;
      return { from, to: least(next - 1n, whole.to) };
    },
    succeeded: () => {
      span = least(span + span / 4n + 1n, MAX_SPAN_BLOCKS);
    },
    refused: ({ from, to }: BlockRange) => {
      const middle = from + (to - from) / 2n;
      span = least(span, middle - from + 1n);
      again.push({ from: middle + 1n, to }, { from, to: middle });
    },
    stop: () => {
      stopped = true;
    },
  };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** A node that refuses the logs of a range of blocks, however small the range is made. */
export class LogRangeRefusedError extends SourceError {
  readonly code = 'LogRangeRefusedError';
  readonly endpoint: string;
  readonly from: bigint;
  readonly to: bigint;

  constructor(fields: BlockRange & { readonly endpoint: string; readonly reason: string; readonly cause: unknown }) {
    const { from, to, endpoint, reason } = fields;
    super(
      `The node at ${endpoint} refuses the logs of blocks ${from} to ${to}: ${reason} Use a node with wider limits for eth_getLogs, or try again.`,
      { cause: fields.cause },
    );
    this.endpoint = endpoint;
    this.from = from;
    this.to = to;
  }
}
