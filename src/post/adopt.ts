import type { Address, Hash } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { QuorumReport } from '../report/quorum.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { askContract } from './sendCall.ts';

/** How another's post of our report is looked for, and made wide. */
export interface Adopting {
  readonly chain: Chain;
  readonly marginOracle: Address;
  /** Brings the wide quorum's signatures for the newest report. */
  readonly widen: () => Promise<Hash>;
}

/** Of a root the chain keeps so many characters: 28 bytes and `0x`. */
const KEPT_CHARACTERS = 58;

/**
 * Posting is open: whoever sees our transaction can post the same report first, with no more than the quorum's signatures. Then it is made wide where we have the
 * signatures for that, and the transaction that did it, or else that posted it, is ours as well. Undefined where the newest report is another.
 * Source: `MarginOracle.widen`. Checked in test/flow/wideQuorum.test.ts.
 */
export async function adopt(
  { report: { root, snapshot }, isWide }: Pick<QuorumReport, 'report' | 'isWide'>,
  { chain, marginOracle, widen }: Adopting,
): Promise<Hash | undefined> {
  const oracle = { address: marginOracle, abi: marginOracleAbi } as const;
  const asked = { chain, contract: 'MarginOracle' };
  const latest = await askContract(asked, () => chain.client.readContract({ ...oracle, functionName: 'latest' }));
  const [epoch, asOf, validUntil, kept] = latest;
  const isOurs = epoch === root.epoch && asOf === root.asOf && validUntil === root.validUntil;
  if (!isOurs || kept !== root.root.slice(0, KEPT_CHARACTERS)) return undefined;
  if (
    isWide &&
    !(await askContract(asked, () => chain.client.readContract({ ...oracle, functionName: 'latestIsWide' })))
  ) {
    return widen();
  }
  const fromBlock = snapshot.blocks.find(({ chainId }) => chainId === chain.chainId)?.number ?? 0n;
  const query = { ...oracle, eventName: 'RootPosted', args: { epoch }, fromBlock, strict: true } as const;
  const posted = await askContract(asked, () => chain.client.getContractEvents(query));
  return posted.at(-1)?.transactionHash;
}
