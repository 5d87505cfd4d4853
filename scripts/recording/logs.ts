import { type Hex, hexToNumber } from 'viem';
import type { LogQuestion, RecordedLog } from './recording.ts';

/** The filter of an `eth_getLogs` request. */
export interface LogFilter {
  readonly address?: Hex | readonly Hex[];
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock: Hex;
  readonly toBlock: Hex;
}

/** What a filter asks for. */
export function questionOf({ address = [], topics = [], fromBlock, toBlock }: LogFilter): LogQuestion {
  const addresses = typeof address === 'string' ? [address] : address;
  return {
    address: addresses.map((one) => one.toLowerCase()).sort(),
    topics,
    fromBlock: hexToNumber(fromBlock),
    toBlock: hexToNumber(toBlock),
  };
}

/** Whether two questions are after the same logs, over whichever blocks. */
export function isSameQuestion(a: LogQuestion, b: LogQuestion): boolean {
  return JSON.stringify([a.address, a.topics]) === JSON.stringify([b.address, b.topics]);
}

/** Whether the asked blocks lie in those that were answered, which may be several ranges side by side. */
export function isCovered({ fromBlock, toBlock }: LogQuestion, answered: readonly LogQuestion[]): boolean {
  let next = fromBlock;
  for (const range of [...answered].sort((a, b) => a.fromBlock - b.fromBlock)) {
    if (range.fromBlock <= next && range.toBlock >= next) next = range.toBlock + 1;
  }
  return next > toBlock;
}

/** The logs that a node would answer, in its order. */
export function matchLogs(logs: readonly RecordedLog[], question: LogQuestion): readonly RecordedLog[] {
  const place = ({ blockNumber, logIndex }: RecordedLog) => [hexToNumber(blockNumber), hexToNumber(logIndex)] as const;
  return logs
    .filter((log) => isMatch(log, question))
    .sort((a, b) => {
      const [[blockA, indexA], [blockB, indexB]] = [place(a), place(b)];
      return blockA - blockB || indexA - indexB;
    });
}

function isMatch(log: RecordedLog, { address, topics, fromBlock, toBlock }: LogQuestion): boolean {
  const number = hexToNumber(log.blockNumber);
  if (number < fromBlock || number > toBlock) return false;
  if (address.length > 0 && !address.includes(log.address.toLowerCase())) return false;
  return topics.every((wanted, i) => {
    if (wanted === null || wanted === undefined) return true;
    const options = (Array.isArray(wanted) ? wanted : [wanted]) as readonly string[];
    return options.some((topic) => topic.toLowerCase() === log.topics[i]?.toLowerCase());
  });
}
