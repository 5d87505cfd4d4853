import type { Address } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { OracleDeployment } from '../chain/deployment.ts';
import { readOnChainMargin } from '../post/oracleReader.ts';
import { formatRefusals, type RefusalJson } from '../report/refusal.ts';
import { sortBlocks } from '../report/snapshot.ts';
import { type AccountView, viewAccount } from './accountView.ts';
import type { PostedEpoch } from './epoch.ts';
import { pinSites } from './pinSites.ts';
import type { Site } from './site.ts';
import { readSnapshotOf } from './snapshot.ts';

/** A posted epoch as `npm start --json` prints it. WAD integers are decimal strings. */
export interface EpochView {
  readonly chainId: number;
  readonly block: { readonly number: number; readonly hash: string };
  /** Of every chain that was read, the oracle's included. */
  readonly blocks: readonly { readonly chainId: number; readonly number: number; readonly hash: string }[];
  readonly epoch: number;
  readonly root: string;
  readonly signers: readonly Address[];
  /** Whether the wide quorum signed. */
  readonly wide: boolean;
  readonly accounts: readonly AccountView[];
  /** Who is left out, and why. */
  readonly refused: readonly RefusalJson[];
}

export interface EpochViewOptions {
  readonly chain: Chain;
  readonly deployment: OracleDeployment;
  /** The other chains that were read. */
  readonly others?: readonly Site[];
  /** Names for people, by account. */
  readonly names: ReadonlyMap<Address, string>;
}

/**
 * Puts a posted epoch beside what the venues' own contracts and our own contract say.
 * The venues are asked at the epoch's block, through this client and not a signer's; the oracle is asked now.
 */
export async function viewEpoch(posted: PostedEpoch, options: EpochViewOptions): Promise<EpochView> {
  const { report, signatures, isWide } = posted;
  const { chain, deployment, others = [], names } = options;
  const { epoch, root, modelHash } = report.root;
  const sites = await pinSites([{ chain, deployment }, ...others], report.snapshot.blocks);
  const addresses = report.accounts.map(({ account }) => account);
  const { healths } = await readSnapshotOf(sites, addresses);
  const onChain = await Promise.all(
    addresses.map((account) => readOnChainMargin(account, { chain, marginOracle: deployment.marginOracle })),
  );
  const accounts = report.accounts.map((entry, index) =>
    viewAccount({
      name: names.get(entry.account),
      report: entry,
      modelHash,
      healths: healths.get(entry.account.toLowerCase()) ?? [],
      onChain: onChain[index] ?? { refused: 'NotAsked' },
    }),
  );
  const [
    {
      chain: { block },
    },
  ] = sites;
  return {
    chainId: chain.chainId,
    block: { number: Number(block.number), hash: block.hash },
    blocks: sortBlocks(sites.map((site) => site.chain.block)).map((one) => ({ ...one, number: Number(one.number) })),
    epoch: Number(epoch),
    root,
    signers: signatures.map(({ signer }) => signer),
    wide: isWide,
    accounts,
    refused: formatRefusals(report.refused),
  };
}
