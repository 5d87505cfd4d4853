import type { Address } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { OracleDeployment } from '../chain/deployment.ts';
import { pin } from '../chain/pin.ts';
import { readOnChainMargin } from '../post/oracleReader.ts';
import { formatRefusals, type RefusalJson } from '../report/refusal.ts';
import { type AccountView, viewAccount } from './accountView.ts';
import type { PostedEpoch } from './epoch.ts';
import { readSnapshotOf } from './snapshot.ts';

/** A posted epoch as `npm start --json` prints it. WAD integers are decimal strings. */
export interface EpochView {
  readonly chainId: number;
  readonly block: { readonly number: number; readonly hash: string };
  readonly epoch: number;
  readonly root: string;
  readonly signers: readonly Address[];
  readonly accounts: readonly AccountView[];
  /** Who is left out, and why. */
  readonly refused: readonly RefusalJson[];
}

export interface EpochViewOptions {
  readonly chain: Chain;
  readonly deployment: OracleDeployment;
  /** Names for people, by account. */
  readonly names: ReadonlyMap<Address, string>;
}

/**
 * Puts a posted epoch beside what the venues' own contracts and our own contract say.
 * The venues are asked at the epoch's block, through this client and not a signer's; the oracle is asked now.
 */
export async function viewEpoch({ report, signatures }: PostedEpoch, options: EpochViewOptions): Promise<EpochView> {
  const { chain, deployment, names } = options;
  const { epoch, root, modelHash } = report.root;
  const block = report.snapshot.blocks.find(({ chainId }) => chainId === chain.chainId);
  const pinned = await pin(chain, block && { hash: block.hash });
  const addresses = report.accounts.map(({ account }) => account);
  const { healths } = await readSnapshotOf(pinned, { deployment, accounts: addresses });
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
  const { number, hash } = pinned.block;
  return {
    chainId: chain.chainId,
    block: { number: Number(number), hash },
    epoch: Number(epoch),
    root,
    signers: signatures.map(({ signer }) => signer),
    accounts,
    refused: formatRefusals(report.refused),
  };
}
