import { type Address, encodeAbiParameters, type Hex, keccak256, numberToHex } from 'viem';
import type { StorageRead } from '../chain/pinnedChain.ts';
import type { PanopticPool } from './panopticVersions.ts';

/** A position of one account in one pool. */
export interface PositionAt {
  readonly pool: PanopticPool;
  readonly account: Address;
  readonly id: bigint;
}

/** The fingerprint of an account's positions. */
export function hashWord({ pool, account }: Omit<PositionAt, 'id'>): StorageRead {
  return { address: pool.address, slot: entry(of('address', account), pool.version.slots.hash) };
}

/** The size of a position and what was known when it was opened; 0 where it is not held. */
export function balanceWord({ pool, account, id }: PositionAt): StorageRead {
  const own = entry(of('address', account), pool.version.slots.balance);
  return { address: pool.address, slot: entry(of('uint256', id), own) };
}

/** The premium per liquidity at which a leg was opened: a mapping by leg in v1, four words one after the other in v2. */
export function openedWord({ pool, account, id }: PositionAt, leg: number): StorageRead {
  const { slots, generation } = pool.version;
  const position = entry(of('uint256', id), entry(of('address', account), slots.options));
  const slot = generation === 1 ? entry(of('uint256', BigInt(leg)), position) : word(BigInt(position) + BigInt(leg));
  return { address: pool.address, slot };
}

/** What has been settled in a chunk, and the gross premium that it is counted from. */
export function chunkWords(pool: PanopticPool, key: Hex): readonly [settled: StorageRead, grossLast: StorageRead] {
  const { settled, grossLast } = pool.version.slots;
  const { address } = pool;
  return [
    { address, slot: entry(key, settled) },
    { address, slot: entry(key, grossLast) },
  ];
}

/** Where Uniswap v4's manager keeps a pool: the word of its price and its tick. Source: StateLibrary of v4-core. */
export function v4PriceSlot(id: Hex): Hex {
  return entry(id, 6n);
}

/** Where Solidity keeps the entry of a mapping. Source: the Solidity manual, "Layout of state variables in storage". */
function entry(key: Hex, slot: bigint | Hex): Hex {
  return keccak256(`${key}${word(BigInt(slot)).slice(2)}`);
}

function of(type: 'address' | 'uint256', value: Address | bigint): Hex {
  return encodeAbiParameters([{ type }], [value as never]);
}

function word(value: bigint): Hex {
  return numberToHex(BigInt.asUintN(256, value), { size: 32 });
}
