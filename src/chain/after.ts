import { type Address, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { MarginError } from '../errors.ts';
import { type Act, type Acts, type Answer, afterLensAbi, askAfter, type Question } from './askAfter.ts';
import type { At } from './block.ts';
import { chunksOf } from './chunks.ts';
import { type Chain, rpcError } from './connect.ts';
import { despiteLag } from './lag.ts';
import type { ContractRead, LensRead, PinnedChain, ReadFrom, StorageRead } from './pinnedChain.ts';
import { CallFailedError } from './read.ts';

/** Whose calls come first, and on top of which block. */
export interface AfterOptions {
  readonly chain: Chain;
  readonly before: PinnedChain;
  readonly account: Address;
  readonly calls: readonly Act[];
}

/**
 * The pinned chain as an account's calls would leave it: every read is an `eth_call` at the same block that makes the calls anew and
 * then asks, so that all of them see the same state and nothing is sent. Logs and history are those up to the block.
 *
 * Storage that no view shows cannot be read, nor can calls in another account's name: a venue that needs them cannot be read after a
 * transaction.
 *
 * @throws {ActFailedError} now or at a read, when one of the calls reverts.
 */
export async function after({ chain, before, account, calls }: AfterOptions): Promise<PinnedChain> {
  const at: At = { chain, block: before.block };
  const acts: Acts = { account, code: await readCode(at, account), calls };
  const ask = (questions: readonly Question[]) => askAfter(at, { acts, questions });
  await ask([]);
  return {
    ...before,
    read: async (reads) => (await readEach(ask, reads)).map(required),
    readEach: (reads) => readEach(ask, reads),
    readEachFrom: (reads) => readEachFrom(ask, { account, reads }),
    sequence: async (reads) => (await readChunk(ask, reads)).map(required),
    storage: (words) => noStorage(words),
    lens: (read) => readLens(ask, read),
    coins: async (whose) => required((await readChunk(ask, [coinsRead(account, whose)]))[0]) as bigint,
  };
}

type Ask = (questions: readonly Question[]) => Promise<readonly Answer[]>;

async function readEach(ask: Ask, reads: readonly ContractRead[]): Promise<readonly unknown[]> {
  return (await Promise.all(chunksOf(reads).map((chunk) => readChunk(ask, chunk)))).flat();
}

async function readChunk(ask: Ask, reads: readonly ContractRead[]): Promise<readonly unknown[]> {
  if (reads.length === 0) return [];
  const answers = await ask(
    reads.map((read) => ({ target: read.address, code: '0x', data: encodeFunctionData(read) })),
  );
  return reads.map((read, i) => decode(read, answers[i] as Answer));
}

/** Each by itself: what one call does must not be seen by the next. Our code stands in the account's place, so it asks in its name. */
async function readEachFrom(
  ask: Ask,
  { account, reads }: { readonly account: Address; readonly reads: readonly ReadFrom[] },
): Promise<readonly unknown[]> {
  const other = reads.find(({ from }) => from.toLowerCase() !== account.toLowerCase());
  if (other !== undefined) throw new NotReadAfterError(`calls in the name of ${other.from}`);
  return Promise.all(reads.map(async ({ from: _, ...read }) => (await readChunk(ask, [read]))[0]));
}

async function readLens(ask: Ask, { code, ...call }: LensRead): Promise<unknown> {
  const read = { ...call, address: NOWHERE };
  const [answer] = await ask([{ target: NOWHERE, code, data: encodeFunctionData(read) }]);
  return required(decode(read, answer as Answer));
}

const NOWHERE: Address = '0x0000000000000000000000000000000000000000';

function coinsRead(account: Address, whose: Address): ContractRead {
  return { address: account, abi: afterLensAbi, functionName: 'coinsOf', args: [whose] };
}

/** The result, or the error for which there is none. */
function decode(call: ContractRead, { success, data }: Answer): unknown {
  if (!success) return new CallFailedError({ call, cause: `it reverted with ${data}` });
  try {
    return decodeFunctionResult({ abi: call.abi, functionName: call.functionName, data });
  } catch (cause) {
    return new CallFailedError({ call, cause });
  }
}

function required(result: unknown): unknown {
  if (result instanceof CallFailedError) throw result;
  return result;
}

async function noStorage(words: readonly StorageRead[]): Promise<readonly Hex[]> {
  const [first] = words;
  if (first !== undefined) throw new NotReadAfterError(`storage of ${first.address}`);
  return [];
}

async function readCode(at: At, account: Address): Promise<Hex> {
  const params = [account, { blockHash: at.block.hash, requireCanonical: true }];
  try {
    return await despiteLag(
      at,
      () => at.chain.client.request({ method: 'eth_getCode', params } as never) as Promise<Hex>,
    );
  } catch (error) {
    if (error instanceof MarginError) throw error;
    throw rpcError(at.chain, { what: 'eth_getCode', error });
  }
}

/** Something that only the chain itself has, and not an `eth_call`. */
export class NotReadAfterError extends MarginError {
  readonly code = 'NotReadAfterError';

  constructor(what: string) {
    super(
      `What a transaction would leave is learnt by eth_call, which cannot read ${what}. Accounts with positions at a venue that needs it cannot be permitted anything: close them with nothing pledged, or keep them in another account.`,
    );
  }
}
