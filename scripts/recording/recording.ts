import { readFile } from 'node:fs/promises';
import type { Address, Hash, Hex } from 'viem';
import { z } from 'zod';
import { ScriptError } from '../scriptError.ts';
import type { RecordedCall } from './multicall.ts';

/** A log as a node answers it. */
export interface RecordedLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockHash: Hash;
  /** Hexadecimal, as all numbers of a node. */
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
}

/** One word of a contract's storage. */
export interface RecordedWord {
  readonly address: Address;
  /** 32 bytes. */
  readonly slot: Hex;
  readonly value: Hex;
}

/** Which logs were asked for. Without any, a recording holds all logs of its contracts. */
export interface LogQuestion {
  /** Lower case, sorted. */
  readonly address: readonly string[];
  readonly topics: readonly unknown[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** What contracts answered at one block: enough to read the same accounts again without a chain. */
export interface Recording {
  readonly about: string;
  readonly chainId: number;
  readonly block: { readonly number: number; readonly hash: Hash; readonly timestamp: number };
  readonly logs: readonly RecordedLog[];
  readonly logQuestions?: readonly LogQuestion[];
  /** Each call by itself. */
  readonly calls: readonly RecordedCall[];
  /** Of the chain's own coin, by lower-case account, hexadecimal. */
  readonly coins?: Readonly<Record<string, Hex>>;
  /** Calls that ran one after the other and whose answers hold in that order only. */
  readonly sequences?: readonly (readonly RecordedCall[])[];
  readonly storage?: readonly RecordedWord[];
}

const hex = z.string().regex(/^0x[0-9a-f]*$/i);
const call = z.looseObject({
  to: hex,
  data: hex,
  result: hex.optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: hex.optional() }).optional(),
});
const schema = z.looseObject({
  about: z.string(),
  chainId: z.int().positive(),
  block: z.looseObject({ number: z.int(), hash: hex, timestamp: z.int() }),
  logs: z.array(
    z.looseObject({ address: hex, topics: z.array(hex), data: hex, blockHash: hex, blockNumber: hex, logIndex: hex }),
  ),
  logQuestions: z
    .array(
      z.looseObject({
        address: z.array(z.string()),
        topics: z.array(z.unknown()),
        fromBlock: z.int(),
        toBlock: z.int(),
      }),
    )
    .optional(),
  calls: z.array(call),
  coins: z.record(z.string(), hex).optional(),
  sequences: z.array(z.array(call)).optional(),
  storage: z.array(z.looseObject({ address: hex, slot: hex, value: hex })).optional(),
});

/** Reads a recording; what else its file holds (accounts, a deployment, what is expected) is kept. */
export async function loadRecording<T extends Recording = Recording>(file: string | URL): Promise<T> {
  const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new ScriptError(`${file} is no recording: ${z.prettifyError(parsed.error)}`);
  return parsed.data as unknown as T;
}
