import { type Address, BaseError, ContractFunctionRevertedError, decodeErrorResult, type Hex, parseAbi } from 'viem';
import { MarginError } from '../errors.ts';
import { afterLensCode } from './afterLensCode.ts';
import { type At, requireCanonical } from './block.ts';
import { rpcError, wordsOf } from './connect.ts';
import { despiteLag } from './lag.ts';
import { isAboutTheCall } from './read.ts';

/** One call that an account makes. */
export interface Act {
  readonly target: Address;
  /** Wei. */
  readonly value: bigint;
  readonly data: Hex;
}

/** What an account does, and the code that it has. */
export interface Acts {
  readonly account: Address;
  readonly code: Hex;
  /** All of them in order, or none. */
  readonly calls: readonly Act[];
}

/** One question: to a contract, or to creation code that is on no chain. */
export interface Question {
  readonly target: Address;
  readonly code: Hex;
  readonly data: Hex;
}

/** What came back of one question. */
export interface Answer {
  readonly success: boolean;
  readonly data: Hex;
}

export const afterLensAbi = parseAbi([
  'struct Call { address target; uint256 value; bytes data; }',
  'struct Question { address target; bytes code; bytes data; }',
  'struct Answer { bool success; bytes data; }',
  'function run(Call[] acts, Question[] questions) returns (Answer[] answers)',
  'function coinsOf(address account) view returns (uint256)',
  'error ActFailed(uint256 index, bytes reason)',
  'error NotCaller(address caller)',
]);

/** As contracts/lens/AfterLens.sol names them. */
const CALLER = '0xaF7E200000000000000000000000000000000001';
const OWN_CODE = '0xaF7E200000000000000000000000000000000002';

/**
 * One `eth_call` at the pinned block: the account's calls, then the questions in the state that they left. Our code stands in the
 * account's place by a state override, and the account's own code answers whoever calls it meanwhile.
 *
 * @throws {ActFailedError} when one of the calls reverts.
 */
export async function askAfter(
  at: At,
  { acts, questions }: { readonly acts: Acts; readonly questions: readonly Question[] },
) {
  const { account: address, code, calls } = acts;
  const overrides = [
    { address, code: afterLensCode },
    ...(code === '0x' ? [] : [{ address: OWN_CODE, code }]),
  ] as const;
  try {
    const { result } = await despiteLag(at, () =>
      at.chain.client.simulateContract({
        ...{ address, abi: afterLensAbi, functionName: 'run', args: [calls, questions], account: CALLER },
        ...{ stateOverride: overrides, blockHash: at.block.hash, requireCanonical: true },
      } as never),
    );
    return result as unknown as readonly Answer[];
  } catch (error) {
    if (error instanceof MarginError) throw error;
    if (isAboutTheCall(error)) throw new ActFailedError({ account: address, why: whyOf(at, error), cause: error });
    await requireCanonical(at);
    throw rpcError(at.chain, { what: 'eth_call with a state override', error });
  }
}

/** Which call failed, and with what words, as far as the chain says. */
function whyOf({ chain }: At, error: unknown): string {
  const revert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  const data = revert instanceof ContractFunctionRevertedError ? revert.data : undefined;
  if (data?.errorName !== 'ActFailed') return `it does not run: ${wordsOf(chain, error)}`;
  const [index, reason] = data.args as readonly [bigint, Hex];
  return `call ${index} reverts with ${textOf(reason)}`;
}

/** The text of Solidity's own errors; the bytes of every other. */
function textOf(reason: Hex): string {
  try {
    const { errorName, args = [] } = decodeErrorResult({ data: reason, abi: [] });
    return `${errorName}(${args.join(', ')})`;
  } catch {
    return reason === '0x' ? 'nothing' : reason;
  }
}

/** What an account would do fails at the pinned block, so there is no state after it. */
export class ActFailedError extends MarginError {
  readonly code = 'ActFailedError';
  readonly account: Address;

  constructor({ account, why, cause }: { readonly account: Address; readonly why: string; readonly cause: unknown }) {
    super(`The transaction of ${account} fails at the pinned block: ${why}. Correct it, or propose a newer block.`, {
      cause,
    });
    this.account = account;
  }
}
