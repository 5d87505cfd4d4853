import { type Address, encodeAbiParameters, hexToBigInt, keccak256 } from 'viem';
import type { HistoryEntry } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';

/** How a version's pools sum up the positions of an account. */
export interface FingerprintRule {
  /** What the upper byte counts. */
  readonly counts: 'legs' | 'positions';
  /** How the ids' hashes come together in the other 31 bytes. */
  readonly sum: 'xor' | 'lanes';
}

const LANES = [
  { shift: 0n, modulus: 2n ** 124n - 59n },
  { shift: 124n, modulus: 2n ** 124n - 615n },
] as const;

/** One id that an account had in a pool, by the logs. */
export interface Candidate {
  readonly id: bigint;
  /** Closed at least once: perhaps it was opened again. */
  readonly isUnsure: boolean;
  /** Where it was first opened in the logs, and where its premium was first settled; −1 where it was not. */
  readonly opened: number;
  readonly settled: number;
}

/** The ids that each account had in each pool, by {@link candidateKey}. Needs no count of how often: the pool's own word decides. */
export function candidatesOf(history: readonly HistoryEntry[]): ReadonlyMap<string, readonly Candidate[]> {
  const [closed, settled] = [new Set<string>(), new Map<string, number>()];
  for (const [index, entry] of history.entries()) {
    if (entry.eventName === 'OptionBurnt') closed.add(idKey(entry));
    if (entry.eventName === 'PremiumSettled') settled.set(idKey(entry), index);
  }
  const found = new Map<string, Map<bigint, Candidate>>();
  for (const [index, entry] of history.entries()) {
    if (entry.eventName !== 'OptionMinted') continue;
    const key = candidateKey(entry.address, holderOf(entry));
    const own = found.get(key) ?? new Map<bigint, Candidate>();
    found.set(key, own);
    const [id, name] = [entry.args.tokenId as bigint, idKey(entry)];
    if (own.has(id)) continue;
    own.set(id, { id, isUnsure: closed.has(name), opened: index, settled: settled.get(name) ?? -1 });
  }
  return new Map([...found].map(([key, own]) => [key, [...own.values()]]));
}

/**
 * The ids in the order in which an account lists them: as opened; v1 settles the last of a list, and so leaves what was settled behind. The
 * pools take any order; answers that were recorded hold for the one that was asked.
 */
export function inOrder(
  candidates: readonly Candidate[],
  { settledIsLast }: { settledIsLast: boolean },
): readonly bigint[] {
  const rank = ({ opened, settled }: Candidate) => (settledIsLast ? Math.max(opened, settled) : opened);
  return [...candidates].sort((a, b) => rank(a) - rank(b)).map(({ id }) => id);
}

/** What {@link candidatesOf} files by. */
export function candidateKey(pool: Address, account: Address): string {
  return `${pool} ${account}`.toLowerCase();
}

function idKey(entry: HistoryEntry): string {
  return `${candidateKey(entry.address, holderOf(entry))} ${entry.args.tokenId}`;
}

/** Whose position an event is of. */
export function holderOf({ args }: HistoryEntry): Address {
  return (args.recipient ?? args.user) as Address;
}

/**
 * What a pool must have stored for an account with these positions, whatever their order.
 * Source: the published layout of s_positionsHash in each version. Checked against every recorded account.
 */
export function fingerprintOf(list: readonly { readonly id: bigint }[], { counts, sum }: FingerprintRule): bigint {
  const ids = list.map(({ id }) => id);
  const hashes = ids.map((id) => hexToBigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [id]))));
  const count = counts === 'positions' ? ids.length : ids.reduce((total, id) => total + legCount(id), 0);
  const low = sum === 'xor' ? hashes.reduce((all, hash) => all ^ BigInt.asUintN(248, hash), 0n) : lanesOf(hashes);
  return (BigInt(count) << 248n) | low;
}

/** Legs have no gaps: as many as reach up to the last one with a ratio. */
function legCount(id: bigint): number {
  return [0n, 1n, 2n, 3n].filter((i) => BigInt.asUintN(7, id >> (65n + 48n * i)) !== 0n).length;
}

function lanesOf(hashes: readonly bigint[]): bigint {
  return LANES.reduce((word, { shift, modulus }) => {
    const total = hashes.reduce((all, hash) => all + BigInt.asUintN(124, hash >> shift), 0n);
    return word | ((total % modulus) << shift);
  }, 0n);
}

/** A list of positions that the logs give and the pool does not confirm. */
export class PositionListError extends MarginError {
  readonly code = 'PositionListError';
  readonly account: Address;
  readonly pool: Address;
  readonly own: bigint;
  readonly computed: bigint;

  constructor(fields: {
    readonly account: Address;
    readonly pool: Address;
    readonly own: bigint;
    readonly computed: bigint;
  }) {
    super(
      `The logs of Panoptic's pool ${fields.pool} give positions of ${fields.account} whose fingerprint is 0x${fields.computed.toString(16)}; the pool has 0x${fields.own.toString(16)}. Logs are missing (a "fromBlock" after the first position?), or the pool is of another version: the account is not read.`,
    );
    this.account = fields.account;
    this.pool = fields.pool;
    this.own = fields.own;
    this.computed = fields.computed;
  }
}
