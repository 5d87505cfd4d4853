import { type Chain, connect } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import { type Config, loadConfig } from '../config.ts';
import { MarginError } from '../errors.ts';
import { type FileStore, openFileStore } from '../store/files.ts';

/** The options that every command on a chain takes. */
export interface ChainOptions {
  readonly rpc?: string;
  readonly data?: string;
  /** The chain id that is expected; any other is refused. */
  readonly chain?: string;
  readonly json?: boolean;
}

/** A chain that answers, and the deployment that is known for it. */
export interface Connection {
  readonly config: Config;
  readonly chain: Chain;
  readonly store: FileStore;
  readonly deployment: Deployment;
}

/** The settings of the working directory under the command's own options. */
export async function resolveConfig({ rpc, data }: ChainOptions): Promise<Config> {
  const config = await loadConfig(process.cwd(), process.env);
  return { ...config, ...(rpc === undefined ? {} : { rpcUrl: rpc }), ...(data === undefined ? {} : { dataDir: data }) };
}

/** Connects and loads the deployment of the chain that answers. */
export async function connectDeployment(options: ChainOptions): Promise<Connection> {
  const config = await resolveConfig(options);
  const expected = options.chain === undefined ? undefined : requireChainId(options.chain);
  const chain = await connect({ url: config.rpcUrl, ...(expected === undefined ? {} : { chainId: expected }) });
  const store = openFileStore(config.dataDir, chain.chainId);
  return { config, chain, store, deployment: await store.loadDeployment() };
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
