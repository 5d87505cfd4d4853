import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { Position } from '../portfolio/position.ts';
import type { Silo } from '../portfolio/silo.ts';
import type { Wad } from '../units/wad.ts';
import type { IgnoredAsset, SetAside } from './setAside.ts';

/** What a venue's own contracts say of one of its silos, beside what we compute from the raw state by its rule. */
export interface VenueHealth {
  readonly venue: string;
  readonly silo: string;
  /**
   * The venue's own figure; null where nothing is owed, where its view reverts, where the account's amounts were carried from an earlier block, and where the
   * venue itself cannot tell at the block (a price that is too old at Euler).
   */
  readonly healthOwnWad: Wad | null;
  /** Ours, from raw balances, indices and prices; null where nothing is owed, or where the engine computes it (Lyra, Derive's portfolio managers). */
  readonly healthComputedWad: Wad | null;
}

/** One account's legs at one venue, with the silos that hold them. */
export interface VenuePositions {
  readonly positions: readonly Position[];
  readonly silos: readonly Silo[];
  readonly healths: readonly VenueHealth[];
  /** What counts for nothing, of an account that a guard holds. Absent: nothing. */
  readonly ignored?: readonly IgnoredAsset[];
}

/** A contract, and what it must say of itself. */
export interface Claim {
  /** What it is, for instance `the pool of Aave V3`. */
  readonly what: string;
  readonly address: Address;
  /** The view without arguments that is asked, as Solidity writes it. */
  readonly says: string;
  /** Its answer. Absent: any. */
  readonly expected?: string | bigint | boolean;
}

/** A protocol: who may hold something, what they hold at a block, and what that is in legs. */
export interface Venue<Raw = unknown> {
  readonly name: string;
  /** What its contracts say of themselves: whoever names them wrongly is told so before anything is read. */
  readonly claims: readonly Claim[];
  /** Accounts that may hold something, from logs up to the pinned block. A superset is fine. */
  discover(chain: PinnedChain): Promise<readonly Address[]>;
  /**
   * The raw state of each account at the pinned block, in the order asked. An account must not see who else is asked: after a
   * final error the accounts are asked again in smaller groups. `isHeld`: a guard holds them, and what is too much to be read whole
   * is read in part, where all of it can only be assets.
   */
  read(chain: PinnedChain, accounts: readonly Address[], isHeld?: boolean): Promise<readonly Raw[]>;
  /**
   * Pure: the same raw state gives the same legs. No zero legs. What cannot be valued throws, for this account alone; an asset that
   * cannot be valued, and that a stranger may have put there, goes through `setAside`. Absent: that refuses it too.
   */
  toPositions(raw: Raw, setAside?: SetAside): VenuePositions;
  /** How the accounts that nothing touched are read again. A venue without it is read in full each time. */
  readonly carryForward?: CarryForward<Raw>;
}

/** What changes only when someone touches an account is kept; what all accounts share is read again at every block. */
export interface CarryForward<Raw> {
  /**
   * The accounts whose own stored state may have changed after a block and up to the pinned one, by its number, or all of them.
   * A superset is fine, and whoever may change without a log belongs in it each time.
   */
  touched(chain: PinnedChain, sinceBlock: number): Promise<readonly Address[] | 'all'>;
  /**
   * The raw states at the pinned block of accounts that nothing touched since theirs were read, in their order: their own stored
   * amounts as they were, and everything else as it is now. The venue's own word on each account is not asked for. A final
   * error has them all read in full.
   */
  carry(chain: PinnedChain, raws: readonly Raw[]): Promise<readonly Raw[]>;
}
