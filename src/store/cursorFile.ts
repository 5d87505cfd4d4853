import { z } from 'zod';
import type { Cursor } from '../chain/resume.ts';
import { MarginError } from '../errors.ts';

/** Where a reader keeps how far it has read. What is lost costs one long scan and nothing else. */
export interface CursorStore {
  load(): Promise<Cursor | undefined>;
  save(cursor: Cursor): Promise<void>;
}

/** A cursor that lasts as long as the process. */
export function memoryCursor(): CursorStore {
  let kept: Cursor | undefined;
  return {
    load: async () => kept,
    save: async (cursor) => {
      kept = cursor;
    },
  };
}

const hex = z.string().regex(/^0x[0-9a-f]*$/i);
const block = z.int().nonnegative();

const schema = z.strictObject({
  chainId: z.int(),
  blocks: z.array(z.strictObject({ number: block, hash: hex })),
  sources: z.record(
    hex,
    z.strictObject({
      to: z.int(),
      entries: z.array(
        z.strictObject({ address: hex, eventName: z.string(), args: z.record(z.string(), z.unknown()), block }),
      ),
    }),
  ),
});

/** JSON text of a cursor: whole numbers of any size in arguments as `"123n"`. */
export function formatCursor(cursor: Cursor): string {
  return `${JSON.stringify(cursor, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}\n`;
}

/** Reads a cursor. @throws {CursorFileError} naming the place that does not fit. */
export function parseCursor(text: string): Cursor {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data as Cursor;
  throw new CursorFileError(z.prettifyError(parsed.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) =>
      typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
    );
  } catch (cause) {
    throw new CursorFileError('it is not JSON', cause);
  }
}

/** A file that is not a cursor. */
export class CursorFileError extends MarginError {
  readonly code = 'CursorFileError';

  constructor(problem: string, cause?: unknown) {
    super(
      `The cursor file cannot be used: ${problem}. Delete it: the chain is then scanned from the first block again.`,
      {
        cause,
      },
    );
  }
}
