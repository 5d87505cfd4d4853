import type { Address } from 'viem';
import type { BlockMark, PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { outcomeOf, readRaws, requireFinal, type VenueOutcome, type VenueQuery, type VenueReader } from './outcomes.ts';
import type { Venue, VenuePositions } from './venue.ts';

/** How an incremental reader proves itself. */
export interface IncrementalOptions {
  /** Every how many readings of a venue all of it is read in full beside what is carried; 1 is a full reading each time. */
  readonly fullEvery: number;
}

/**
 * Reads a venue as `readVenue` does, and remembers what it read: at a later block of the same chain only the accounts that logs
 * say were touched are read, with those that are new and those that were refused; the others are carried. Where the block of the
 * last reading is no longer on the chain, or lies ahead, all are read.
 *
 * @throws {CarryDisagreesError} when a full reading contradicts what was carried; from then on nothing is carried.
 */
export function incrementalReader({ fullEvery }: IncrementalOptions): VenueReader {
  const memories = new Map<string, Memory>();
  const disproved = new Set<string>();
  return async (chain, query) => {
    const { name } = query.venue;
    const memory = memories.get(name);
    const reads = (memory?.reads ?? 0) + 1;
    const isProof = reads % fullEvery === 0;
    const untouched = disproved.has(name) ? NOTHING : await findUntouched(chain, { ...query, memory });
    const asked = query.accounts.filter((account) => isProof || !untouched.has(keyOf(account)));
    const [carried, read] = await Promise.all([
      carry(chain, { venue: query.venue, untouched }),
      readEntries(chain, { ...query, accounts: asked }),
    ]);
    const known = new Map([...carried, ...read]);
    const lost = query.accounts.filter((account) => !known.has(keyOf(account)));
    const entries = new Map([...known, ...(await readEntries(chain, { ...query, accounts: lost }))]);
    const mark = { number: Number(chain.block.number), hash: chain.block.hash };
    memories.set(name, { mark, reads, raws: rawsOf(entries) });
    const difference = isProof ? findDifference(query, { carried, entries }) : undefined;
    if (difference === undefined) return query.accounts.map((account) => entryOf(entries, account).outcome);
    disproved.add(name);
    throw difference;
  };
}

/** What was read of one venue, by account in lower case; of those who were refused there is nothing. */
interface Memory {
  readonly mark: BlockMark;
  readonly reads: number;
  readonly raws: ReadonlyMap<string, unknown>;
}

/** A raw state and what it is in legs. */
interface Entry {
  readonly raw: unknown;
  readonly outcome: VenueOutcome;
}

type Entries = ReadonlyMap<string, Entry>;

async function readEntries(chain: PinnedChain, query: VenueQuery): Promise<Entries> {
  const raws = await readRaws(chain, query);
  return entriesOf(query.venue, { keys: query.accounts.map(keyOf), raws });
}

const NOTHING: Memory['raws'] = new Map();

/** Those whose earlier states still say what they hold. */
async function findUntouched(
  chain: PinnedChain,
  { venue, accounts, memory }: VenueQuery & { readonly memory: Memory | undefined },
): Promise<Memory['raws']> {
  const { carryForward } = venue;
  if (carryForward === undefined || memory === undefined || !(await isBehind(chain, memory.mark))) return NOTHING;
  const touched = await carryForward.touched(chain, memory.mark.number);
  if (touched === 'all') return NOTHING;
  const changed = new Set(touched.map(keyOf));
  const keys = accounts.map(keyOf).filter((key) => memory.raws.has(key) && !changed.has(key));
  return new Map(keys.map((key) => [key, memory.raws.get(key)]));
}

/** Their states at the pinned block. Those who have none are left out, all of them after a final error. */
async function carry(
  chain: PinnedChain,
  { venue, untouched }: { readonly venue: Venue; readonly untouched: Memory['raws'] },
): Promise<Entries> {
  if (venue.carryForward === undefined || untouched.size === 0) return new Map();
  const keys = [...untouched.keys()];
  try {
    const raws = await venue.carryForward.carry(chain, [...untouched.values()]);
    return new Map(
      [...entriesOf(venue, { keys, raws })].filter(([, { outcome }]) => !(outcome instanceof MarginError)),
    );
  } catch (error) {
    requireFinal(error);
    return new Map();
  }
}

function entriesOf(
  venue: Venue,
  { keys, raws }: { readonly keys: readonly string[]; readonly raws: readonly unknown[] },
): Entries {
  return new Map(keys.map((key, i) => [key, { raw: raws[i], outcome: outcomeOf(venue, raws[i]) }]));
}

/** Whether a block is the pinned one or below it, on the same chain. */
async function isBehind(chain: PinnedChain, mark: BlockMark): Promise<boolean> {
  return mark.number <= Number(chain.block.number) && (await chain.isCanonical(mark));
}

function rawsOf(entries: Entries): Memory['raws'] {
  const readable = [...entries].filter(([, { outcome }]) => !(outcome instanceof MarginError));
  return new Map(readable.map(([key, { raw }]) => [key, raw]));
}

function entryOf(entries: Entries, account: Address): Entry {
  return entries.get(keyOf(account)) as Entry;
}

function keyOf(account: Address): string {
  return account.toLowerCase();
}

/** The first account of which the full reading says something else than what was carried. */
function findDifference(
  { venue, accounts }: VenueQuery,
  { carried, entries }: { readonly carried: Entries; readonly entries: Entries },
): CarryDisagreesError | undefined {
  for (const account of accounts) {
    const entry = carried.get(keyOf(account));
    const what = entry && differenceOf(entry.outcome, entryOf(entries, account).outcome);
    if (what !== undefined) return new CarryDisagreesError({ venue: venue.name, account, ...what });
  }
  return undefined;
}

interface Difference {
  readonly what: string;
  readonly carried: string;
  readonly read: string;
}

/** The first that differs of all that is signed and of our own figures; the venue's own are not carried. */
function differenceOf(carried: VenueOutcome, read: VenueOutcome): Difference | undefined {
  const [ours, theirs] = [partsOf(carried), partsOf(read)];
  for (const what of Object.keys({ ...theirs, ...ours })) {
    const [mine, full] = [ours[what] ?? [], theirs[what] ?? []];
    const at = Array.from({ length: Math.max(mine.length, full.length) }).findIndex((_, i) => mine[i] !== full[i]);
    if (at >= 0) return { what, carried: mine[at] ?? 'nothing', read: full[at] ?? 'nothing' };
  }
  return undefined;
}

function partsOf(outcome: VenueOutcome): Readonly<Record<string, readonly string[]>> {
  if (outcome instanceof MarginError) return { error: [outcome.code] };
  const { positions, silos, healths }: VenuePositions = outcome;
  const computed = healths.map(({ silo, healthComputedWad }) => ({ silo, healthComputedWad }));
  return { positions: positions.map(textOf), silos: silos.map(textOf), 'computed healths': computed.map(textOf) };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));
}

/** A full reading of an account says something else than what was carried forward for it. */
export class CarryDisagreesError extends MarginError {
  readonly code = 'CarryDisagreesError';
  readonly venue: string;
  readonly account: Address;
  /** What differs: positions, silos, computed healths, or the error of one of them. */
  readonly what: string;

  constructor(fields: Difference & { readonly venue: string; readonly account: Address }) {
    super(
      `Among the ${fields.what} of ${fields.account} at ${fields.venue} is ${fields.read} when read in full, and ${fields.carried} when carried forward from an earlier block: something changes there without a log that the adapter knows, or the node leaves logs out. This reader carries nothing of ${fields.venue} any more and reads all of it each time; report the difference, and compare with another node.`,
    );
    this.venue = fields.venue;
    this.account = fields.account;
    this.what = fields.what;
  }
}
