import { type Address, type Hash, parseAbi } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import type { Wad } from '../units/wad.ts';
import { revertOf } from './revert.ts';

/** What is pledged of an account, by whom, and what may still be: US dollars, WAD. */
export interface Pledges {
  readonly totalWad: Wad;
  readonly pledgees: readonly { readonly protocol: Address; readonly pledgeWad: Wad }[];
  /** What counts as free now, pledges included; where the ledger refuses to count, its own error's name. */
  readonly countedFree: Wad | { readonly refused: string };
}

export interface PledgeRead {
  readonly chain: Chain;
  readonly collateralLedger: Address;
  readonly blockHash: Hash;
}

const ledgerAbi = parseAbi([
  'function totalOf(address account) view returns (uint256)',
  'function pledgeesOf(address account) view returns (address[])',
  'function pledgeOf(address account, address protocol) view returns (uint256)',
  'function countedFreeOf(address account) view returns (int256)',
  'error NoStoredMargin(address account)',
  'error LeafNotNewest(address account, uint64 epoch, uint64 latestEpoch)',
  'error NoRootPosted()',
  'error AnswersPaused()',
  'error ReportTooOld(uint64 asOf, uint64 oldestAllowed)',
  'error ReportExpired(uint64 validUntil, uint64 timestamp)',
  'error SignersReplaced(uint64 epoch, uint64 firstEpoch)',
]);

/** What the ledger says of an account at a block. A refusal to count is an answer; a node that does not answer throws. */
export async function readPledges(
  account: Address,
  { chain, collateralLedger, blockHash }: PledgeRead,
): Promise<Pledges> {
  const ledger = { address: collateralLedger, abi: ledgerAbi, blockHash } as const;
  const { client } = chain;
  try {
    const [totalWad, protocols, countedFree] = await Promise.all([
      client.readContract({ ...ledger, functionName: 'totalOf', args: [account] }),
      client.readContract({ ...ledger, functionName: 'pledgeesOf', args: [account] }),
      client.readContract({ ...ledger, functionName: 'countedFreeOf', args: [account] }).catch(asRefusal),
    ]);
    const pledgees = protocols.map(async (protocol) => ({
      protocol,
      pledgeWad: await client.readContract({ ...ledger, functionName: 'pledgeOf', args: [account, protocol] }),
    }));
    return { totalWad, pledgees: await Promise.all(pledgees), countedFree };
  } catch (error) {
    throw rpcError(chain, { what: 'a call of CollateralLedger', error });
  }
}

function asRefusal(error: unknown): { readonly refused: string } {
  const revert = revertOf(error);
  if (revert === undefined) throw error;
  return { refused: revert.errorName };
}
