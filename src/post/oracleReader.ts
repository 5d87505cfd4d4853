import type { Address, Hash } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import type { Quorums } from '../report/quorum.ts';
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

/** How many signers must agree, and from how many on a report is wide. */
export async function readQuorums({ chain, marginOracle }: OracleRead): Promise<Quorums> {
  const oracle = { address: marginOracle, abi: marginOracleAbi } as const;
  const [quorum, wideQuorum] = await askContract({ chain, contract: 'MarginOracle' }, () =>
    Promise.all([
      chain.client.readContract({ ...oracle, functionName: 'quorum' }),
      chain.client.readContract({ ...oracle, functionName: 'wideQuorum' }),
    ]),
  );
  return { quorum, wideQuorum };
}
