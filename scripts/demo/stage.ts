import type { Address } from 'viem';
import { connect } from '../../src/chain/connect.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import type { Config } from '../../src/config.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import type { EpochOptions } from '../../src/node/epoch.ts';
import { createSigner } from '../../src/node/signer.ts';
import { createOracleWriter } from '../../src/post/oracleWriter.ts';
import type { Dissent, Signer } from '../../src/report/quorum.ts';
import type { FileStore } from '../../src/store/files.ts';
import type { LocalChain } from '../chain.ts';
import { type Crossmargin, deployCrossmargin } from '../crossmargin.ts';
import { openAccounts } from '../protocols/accounts.ts';
import { deployWorld, type World } from '../protocols/world.ts';

/** Accounts 1 to 5 of the development mnemonic sign, 6 posts. */
export const SIGNER_INDICES = [1, 2, 3, 4, 5] as const;
export const POSTER_INDEX = 6;
export const QUORUM = 3;

/** Real protocols with people in them, and our contracts beside. */
export interface Stage {
  readonly world: World;
  readonly crossmargin: Crossmargin;
  readonly deployment: Deployment;
  readonly names: ReadonlyMap<Address, string>;
}

/** Deploys everything and opens the accounts. */
export async function setStage(chain: LocalChain, note: (text: string) => void): Promise<Stage> {
  note('Deploying Aave V3.0.2, Morpho Blue, Lyra V1, Venus Core, Perp V2 and Safe from their packages …');
  const world = await deployWorld(chain);
  note('Deploying MarginOracle (3 of 5 signers) and the example consumer …');
  const crossmargin = await deployCrossmargin(chain, {
    signers: SIGNER_INDICES.map((index) => chain.account(index).address),
    quorum: QUORUM,
    lendingToken: world.tokens.DAI.contract.address,
  });
  note('Opening the accounts …');
  const accounts = await openAccounts(world);
  const deployment = { ...world.deployment, marginOracle: crossmargin.marginOracle.address };
  return { world, crossmargin, deployment, names: new Map(accounts.map(({ name, address }) => [address, name])) };
}

export interface QuorumSettings {
  readonly deployment: Deployment;
  readonly config: Config;
  readonly onDissent: (dissent: Dissent) => void;
  /** Where signers keep how far they have read. Absent: in memory. */
  readonly store?: FileStore;
}

/** Five signers, each with a client of its own, and the poster. */
export async function assembleQuorum(chain: LocalChain, settings: QuorumSettings): Promise<EpochOptions> {
  const { deployment, config, onDissent } = settings;
  const own = await connect({ url: chain.url, chainId: deployment.chainId });
  const signers = await Promise.all(SIGNER_INDICES.map((index) => createLocalSigner(chain, { index, settings })));
  const writer = createOracleWriter({
    chain: own,
    wallet: chain.wallet(POSTER_INDEX),
    marginOracle: deployment.marginOracle,
  });
  return { chain: own, deployment, signers, writer, validSeconds: config.validSeconds, onDissent };
}

async function createLocalSigner(
  chain: LocalChain,
  { index, settings }: { readonly index: number; readonly settings: QuorumSettings },
): Promise<Signer> {
  const { deployment, config, store } = settings;
  const account = chain.account(index);
  return createSigner({
    account,
    ...(store !== undefined && { cursor: store.cursorOf(account.address) }),
    chain: await connect({ url: chain.url, chainId: deployment.chainId }),
    deployment,
    model: requirePreset(config.model),
    bounds: { maxValidSeconds: config.validSeconds, maxBlockAgeSeconds: config.maxBlockAgeSeconds },
    fullEvery: config.fullReadEvery,
  });
}
