import {
  BaseError,
  formatLog,
  HttpRequestError,
  numberToHex,
  parseEventLogs,
  ResponseBodyTooLargeError,
  type RpcLog,
  RpcRequestError,
  TimeoutError,
  toEventSelector,
} from 'viem';
import { MarginError } from '../errors.ts';
import { type At, requireCanonical } from './block.ts';
import { rpcError, wordsOf } from './connect.ts';
import { despiteLag, saysUnknownBlock } from './lag.ts';
import { isRateLimit } from './patience.ts';
import type { DecodedLog, LogQuery } from './pinnedChain.ts';
import { type BlockRange, fetchInRanges, LogRangeRefusedError } from './ranges.ts';
import { redactCause } from './redact.ts';

/**
 * Decoded logs in the order of the chain, up to the pinned block. Ranges go by number, so the pinned block is checked
 * to be canonical after the last of them.
 *
 * @throws {LogRangeRefusedError} when the node refuses the logs of a single block.
 * @throws {LogDecodeError} when a log has a known signature and other contents: nothing is dropped in silence.
 * @throws {BlockGoneError} when the pinned block vanished meanwhile.
 */
export async function readLogs(at: At, query: LogQuery): Promise<readonly DecodedLog[]> {
  if (typeof query.address !== 'string' && query.address.length === 0) return [];
  const whole = { from: BigInt(query.fromBlock), to: at.block.number };
  const logs = await fetchInRanges(whole, (range) => fetchLogs(at, { query, ...range }));
  await requireCanonical(at);
  return decodeLogs(logs, query);
}

async function fetchLogs(
  at: At,
  { query, from, to }: BlockRange & { readonly query: LogQuery },
): Promise<readonly RpcLog[]> {
  const address = typeof query.address === 'string' ? query.address : [...query.address];
  const signatures = query.events.map((event) => toEventSelector(event));
  const topics = query.firstTopics === undefined ? [signatures] : [signatures, [...query.firstTopics]];
  const filter = { address, topics, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  const { chain } = at;
  try {
    return await despiteLag(at, () => chain.client.request({ method: 'eth_getLogs', params: [filter] }));
  } catch (error) {
    if (error instanceof MarginError) throw error;
    if (!asksForLess(error)) throw rpcError(chain, { what: `eth_getLogs of blocks ${from} to ${to}`, error });
    const cause = redactCause(error, String(chain.client.transport.url ?? ''));
    throw new LogRangeRefusedError({ from, to, endpoint: chain.endpoint, reason: wordsOf(chain, error), cause });
  }
}

/** True where a smaller range may be answered: too many results, too wide, too large, too slow. Every provider words it its own way. */
function asksForLess(error: unknown): boolean {
  if (!(error instanceof BaseError) || saysUnknownBlock(error)) return false;
  const cause = error.walk(
    (inner) =>
      inner instanceof TimeoutError ||
      inner instanceof ResponseBodyTooLargeError ||
      inner instanceof HttpRequestError ||
      inner instanceof RpcRequestError,
  );
  if (cause instanceof HttpRequestError) return [408, 413, 504].includes(cause.status ?? 0);
  if (!(cause instanceof RpcRequestError)) return cause !== null;
  return !isRateLimit(cause.details) && (cause.code === -32005 || LIMIT_WORDS.test(cause.details));
}

const LIMIT_WORDS = /range|too (many|large|wide|big|long)|more than|exceed|limit|max(imum)? |size|time(d)? ?out/i;

/** All at once: what is asked for is hashed once, and not for every log. */
function decodeLogs(logs: readonly RpcLog[], { events }: LogQuery): readonly DecodedLog[] {
  const decoded = parseEventLogs({ abi: [...events], logs: logs.map((log) => formatLog(log)), strict: true });
  const lost = logs.find((log, i) => {
    const found = decoded[i];
    return found?.transactionHash !== log.transactionHash || found.logIndex !== Number(log.logIndex);
  });
  if (lost !== undefined) throw new LogDecodeError(lost);
  return decoded as unknown as readonly DecodedLog[];
}

/** A log with the signature of an event that we read, and other contents than that event has. */
export class LogDecodeError extends MarginError {
  readonly code = 'LogDecodeError';
  readonly address: string;
  readonly transactionHash: string;
  readonly logIndex: number;

  constructor({ address, transactionHash, logIndex }: RpcLog) {
    super(
      `Log ${Number(logIndex)} of transaction ${transactionHash} at ${address} does not decode as its event. Check that the address of the deployment is the protocol's.`,
    );
    this.address = address;
    this.transactionHash = String(transactionHash);
    this.logIndex = Number(logIndex);
  }
}
