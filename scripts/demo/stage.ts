import type { Address } from 'viem';
import { connect } from '../../src/chain/connect.ts';
import type { OracleDeployment } from '../../src/chain/deployment.ts';
import type { Config } from '../../src/config.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import type { EpochOptions } from '../../src/node/epoch.ts';
import { createSigner } from '../../src/node/signer.ts';
import { signInTime } from '../../src/node/signInTime.ts';
import type { Site } from '../../src/node/site.ts';
import { createOracleWriter } from '../../src/post/oracleWriter.ts';
import type { Dissent } from '../../src/report/agreement.ts';
import type { Signer } from '../../src/report/quorum.ts';
import type { FileStore } from '../../src/store/files.ts';
import type { LocalChain } from '../chain.ts';
import { type Crossmargin, deployCrossmargin } from '../crossmargin.ts';
import { openAccounts } from '../protocols/accounts.ts';
import { deployRollup, openRollupAccounts, type Rollup } from '../protocols/rollup.ts';
import { deployWorld, type World } from '../protocols/world.ts';

/** Accounts 1 to 5 of the development mnemonic sign, 6 posts. */
export const SIGNER_INDICES = [1, 2, 3, 4, 5] as const;
export const POSTER_INDEX = 6;
export const QUORUM = 3;

/** Real protocols with people in them, and our contracts beside. */
export interface Stage {
  readonly world: World;
  readonly crossmargin: Crossmargin;
  readonly deployment: OracleDeployment;
  readonly names: ReadonlyMap<Address, string>;
  /** The chain beside it, if there is one. */
  readonly rollup?: Rollup;
}

/** What a stage is set on. */
export interface StageOptions {
  readonly note: (text: string) => void;
  /** A chain for the rollup. Absent: one chain alone. */
  readonly rollupChain?: LocalChain;
}

/** Deploys everything and opens the accounts. */
export async function setStage(chain: LocalChain, { note, rollupChain }: StageOptions): Promise<Stage> {
  note('Deploying Aave V3.0.2, Morpho Blue, Lyra V1, Venus Core, Perp V2, Uniswap V3 and Safe from their packages …');
  const world = await deployWorld(chain);
  note('Deploying MarginOracle (3 of 5 signers) and the example consumer …');
  const crossmargin = await deployCrossmargin(chain, {
    signers: SIGNER_INDICES.map((index) => chain.account(index).address),
    quorum: QUORUM,
    lendingToken: world.tokens.DAI.contract.address,
  });
  note('Opening the accounts …');
  const accounts = await openAccounts(world);
  const own = { ...world.deployment, marginOracle: crossmargin.marginOracle.address };
  const names = new Map(accounts.map(({ name, address }): [Address, string] => [address, name]));
  if (rollupChain === undefined) return { world, crossmargin, deployment: own, names };
  note('Deploying Aave V3.0.2 on a rollup beside it …');
  const rollup = await deployRollup(rollupChain);
  await openRollupAccounts(rollup);
  const otherChains = [{ chainId: rollup.deployment.chainId, rpcUrl: rollupChain.url }];
  const deployment = { ...own, otherChains };
  return { world, crossmargin, deployment, names, rollup };
}

export interface QuorumSettings {
  readonly deployment: OracleDeployment;
  readonly rollup?: Rollup | undefined;
  readonly config: Config;
  readonly onDissent: (dissent: Dissent) => void;
  /** Where signers keep how far they have read on a chain. Absent: in memory. */
  readonly storeOf?: (chainId: number) => FileStore;
}

/** Five signers, each with clients of its own, and the poster. */
export async function assembleQuorum(chain: LocalChain, settings: QuorumSettings): Promise<EpochOptions> {
  const { deployment, config, onDissent } = settings;
  const signers = await Promise.all(SIGNER_INDICES.map((index) => createLocalSigner(chain, { index, settings })));
  const own = await connect({ url: chain.url, chainId: deployment.chainId });
  const writer = createOracleWriter({
    chain: own,
    wallet: chain.wallet(POSTER_INDEX),
    marginOracle: deployment.marginOracle,
  });
  const others = await Promise.all(rollupsOf(settings).map(connectRollup));
  return { chain: own, deployment, others, signers, writer, validSeconds: config.validSeconds, onDissent };
}

async function createLocalSigner(
  chain: LocalChain,
  { index, settings }: { readonly index: number; readonly settings: QuorumSettings },
): Promise<Signer> {
  const { deployment, config, storeOf } = settings;
  const account = chain.account(index);
  const remember = <T extends Site>(site: T) => ({
    ...site,
    ...(storeOf !== undefined && { cursor: storeOf(site.deployment.chainId).cursorOf(account.address) }),
  });
  const own = { chain: await connect({ url: chain.url, chainId: deployment.chainId }), deployment };
  const others = await Promise.all(rollupsOf(settings).map(connectRollup));
  const signer = createSigner({
    account,
    ...remember(own),
    others: others.map(remember),
    model: requirePreset(config.model),
    bounds: { maxValidSeconds: config.validSeconds, maxBlockAgeSeconds: config.maxBlockAgeSeconds },
    fullEvery: config.fullReadEvery,
  });
  return signInTime(signer, config.signerSeconds);
}

function rollupsOf({ rollup }: QuorumSettings): readonly Rollup[] {
  return rollup === undefined ? [] : [rollup];
}

async function connectRollup({ chain, deployment }: Rollup): Promise<Site> {
  return { chain: await connect({ url: chain.url, chainId: deployment.chainId }), deployment };
}
