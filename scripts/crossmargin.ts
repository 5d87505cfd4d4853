import type { Address } from 'viem';
import type { LocalChain } from './chain.ts';
import { ownArtifact } from './protocols/artifacts.ts';
import { type Contract, deploy } from './protocols/contract.ts';

/** Our own contracts on a chain. */
export interface Crossmargin {
  readonly marginOracle: Contract;
  /** The example consumer: it lends DAI to whom its owner gave a limit, unless they are unhealthy. */
  readonly gatedLender: Contract;
}

export interface CrossmarginOptions {
  readonly signers: readonly Address[];
  readonly quorum: number;
  /** From how many signatures on a report is wide. Absent: from one more than the quorum, as far as there are signers. */
  readonly wideQuorum?: number;
  /** The token that the example consumer lends. */
  readonly lendingToken: Address;
  readonly maxAgeSeconds?: number;
  /** Under this health the example consumer lends nothing. */
  readonly minHealthWad?: bigint;
}

/** Deploys the oracle and the example consumer, owned by the deployer. */
export async function deployCrossmargin(chain: LocalChain, options: CrossmarginOptions): Promise<Crossmargin> {
  const { signers, quorum, lendingToken, maxAgeSeconds = 600, minHealthWad = 10n ** 18n } = options;
  const wideQuorum = options.wideQuorum ?? Math.min(quorum + 1, signers.length);
  const owner = chain.account(0).address;
  const marginOracle = await deploy(chain, ownArtifact('MarginOracle'), {
    args: [owner, signers, quorum, wideQuorum, maxAgeSeconds],
  });
  const gatedLender = await deploy(chain, ownArtifact('examples/GatedLender'), {
    args: [marginOracle.address, owner, lendingToken, minHealthWad],
  });
  return { marginOracle, gatedLender };
}
