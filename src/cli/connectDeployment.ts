import { type Chain, connect } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import { type Config, loadConfig } from '../config.ts';
import { type FileStore, openFileStore } from '../store/files.ts';

/** The options that every command on a chain takes. */
export interface ChainOptions {
  readonly rpc?: string;
  readonly data?: string;
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
  const chain = await connect({ url: config.rpcUrl });
  const store = openFileStore(config.dataDir, chain.chainId);
  return { config, chain, store, deployment: await store.loadDeployment() };
}
