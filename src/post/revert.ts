import { BaseError, ContractFunctionRevertedError } from 'viem';

/** A contract's own refusal: the name of its custom error and the values that it carries. */
export interface Revert {
  readonly errorName: string;
  readonly args: readonly unknown[];
}

/** The contract's refusal behind a viem error; undefined where the call failed for another reason. */
export function revertOf(error: unknown): Revert | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError)) return undefined;
  return { errorName: revert.data?.errorName ?? revert.shortMessage, args: revert.data?.args ?? [] };
}
