import type { Address, Hex } from 'viem';
import type { Wad } from '../units/wad.ts';

/** One account's margin as it is signed and stored. The same fields, names and order as `MarginLeaf` in Solidity. */
export interface MarginLeaf {
  readonly account: Address;
  readonly equityWad: Wad;
  readonly maintenanceWad: Wad;
  readonly initialWad: Wad;
  /** The largest uint256 where nothing is owed. */
  readonly healthWad: Wad;
  readonly pledgedEquityWad: Wad;
  readonly pledgedFreeWad: Wad;
  /** 0 where nothing is pledged, so that it fails closed. */
  readonly pledgedHealthWad: Wad;
  readonly positionsHash: Hex;
}

/** The fields of a leaf with their Solidity types, in order: the ABI encoding of the tree's leaves. */
export const LEAF_FIELDS = [
  ['account', 'address'],
  ['equityWad', 'int256'],
  ['maintenanceWad', 'uint256'],
  ['initialWad', 'uint256'],
  ['healthWad', 'uint256'],
  ['pledgedEquityWad', 'int256'],
  ['pledgedFreeWad', 'int256'],
  ['pledgedHealthWad', 'uint256'],
  ['positionsHash', 'bytes32'],
] as const satisfies readonly (readonly [keyof MarginLeaf, string])[];
