import type { Address, Hex } from 'viem';
import type { Margin } from '../engine/result.ts';
import { MAX_UINT256, toWad, type Wad } from '../units/wad.ts';
import type { MarginLeaf } from './leaf.ts';

/** Whose margin, and the hash of the legs that it was computed from. */
export interface LeafSubject {
  readonly account: Address;
  readonly positionsHash: Hex;
}

/**
 * The only door from the engine's floats to the report's fixed point.
 * Rounding never helps the account: equity, free and health Down, requirements Up.
 */
export function buildLeaf({ account, positionsHash }: LeafSubject, margin: Margin): MarginLeaf {
  return {
    account,
    equityWad: toWad(margin.equityUsd, 'Down'),
    maintenanceWad: toWad(margin.maintenanceUsd, 'Up'),
    initialWad: toWad(margin.initialUsd, 'Up'),
    healthWad: healthToWad(margin.health),
    pledgedEquityWad: toWad(margin.pledgedEquityUsd, 'Down'),
    pledgedFreeWad: toWad(margin.pledgedFreeUsd, 'Down'),
    pledgedHealthWad: healthToWad(margin.pledgedHealth),
    positionsHash,
  };
}

/** An infinite health (null: nothing owed) is the largest uint256; a finite one is rounded down and never negative. */
function healthToWad(health: number | null): Wad {
  if (health === null) return MAX_UINT256;
  const wad = toWad(health, 'Down');
  return wad < 0n ? 0n : wad;
}
