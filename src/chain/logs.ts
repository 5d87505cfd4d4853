import { formatLog, numberToHex, parseEventLogs, type RpcLog, toEventSelector } from 'viem';
import { MarginError } from '../errors.ts';
import { type At, requireCanonical } from './block.ts';
import { rpcError } from './connect.ts';
import type { DecodedLog, LogQuery } from './pinnedChain.ts';

/** Public nodes refuse wider ranges. */
const MAX_RANGE_BLOCKS = 10_000n;

/**
 * Decoded logs in the order of the chain, up to the pinned block. Ranges go by number, so the pinned block is checked
 * to be canonical after the last of them.
 *
 * @throws {LogDecodeError} when a log has a known signature and other contents: nothing is dropped in silence.
 * @throws {BlockGoneError} when the pinned block vanished meanwhile.
 */
export async function readLogs(at: At, query: LogQuery): Promise<readonly DecodedLog[]> {
  if (typeof query.address !== 'string' && query.address.length === 0) return [];
  const logs: RpcLog[] = [];
  for (let from = BigInt(query.fromBlock); from <= at.block.number; from += MAX_RANGE_BLOCKS) {
    const last = from + MAX_RANGE_BLOCKS - 1n;
    const to = last < at.block.number ? last : at.block.number;
    logs.push(...(await fetchLogs(at, { query, from, to })));
  }
  await requireCanonical(at);
  return decodeLogs(logs, query);
}

interface Range {
  readonly query: LogQuery;
  readonly from: bigint;
  readonly to: bigint;
}

async function fetchLogs({ chain }: At, { query, from, to }: Range): Promise<readonly RpcLog[]> {
  const address = typeof query.address === 'string' ? query.address : [...query.address];
  const topics = [query.events.map((event) => toEventSelector(event))];
  const filter = { address, topics, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  try {
    return await chain.client.request({ method: 'eth_getLogs', params: [filter] });
  } catch (error) {
    throw rpcError(chain, { what: 'eth_getLogs', error });
  }
}

function decodeLogs(logs: readonly RpcLog[], { events }: LogQuery): readonly DecodedLog[] {
  return logs.map((log) => {
    const [decoded] = parseEventLogs({ abi: [...events], logs: [formatLog(log)], strict: true });
    if (decoded === undefined) throw new LogDecodeError(log);
    return decoded as unknown as DecodedLog;
  });
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
