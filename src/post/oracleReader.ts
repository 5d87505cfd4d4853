import type { Address, Hash } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import { WAD, type Wad } from '../units/wad.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { revertOf } from './revert.ts';
import { askContract } from './sendCall.ts';

/** What the oracle answers for one account, as any contract would read it. */
export interface OnChainMargin {
  readonly epoch: bigint;
  /** Unix seconds. */
  readonly asOf: bigint;
  readonly healthWad: Wad;
  readonly pledgedHealthWad: Wad;
  readonly maintenanceWad: Wad;
  readonly equityWad: Wad;
  /** healthWad ≥ 1. */
  readonly healthy: boolean;
}

/** The oracle refuses to answer (nothing stored, or stale): its own error's name. On a chain without one, that. */
export interface NoOnChainMargin {
  readonly refused: string;
}

export interface OracleRead {
  readonly chain: Chain;
  readonly marginOracle: Address;
  /** Absent: the newest block. */
  readonly blockHash?: Hash;
}

/** The stored margin of an account. A refusal by the contract is an answer; a node that does not answer throws. */
export async function readOnChainMargin(
  account: Address,
  { chain, marginOracle, blockHash }: OracleRead,
): Promise<OnChainMargin | NoOnChainMargin> {
  try {
    const margin = await chain.client.readContract({
      address: marginOracle,
      abi: marginOracleAbi,
      functionName: 'marginOf',
      args: [account],
      ...(blockHash === undefined ? {} : { blockHash }),
    });
    const { epoch, asOf, healthWad, pledgedHealthWad, maintenanceWad, equityWad } = margin;
    return { epoch, asOf, healthWad, pledgedHealthWad, maintenanceWad, equityWad, healthy: healthWad >= WAD };
  } catch (error) {
    const revert = revertOf(error);
    if (revert !== undefined) return { refused: revert.errorName };
    throw rpcError(chain, { what: 'MarginOracle.marginOf', error });
  }
}

/** How many signers must agree. */
export function readQuorum({ chain, marginOracle }: OracleRead): Promise<number> {
  const call = { address: marginOracle, abi: marginOracleAbi, functionName: 'quorum' } as const;
  return askContract({ chain, contract: 'MarginOracle' }, () => chain.client.readContract(call));
}
