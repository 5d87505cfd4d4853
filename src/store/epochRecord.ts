import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { formatMarket, formatPortfolio } from '../book/formatBook.ts';
import { parseBook } from '../book/parseBook.ts';
import type { BookJson } from '../book/schema.ts';
import { MarginError } from '../errors.ts';
import type { SignerSignature } from '../report/agreement.ts';
import type { MarginLeaf } from '../report/leaf.ts';
import type { QuorumReport } from '../report/quorum.ts';
import { formatRefusals, type RefusalJson } from '../report/refusal.ts';
import type { ReportInput } from '../report/report.ts';
import type { BlockRef } from '../report/snapshot.ts';
import type { MarginRoot, OracleRef } from '../report/typedData.ts';

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/i)
  .transform((text) => text as Hex);
const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i)
  .transform((text) => text as Address);
const integer = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

const leafSchema = z.strictObject({
  account: address,
  equityWad: integer,
  maintenanceWad: integer,
  initialWad: integer,
  healthWad: integer,
  pledgedEquityWad: integer,
  pledgedFreeWad: integer,
  pledgedHealthWad: integer,
  positionsHash: hex,
});

const recordSchema = z.strictObject({
  chainId: z.int(),
  marginOracle: address,
  root: z.strictObject({
    epoch: integer,
    asOf: integer,
    validUntil: integer,
    snapshotHash: hex,
    modelHash: hex,
    root: hex,
  }),
  signatures: z.array(z.strictObject({ signer: address, signature: hex })),
  blocks: z.array(z.strictObject({ chainId: z.int(), number: integer, hash: hex })),
  model: z.unknown(),
  market: z.unknown(),
  accounts: z.array(
    z.strictObject({
      account: address,
      positions: z.array(z.unknown()),
      silos: z.array(z.unknown()),
      leaf: leafSchema,
    }),
  ),
  refused: z.array(z.strictObject({ account: address, code: z.string(), message: z.string() })).default([]),
});

/** One posted epoch as it is kept: everything that anyone needs to recompute it, without a chain. */
export interface EpochRecord extends OracleRef {
  readonly root: MarginRoot;
  readonly signatures: readonly SignerSignature[];
  readonly blocks: readonly BlockRef[];
  /** As a book writes them (docs/book.md). */
  readonly model: unknown;
  readonly market: unknown;
  readonly accounts: readonly AccountRecord[];
  /** Who was left out, and why. Not signed: the tree says who is in it. */
  readonly refused: readonly RefusalJson[];
}

export interface AccountRecord {
  readonly account: Address;
  readonly positions: readonly unknown[];
  readonly silos: readonly unknown[];
  readonly leaf: MarginLeaf;
}

/** The record of a posted epoch. Whether it is wide is the chain's word. */
export function recordEpoch({ report, signatures }: Omit<QuorumReport, 'isWide'>, oracle: OracleRef): EpochRecord {
  const { root, snapshot, model } = report;
  return {
    ...oracle,
    root,
    signatures,
    blocks: snapshot.blocks,
    model,
    market: formatMarket(snapshot.market),
    accounts: report.accounts.map(({ account, portfolio, leaf }) => ({ account, ...formatPortfolio(portfolio), leaf })),
    refused: formatRefusals(report.refused),
  };
}

/** The book behind one account's leaf: what `crossmargin margin` computes. */
export function bookOf(record: EpochRecord, { positions, silos }: AccountRecord): BookJson {
  return { asOf: Number(record.root.asOf), model: record.model, market: record.market, positions, silos } as BookJson;
}

/** What the report of a record is computed from, read back from its books. */
export function reportInputOf(record: EpochRecord): ReportInput {
  const { epoch, validUntil } = record.root;
  const books = record.accounts.map((account) => ({
    account: account.account,
    book: parseBook(bookOf(record, account)),
  }));
  const [first] = books;
  if (first === undefined) throw new EpochRecordError('it has no accounts');
  const { market, model } = first.book;
  const accounts = books.map(({ account, book }) => ({ account, portfolio: book.portfolio }));
  return { epoch, validUntil, model, snapshot: { blocks: record.blocks, market, accounts } };
}

/** JSON text of a record: integers as decimal strings, keys in a fixed order. */
export function formatRecord(record: EpochRecord): string {
  return `${JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
}

/** Reads a record. @throws {EpochRecordError} naming the place that does not fit. */
export function parseRecord(text: string): EpochRecord {
  const parsed = recordSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new EpochRecordError(z.prettifyError(parsed.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EpochRecordError('it is not JSON', cause);
  }
}

/** A file that is not an epoch record. */
export class EpochRecordError extends MarginError {
  readonly code = 'EpochRecordError';

  constructor(problem: string, cause?: unknown) {
    super(`The epoch record cannot be read: ${problem}. Take it again from the node that posted the epoch.`, { cause });
  }
}
