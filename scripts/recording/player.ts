import { type Hex, numberToHex } from 'viem';
import { isCovered, isSameQuestion, type LogFilter, matchLogs, questionOf } from './logs.ts';
import { decodeMulticall, encodeResults, keyOf, type RecordedCall } from './multicall.ts';
import type { RecordedWord, Recording } from './recording.ts';
import { type RpcAnswer, type RpcRequest, startRpcServer } from './server.ts';

/**
 * A node that knows one recording: it answers from it, and everything else with an error that says what is missing. A multicall is answered
 * call by call; code that nobody deployed (a lens) is refused as nodes do that forbid it, so that plain calls are made.
 */
export async function startPlayer(recording: Recording) {
  const missing: string[] = [];
  const answers = new Map(recording.calls.map((call) => [keyOf(call), call]));
  const sequences = new Map((recording.sequences ?? []).map((calls) => [calls.map(keyOf).join(), calls]));
  const miss = (what: string): RpcAnswer => {
    missing.push(what);
    return { error: { code: -32004, message: `not in the recording: ${what}` } };
  };
  const server = await startRpcServer(({ method, params }) => {
    switch (method) {
      case 'eth_chainId':
        return { result: numberToHex(recording.chainId) };
      case 'eth_getBlockByNumber':
      case 'eth_getBlockByHash':
        return blockOf(recording, params[0] as string) ?? miss(`${method} ${params[0]}`);
      case 'eth_getLogs':
        return logsOf(recording, params[0] as LogFilter) ?? miss(`${method} ${JSON.stringify(params)}`);
      case 'eth_getBalance':
        return coinsOf(recording, params) ?? miss(`${method} ${JSON.stringify(params)}`);
      case 'eth_call':
        return callOf({ answers, sequences, recording, miss }, params);
      case 'eth_getStorageAt':
        return wordOf(recording, params) ?? miss(`${method} ${JSON.stringify(params)}`);
      default:
        return miss(`${method} ${JSON.stringify(params)}`);
    }
  });
  return { ...server, missing: missing as readonly string[] };
}

function blockOf({ block }: Recording, which: string): RpcAnswer | undefined {
  const isIt = which === 'latest' || which === block.hash || which === numberToHex(block.number);
  const { number, hash, timestamp } = block;
  return isIt ? { result: { number: numberToHex(number), hash, timestamp: numberToHex(timestamp) } } : undefined;
}

function logsOf({ logs, logQuestions }: Recording, filter: LogFilter): RpcAnswer | undefined {
  const question = questionOf(filter);
  const answered = logQuestions?.filter((other) => isSameQuestion(other, question));
  if (answered !== undefined && !isCovered(question, answered)) return undefined;
  return { result: matchLogs(logs, question) };
}

function coinsOf({ coins, block }: Recording, params: RpcRequest['params']): RpcAnswer | undefined {
  const [account, at] = params as readonly [string, { blockHash?: string }];
  const result = at.blockHash === block.hash ? coins?.[account.toLowerCase()] : undefined;
  return result === undefined ? undefined : { result };
}

function wordOf({ block, storage = [] }: Recording, params: RpcRequest['params']): RpcAnswer | undefined {
  const [address, slot, at] = params as readonly [Hex, Hex, { blockHash?: string }];
  if (at.blockHash !== block.hash) return undefined;
  const isIt = (one: RecordedWord) =>
    one.address.toLowerCase() === address.toLowerCase() && BigInt(one.slot) === BigInt(slot);
  const found = storage.find(isIt);
  return found && { result: found.value };
}

interface Known {
  readonly answers: ReadonlyMap<string, RecordedCall>;
  readonly sequences: ReadonlyMap<string, readonly RecordedCall[]>;
  readonly recording: Recording;
  readonly miss: (what: string) => RpcAnswer;
}

function callOf({ answers, sequences, recording, miss }: Known, params: RpcRequest['params']): RpcAnswer {
  const [{ to, data = '0x' }, at] = params as readonly [{ to?: Hex; data?: Hex }, { blockHash?: string }];
  if (at.blockHash !== recording.block.hash) return miss(`eth_call at ${JSON.stringify(at)}`);
  if (to !== undefined) {
    const { result, error } = answers.get(keyOf({ to, data })) ?? {};
    if (error !== undefined) return { error };
    return result === undefined ? miss(`eth_call of ${to} with ${data}`) : { result };
  }
  const calls = decodeMulticall(data);
  if (calls === undefined) return { error: { code: 3, message: 'execution reverted: a recording executes no code' } };
  const known = sequences.get(calls.map(keyOf).join()) ?? calls.map((call) => answers.get(keyOf(call)));
  const gap = known.map((call) => call === undefined).indexOf(true);
  if (gap >= 0) return miss(`eth_call of ${calls[gap]?.to} with ${calls[gap]?.data}`);
  return { result: encodeResults(known as readonly RecordedCall[]) };
}
