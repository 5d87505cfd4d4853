import type { Address, Hex } from 'viem';
import { type LogFilter, questionOf } from './logs.ts';
import { decodeMulticall, decodeResults, keyOf, type RecordedCall } from './multicall.ts';
import type { LogQuestion, RecordedLog, RecordedWord, Recording } from './recording.ts';
import { type RpcAnswer, type RpcRequest, startRpcServer } from './server.ts';

/** What was seen so far. */
export type Seen = Pick<Recording, 'logs' | 'calls' | 'sequences' | 'coins' | 'storage'> & {
  readonly logQuestions: readonly LogQuestion[];
};

/**
 * A node in front of a real one that keeps what it answers. A lens is refused, as by nodes that forbid code that nobody deployed: its
 * answer would be that of our own code, and not the contracts'.
 */
export async function startRecorder(target: string) {
  const logs = new Map<string, RecordedLog>();
  const logQuestions: LogQuestion[] = [];
  const batches: (readonly RecordedCall[])[] = [];
  const coins: Record<string, Hex> = {};
  const words = new Map<string, RecordedWord>();
  const server = await startRpcServer(async (request) => {
    const [{ to, data }] = (request.method === 'eth_call' ? request.params : [{}]) as [{ to?: Hex; data?: Hex }];
    const calls = data === undefined ? [] : to === undefined ? decodeMulticall(data) : [{ to, data }];
    if (calls === undefined) return { error: { code: 3, message: 'execution reverted: a lens is not recorded' } };
    const answer = await forward(target, request);
    if (calls.length > 0) batches.push(batchOf(calls, { answer, isMulticall: to === undefined }));
    if (request.method === 'eth_getBalance' && 'result' in answer) {
      coins[String(request.params[0]).toLowerCase()] = answer.result as Hex;
    }
    if (request.method === 'eth_getLogs' && 'result' in answer) {
      logQuestions.push(questionOf(request.params[0] as LogFilter));
      for (const log of answer.result as RecordedLog[]) logs.set(`${log.blockHash} ${log.logIndex}`, log);
    }
    if (request.method === 'eth_getStorageAt' && 'result' in answer) {
      const [address, slot] = request.params as [Address, Hex];
      words.set(`${address} ${slot}`, { address, slot, value: answer.result as Hex });
    }
    return answer;
  });
  const stored = () => ({
    ...(words.size > 0 && { storage: [...words.values()] }),
    ...(Object.keys(coins).length > 0 && { coins }),
  });
  return {
    ...server,
    seen: (): Seen => ({ ...sortOut(batches), logs: [...logs.values()], logQuestions, ...stored() }),
  };
}

async function forward(target: string, request: RpcRequest): Promise<RpcAnswer> {
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: RecordedCall['error'] };
  return error === undefined ? { result } : { error };
}

function batchOf(
  calls: readonly Pick<RecordedCall, 'to' | 'data'>[],
  { answer, isMulticall }: { readonly answer: RpcAnswer; readonly isMulticall: boolean },
): readonly RecordedCall[] {
  if (isMulticall && 'result' in answer) {
    const results = decodeResults(answer.result as Hex);
    return calls.map((call, i) => ({ ...call, ...results[i] }));
  }
  if (isMulticall) return [];
  return calls.map((call) => ({ ...call, ...(answer as { result?: Hex }) }));
}

/** Calls that are answered alike wherever they stand, by themselves; batches in which one is answered otherwise, as sequences. */
function sortOut(batches: readonly (readonly RecordedCall[])[]): Required<Pick<Recording, 'calls' | 'sequences'>> {
  const answers = new Map<string, Set<string>>();
  const textOf = ({ result, error }: RecordedCall) => result ?? `reverts with ${error?.data ?? '0x'}`;
  for (const call of batches.flat()) {
    answers.set(keyOf(call), (answers.get(keyOf(call)) ?? new Set()).add(textOf(call)));
  }
  const isPlain = (call: RecordedCall) => answers.get(keyOf(call))?.size === 1;
  const isAlone = (batch: readonly RecordedCall[]) => batch.length === 1;
  const plain = batches.filter((batch) => isAlone(batch) || batch.every(isPlain)).flat();
  const calls = [...new Map(plain.map((call) => [keyOf(call), call])).values()];
  const sequences = batches.filter((batch) => !isAlone(batch) && !batch.every(isPlain));
  return { calls, sequences };
}
