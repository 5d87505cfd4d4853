import {
  type Address,
  BaseError,
  HttpRequestError,
  RpcRequestError,
  SocketClosedError,
  TimeoutError,
  WebSocketRequestError,
  zeroAddress,
} from 'viem';
import { MarginError } from '../errors.ts';
import { type At, requireCanonical } from './block.ts';
import { chunksOf } from './chunks.ts';
import { rpcError } from './connect.ts';
import { despiteLag, saysUnknownBlock } from './lag.ts';
import type { ContractRead, LensRead, ReadFrom } from './pinnedChain.ts';
import { redactCause } from './redact.ts';

/**
 * Results in order, by multicalls that are executed at the pinned block and never deployed.
 *
 * @throws {CallFailedError} when one of them reverts or answers what its ABI cannot decode.
 */
export async function readCalls(at: At, calls: readonly ContractRead[]): Promise<readonly unknown[]> {
  const chunks = await Promise.all(chunksOf(calls).map((chunk) => runChunk(at, chunk)));
  const results: unknown[] = [];
  for (const outcome of chunks.flat()) {
    results.push(outcome.error === undefined ? outcome.value : await readAlone(at, outcome.call));
  }
  return results;
}

/** As {@link readCalls}, with a {@link CallFailedError} in the place of each call that reverts or does not decode. */
export async function readEachCall(at: At, calls: readonly ContractRead[]): Promise<readonly unknown[]> {
  const chunks = await Promise.all(chunksOf(calls).map((chunk) => runChunk(at, chunk)));
  return Promise.all(
    chunks.flat().map(({ call, value, error }) => (error === undefined ? value : readAlone(at, call).catch(asAnswer))),
  );
}

/** As {@link readEachCall}, each call alone and in the name of an account. */
export function readEachCallFrom(at: At, calls: readonly ReadFrom[]): Promise<readonly unknown[]> {
  return Promise.all(calls.map(({ from, ...call }) => readAlone(at, call, from).catch(asAnswer)));
}

function asAnswer(reason: unknown): CallFailedError {
  if (reason instanceof CallFailedError) return reason;
  throw reason;
}

/**
 * Results in order, of one `eth_call` whose calls see each other's effects.
 *
 * @throws {CallFailedError} for the first that reverts or answers what its ABI cannot decode.
 */
export async function readSequence(at: At, calls: readonly ContractRead[]): Promise<readonly unknown[]> {
  const outcomes = await runChunk(at, calls);
  const failed = outcomes.find((outcome) => outcome.error !== undefined);
  if (failed !== undefined) throw await explain(at, failed);
  return outcomes.map((outcome) => outcome.value);
}

/**
 * The answer of code that is executed at the pinned block and never deployed.
 *
 * @throws {CallFailedError} when it reverts or does not fit into one `eth_call`.
 */
export async function readLens(at: At, { code, ...call }: LensRead): Promise<unknown> {
  try {
    return await despiteLag(at, () =>
      at.chain.client.readContract({ ...call, code, blockHash: at.block.hash, requireCanonical: true } as never),
    );
  } catch (error) {
    if (error instanceof MarginError) throw error;
    throw await explain(at, { call: { ...call, address: zeroAddress }, error });
  }
}

interface Outcome {
  readonly call: ContractRead;
  readonly value?: unknown;
  readonly error?: unknown;
}

async function runChunk(at: At, calls: readonly ContractRead[]): Promise<readonly Outcome[]> {
  if (calls.length === 0) return [];
  const { chain, block } = at;
  const results = await despiteLag(at, async () => {
    const answers = await chain.client.multicall({
      contracts: calls,
      deployless: true,
      batchSize: 0,
      blockHash: block.hash,
      requireCanonical: true,
    });
    const unknown = answers.find(({ error }) => saysUnknownBlock(error));
    if (unknown !== undefined) throw unknown.error;
    return answers;
  }).catch((error: unknown) => {
    throw error instanceof MarginError ? error : rpcError(chain, { what: 'eth_call', error });
  });
  return calls.map((call, i) => {
    const result = results[i];
    return result?.status === 'success'
      ? { call, value: result.result }
      : { call, error: result?.error ?? 'no result' };
  });
}

/** A call that failed in company is asked alone: then the node says whether it reverts, and nobody else took its gas. */
async function readAlone(at: At, call: ContractRead, from?: Address): Promise<unknown> {
  const block = { blockHash: at.block.hash, requireCanonical: true };
  try {
    return await despiteLag(at, () =>
      at.chain.client.readContract({ ...call, ...block, ...(from !== undefined && { account: from }) }),
    );
  } catch (error) {
    if (error instanceof MarginError) throw error;
    throw await explain(at, { call, error });
  }
}

/** What a failed call is: its own fault, a block that is gone, or a node that failed. */
async function explain(at: At, { call, error }: Outcome): Promise<Error> {
  if (isAboutTheCall(error)) {
    return new CallFailedError({ call, cause: redactCause(error, String(at.chain.client.transport.url ?? '')) });
  }
  const gone = await requireCanonical(at).then(
    () => undefined,
    (reason: Error) => reason,
  );
  return gone ?? rpcError(at.chain, { what: 'eth_call', error });
}

/** True where the node executed the call at the block, and the call itself failed. */
export function isAboutTheCall(error: unknown): boolean {
  if (!(error instanceof BaseError)) return true;
  const answer = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null;
  if (answer !== null) {
    return answer.code === 3 || hasRevertData(answer.data) || /revert|out of gas|invalid opcode/i.test(answer.details);
  }
  return error.walk((cause) => TRANSPORT_ERRORS.some((kind) => cause instanceof kind)) === null;
}

const TRANSPORT_ERRORS = [HttpRequestError, TimeoutError, WebSocketRequestError, SocketClosedError];

function hasRevertData(data: unknown): boolean {
  const bytes = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return typeof bytes === 'string' && bytes.startsWith('0x');
}

/** A contract call that reverted, ran where there is no contract, or answered what its ABI cannot decode. */
export class CallFailedError extends MarginError {
  readonly code = 'CallFailedError';
  readonly address: Address;
  readonly functionName: string;
  readonly args: readonly unknown[];

  constructor(fields: { readonly call: ContractRead; readonly cause: unknown }) {
    const { address, functionName, args = [] } = fields.call;
    super(
      `${functionName}(${args.map(textOf).join(', ')}) of ${address} failed at the pinned block. Check that the address of the deployment is right and what the cause says.`,
      { cause: fields.cause },
    );
    this.address = address;
    this.functionName = functionName;
    this.args = args;
  }
}

/** An argument, cut where it is long. */
function textOf(arg: unknown): string {
  const text =
    typeof arg === 'object'
      ? JSON.stringify(arg, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
      : `${arg}`;
  return text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text;
}
