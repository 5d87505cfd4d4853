import {
  type Abi,
  type AbiFunction,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  size,
  slice,
  toFunctionSelector,
} from 'viem';

/** A function of an ABI, and its arguments by name. */
export interface DecodedCall {
  readonly functionName: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const SELECTOR_BYTES = 4;

/**
 * The function that data call and its arguments; undefined where the ABI has none with that selector, or where the data are not, to the
 * byte, what Solidity's ABI encoder writes for these arguments. What comes after the arguments, or stands in their padding, is read by
 * some contracts and by no decoder: nobody signs what he has not read.
 */
export function decodeCall(abi: Abi, data: Hex): DecodedCall | undefined {
  if (size(data) < SELECTOR_BYTES) return undefined;
  const selector = slice(data, 0, SELECTOR_BYTES).toLowerCase();
  const item = abi.find(
    (candidate): candidate is AbiFunction =>
      candidate.type === 'function' && toFunctionSelector(candidate) === selector,
  );
  if (item === undefined) return undefined;
  const values = decodeExactly(item, size(data) === SELECTOR_BYTES ? '0x' : slice(data, SELECTOR_BYTES));
  if (values === undefined) return undefined;
  return {
    functionName: item.name,
    args: Object.fromEntries(item.inputs.map(({ name = '' }, i) => [name, values[i]])),
  };
}

function decodeExactly({ inputs }: AbiFunction, bytes: Hex): readonly unknown[] | undefined {
  try {
    const values = inputs.length === 0 ? [] : decodeAbiParameters(inputs, bytes);
    return encodeAbiParameters(inputs, values) === bytes.toLowerCase() ? values : undefined;
  } catch {
    return undefined;
  }
}
