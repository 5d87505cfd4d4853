import type { Hash } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { OracleDeployment } from '../chain/deployment.ts';
import type { OracleWriter } from '../post/oracleWriter.ts';
import { PostRefusedError } from '../post/sendCall.ts';
import type { Dissent } from '../report/agreement.ts';
import { gatherQuorum, type Proposal, type QuorumReport, type Signer } from '../report/quorum.ts';
import { sortBlocks } from '../report/snapshot.ts';
import { pinSites } from './pinSites.ts';
import type { Site } from './site.ts';

/** What one epoch needs: where to look, who signs, who posts. */
export interface EpochOptions {
  readonly chain: Chain;
  readonly deployment: OracleDeployment;
  /** The other chains that are read. Their margins are posted here too. */
  readonly others?: readonly Site[];
  readonly signers: readonly Signer[];
  readonly writer: OracleWriter;
  /** How long the root answers questions, from the time of its oldest block. */
  readonly validSeconds: number;
  /** Told of every signer that is not part of the quorum. */
  readonly onDissent: (dissent: Dissent) => void;
}

/** A posted epoch. */
export interface PostedEpoch extends QuorumReport {
  readonly postHash: Hash;
}

/**
 * Runs one epoch: propose a block, gather a quorum, post the root, store every leaf.
 * Any failure before the post leaves the chain as it was.
 *
 * @param lastEpoch the newest epoch proposed before: one number is never proposed twice, posted or not.
 */
export async function runEpoch(options: EpochOptions, lastEpoch: bigint): Promise<PostedEpoch> {
  const proposal = await propose(options, lastEpoch);
  const agreed = await gatherQuorum(proposal, {
    signers: options.signers,
    ...(await options.writer.quorums()),
    oracle: { chainId: options.chain.chainId, marginOracle: options.deployment.marginOracle },
  });
  for (const dissent of agreed.dissents) options.onDissent(dissent);
  const postHash = await postOrAdopt(options.writer, agreed);
  await options.writer.storeAll(agreed.report);
  return { ...agreed, postHash };
}

/** Posts; what somebody else posted first, from our own transaction, is as good. */
async function postOrAdopt(writer: OracleWriter, agreed: QuorumReport): Promise<Hash> {
  try {
    return await writer.post(agreed);
  } catch (error) {
    if (!(error instanceof PostRefusedError)) throw error;
    const adopted = await writer.adopt(agreed);
    if (adopted === undefined) throw error;
    return adopted;
  }
}

async function propose(options: EpochOptions, lastEpoch: bigint): Promise<Proposal> {
  const { chain, deployment, others = [], writer, validSeconds } = options;
  const sites = await pinSites([{ chain, deployment }, ...others]);
  const blocks = sites.map((site) => site.chain.block);
  const latest = await writer.latestEpoch();
  return {
    epoch: (latest > lastEpoch ? latest : lastEpoch) + 1n,
    validUntil: BigInt(Math.min(...blocks.map(({ timestamp }) => timestamp)) + validSeconds),
    blocks: sortBlocks(blocks),
  };
}
