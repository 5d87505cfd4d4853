import type { Abi, AbiEvent, Address, Hash, Hex, Log } from 'viem';

/** One block, named by its hash. */
export interface PinnedBlock {
  readonly chainId: number;
  readonly number: bigint;
  readonly hash: Hash;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** One call of a contract. */
export interface ContractRead {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

/** One call in the name of an account. */
export interface ReadFrom extends ContractRead {
  readonly from: Address;
}

/** One word of a contract's storage. */
export interface StorageRead {
  readonly address: Address;
  readonly slot: Hex;
}

/** One call of code that is on no chain. */
export interface LensRead extends Omit<ContractRead, 'address'> {
  /** Creation code. */
  readonly code: Hex;
}

/** A chain seen at one block. Every read is pinned to the block's hash: never a mix of two blocks. */
export interface PinnedChain {
  readonly block: PinnedBlock;
  /** All results in order, or an error that names the call. */
  read(calls: readonly ContractRead[]): Promise<readonly unknown[]>;
  /**
   * The calls one after the other in one `eth_call`: each sees the state that the earlier ones left. Nothing is sent.
   * All results in order, or an error that names the call.
   */
  sequence(calls: readonly ContractRead[]): Promise<readonly unknown[]>;
  /** As `read`, with the error in the place of each call that failed by itself. */
  readEach(calls: readonly ContractRead[]): Promise<readonly unknown[]>;
  /**
   * What the chain would answer to accounts: each call an `eth_call` of its own, in the account's name, and never sent.
   * The error in the place of each call that failed by itself.
   */
  readEachFrom(calls: readonly ReadFrom[]): Promise<readonly unknown[]>;
  /** Words of storage in order: what a contract keeps and has no view for. */
  storage(words: readonly StorageRead[]): Promise<readonly Hex[]>;
  /** The answer of a contract that is executed at the block and never deployed, or an error that names the call. */
  lens(call: LensRead): Promise<unknown>;
  /** The chain's own coin that an account holds, in wei. */
  coins(account: Address): Promise<bigint>;
  /** Decoded logs of the given events from `fromBlock` to the pinned block. */
  logs(query: LogQuery): Promise<readonly DecodedLog[]>;
  /** What the same logs say of the arguments to keep: each different combination once. It can be resumed, see `resume`. */
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>;
  /** Whether a block is on the chain that the pinned block is on. */
  isCanonical(block: BlockMark): Promise<boolean>;
}

/** A block that something is known up to. */
export interface BlockMark {
  readonly number: number;
  readonly hash: Hash;
}

/** A log whose event and arguments are known to the last one. */
export type DecodedLog = Log<bigint, number, false, AbiEvent, true>;

export interface LogQuery {
  readonly address: Address | readonly Address[];
  readonly events: readonly AbiEvent[];
  /** What the first indexed argument of every event must be, one of these as a topic holds it. Absent: anything. */
  readonly firstTopics?: readonly Hex[];
  readonly fromBlock: number;
}

/** Logs of which only some arguments matter, and not how often. */
export interface HistoryQuery extends LogQuery {
  /** Names of arguments; an event need not have all of them. */
  readonly keep: readonly string[];
}

/** One combination of kept arguments that an event of a contract had, and the first block that has it. */
export interface HistoryEntry {
  readonly address: Address;
  readonly eventName: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: number;
}
