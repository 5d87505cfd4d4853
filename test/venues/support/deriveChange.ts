import { type Abi, type Address, encodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import { keyOf, type RecordedCall } from '../../../scripts/recording/multicall.ts';
import type { DeriveRecording } from './deriveRecording.ts';

/** One call of a recording. */
export interface Question {
  readonly to: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

/** What BLF_DataTooOld() reverts with. */
export const STALE: Hex = '0x1141796d';

/** The same recording with another answer to one call. */
export function withAnswer(recording: DeriveRecording, question: Question, answer: unknown): DeriveRecording {
  const { abi, functionName } = question;
  return replace(recording, question, { result: encodeFunctionResult({ abi, functionName, result: answer }) });
}

/** The same recording with one call that reverts. */
export function withRevert(recording: DeriveRecording, question: Question): DeriveRecording {
  return replace(recording, question, { error: { code: 3, message: 'execution reverted', data: STALE } });
}

function replace(
  recording: DeriveRecording,
  { to, abi, functionName, args = [] }: Question,
  answer: Pick<RecordedCall, 'result' | 'error'>,
): DeriveRecording {
  const call = { to, data: encodeFunctionData({ abi, functionName, args }) };
  const others = recording.calls.filter((other) => keyOf(other) !== keyOf(call));
  return { ...recording, calls: [...others, { ...call, ...answer }] };
}
