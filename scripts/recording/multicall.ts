import { decodeFunctionData, decodeFunctionResult, encodeFunctionResult, type Hex, multicall3Abi } from 'viem';

/** One call as a recording keeps it: what was asked of which contract, and its answer or its error. */
export interface RecordedCall {
  readonly to: Hex;
  readonly data: Hex;
  readonly result?: Hex;
  readonly error?: RecordedError;
}

export interface RecordedError {
  readonly code: number;
  readonly message: string;
  readonly data?: Hex;
}

/** The selector of Multicall3.aggregate3. */
const AGGREGATE3 = '82ad56cb';
const WORD = 64;

/**
 * The calls inside of an `eth_call` without an address that executes Multicall3.aggregate3, or undefined where it executes other code. Its
 * data are a wrapper's code with two byte strings behind it, the multicall's code and the call; the call is found by the length before it.
 */
export function decodeMulticall(data: Hex): readonly { readonly to: Hex; readonly data: Hex }[] | undefined {
  const digits = data.slice(2);
  for (let at = digits.indexOf(AGGREGATE3); at >= 0; at = digits.indexOf(AGGREGATE3, at + 1)) {
    const rest = (digits.length - at) / 2;
    const stated = at < WORD ? -1 : Number.parseInt(digits.slice(at - WORD, at), 16);
    if (stated < 4 || stated > rest || rest - stated >= 32) continue;
    const { args } = decodeFunctionData({ abi: multicall3Abi, data: `0x${digits.slice(at, at + 2 * stated)}` });
    return (args as readonly [readonly { target: Hex; callData: Hex }[]])[0].map(({ target, callData }) => ({
      to: target,
      data: callData,
    }));
  }
  return undefined;
}

/** What a multicall answered, call by call: of a failed one the data that it reverted with. */
export function decodeResults(result: Hex): readonly Pick<RecordedCall, 'result' | 'error'>[] {
  const results = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data: result });
  return results.map(({ success, returnData }) =>
    success ? { result: returnData } : { error: { code: 3, message: 'execution reverted', data: returnData } },
  );
}

/** The answer of a multicall, from those of its calls. */
export function encodeResults(calls: readonly Pick<RecordedCall, 'result' | 'error'>[]): Hex {
  const outcomes = calls.map(({ result, error }) => ({
    success: error === undefined,
    returnData: result ?? error?.data ?? '0x',
  }));
  return encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result: outcomes });
}

/** What tells one call from another. */
export function keyOf({ to, data }: Pick<RecordedCall, 'to' | 'data'>): string {
  return `${to.toLowerCase()} ${data.toLowerCase()}`;
}
