import { type Chain, connect } from '../chain/connect.ts';
import type { Deployment, StatedPrices } from '../chain/deployment.ts';
import { pin } from '../chain/pin.ts';
import { type Config, loadConfig } from '../config.ts';
import { MarginError } from '../errors.ts';
import { type FileStore, openFileStore } from '../store/files.ts';
import { readPriceFile } from '../store/priceFile.ts';
import { requireIdentity } from '../venues/identity.ts';

/** The options that every command on a chain takes. */
export interface ChainOptions {
  /** One of each chain that is read. */
  readonly rpc?: readonly string[];
  readonly data?: string;
  /** The id of the first chain that is expected; any other is refused. */
  readonly chain?: string;
  /** A file that states the prices of assets whose source is a file. */
  readonly prices?: string;
  readonly json?: boolean;
}

/** A chain that answers, and the deployment that is known for it. */
export interface ConnectedSite {
  readonly url: string;
  readonly chain: Chain;
  readonly store: FileStore;
  readonly deployment: Deployment;
}

/** The chain where margins are posted, or else the first, and the others. */
export interface Connection extends ConnectedSite {
  readonly config: Config;
  readonly others: readonly ConnectedSite[];
}

/** The settings of the working directory under the command's own options. */
export async function resolveConfig({ rpc, data }: ChainOptions): Promise<Config> {
  const config = await loadConfig(process.cwd(), process.env);
  const isGiven = rpc !== undefined && rpc.length > 0;
  return { ...config, ...(isGiven && { rpcUrls: [...rpc] }), ...(data !== undefined && { dataDir: data }) };
}

/** Connects to every node and loads the deployments of the chains that answer. */
export async function connectDeployment(options: ChainOptions): Promise<Connection> {
  const config = await resolveConfig(options);
  const expected = options.chain === undefined ? undefined : requireChainId(options.chain);
  const statedPrices = options.prices === undefined ? undefined : await readPriceFile(options.prices);
  const shared = { dataDir: config.dataDir, statedPrices };
  const named = await Promise.all(
    config.rpcUrls.map((url, i) => connectSite(url, i === 0 ? { ...shared, expected } : shared)),
  );
  requireDifferent(named.map(({ chain }) => chain.chainId));
  const first = named.find(({ deployment }) => deployment.marginOracle !== undefined) ?? (named[0] as ConnectedSite);
  const others = named.filter((site) => site !== first);
  return { config, ...first, others: [...others, ...(await connectKnown(first, { others, shared }))] };
}

/** The chains beside the first that nobody named, where its deployment knows a node of them. */
async function connectKnown(
  { deployment }: ConnectedSite,
  { others, shared }: { readonly others: readonly ConnectedSite[]; readonly shared: SiteOptions },
): Promise<readonly ConnectedSite[]> {
  const { otherChains = [] } = deployment;
  const missing = otherChains.filter(({ chainId }) => !others.some(({ chain }) => chain.chainId === chainId));
  const known = missing.flatMap(({ chainId, rpcUrl }) => (rpcUrl === undefined ? [] : [{ chainId, rpcUrl }]));
  return Promise.all(known.map(({ chainId, rpcUrl }) => connectSite(rpcUrl, { ...shared, expected: chainId })));
}

interface SiteOptions {
  readonly dataDir: string;
  readonly statedPrices: StatedPrices | undefined;
  readonly expected?: number | undefined;
}

async function connectSite(url: string, { dataDir, statedPrices, expected }: SiteOptions): Promise<ConnectedSite> {
  const chain = await connect({ url, ...(expected === undefined ? {} : { chainId: expected }) });
  const store = openFileStore(dataDir, chain.chainId);
  const deployment = await store.loadDeployment();
  await requireIdentity(await pin(chain), deployment);
  return { url, chain, store, deployment: { ...deployment, ...(statedPrices !== undefined && { statedPrices }) } };
}

function requireDifferent(chainIds: readonly number[]): void {
  const twice = chainIds.find((chainId, i) => chainIds.indexOf(chainId) !== i);
  if (twice !== undefined) throw new SameChainError(twice);
}

/** A chain id from a text. @throws {ChainIdError} */
export function requireChainId(text: string): number {
  const chainId = Number(text);
  if (!Number.isSafeInteger(chainId) || chainId <= 0) throw new ChainIdError(text);
  return chainId;
}

/** A text that is not a chain id. */
export class ChainIdError extends MarginError {
  readonly code = 'ChainIdError';

  constructor(text: string) {
    super(`"${text}" is not a chain id. Give a whole number, for instance 1 for Ethereum.`);
  }
}

/** Two of the nodes are on one chain: what it holds would count twice. */
export class SameChainError extends MarginError {
  readonly code = 'SameChainError';
  readonly chainId: number;

  constructor(chainId: number) {
    super(`Two of the RPC URLs are of chain ${chainId}. Give one of each chain.`);
    this.chainId = chainId;
  }
}
