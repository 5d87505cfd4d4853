import { type Hex, isHex, zeroAddress } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { MarginError } from '../errors.ts';
import type { PlanCall } from '../report/permitTypedData.ts';
import type { SafeTransaction } from '../report/safeTransaction.ts';

const hex = z
  .string()
  .refine((text) => isHex(text) && text.length % 2 === 0, 'is not 0x and whole bytes in hexadecimal')
  .transform((text) => text as Hex);
const integer = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+$/, 'is not a whole number')])
  .transform((value) => BigInt(value));

const transactionSchema = z.strictObject({
  to: addressSchema,
  value: integer.default(0n),
  data: hex,
  operation: z.int().nonnegative().default(0),
  safeTxGas: integer.default(0n),
  baseGas: integer.default(0n),
  gasPrice: integer.default(0n),
  gasToken: addressSchema.default(zeroAddress),
  refundReceiver: addressSchema.default(zeroAddress),
  nonce: integer.optional(),
});
const callsSchema = z
  .array(z.strictObject({ target: addressSchema, value: integer.default(0n), data: hex }))
  .min(1, 'has no calls');

/** A Safe's transaction as its owners write it down: `to` and `data`, the rest as Safe names it. The nonce may be left to the chain. */
export type TransactionJson = Omit<SafeTransaction, 'nonce'> & { readonly nonce?: bigint | undefined };

/** Reads a transaction from JSON. @throws {ProposalJsonError} naming the place that does not fit. */
export function parseTransaction(text: string): TransactionJson {
  return parse(transactionSchema, text);
}

/** Reads the calls of a plan from JSON: a list of target, value and data. @throws {ProposalJsonError} naming the place that does not fit. */
export function parsePlanCalls(text: string): readonly PlanCall[] {
  return parse(callsSchema, text);
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ProposalJsonError(z.prettifyError(parsed.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProposalJsonError('it is not JSON', { cause });
  }
}

/** A text that is no transaction of a Safe, or no list of calls. */
export class ProposalJsonError extends MarginError {
  readonly code = 'ProposalJsonError';

  constructor(problem: string, options?: ErrorOptions) {
    super(`The transaction or plan cannot be read: ${problem}. Write it as docs/contracts.md says.`, options);
  }
}
