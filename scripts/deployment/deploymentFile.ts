import { join } from 'node:path';
import type { CustodyConfig, Deployment } from '../../src/chain/deployment.ts';
import { NoDeploymentError, openFileStore } from '../../src/store/files.ts';
import type { Addresses } from './contracts.ts';

/** The keys of a deployment file that name what was deployed: node, permit and keeper find it there. */
export interface OwnKeys extends Required<Pick<Deployment, 'marginOracle'>> {
  readonly custody: CustodyConfig;
}

/** What a deployment file says of our own contracts. */
export function ownKeys({ oracle, guard, ledger, auction, pool }: Addresses): OwnKeys {
  return {
    marginOracle: oracle,
    custody: { pledgeGuard: guard, collateralLedger: ledger, liquidationAuction: auction, creditPool: pool },
  };
}

/** Which file is written, and what of. */
export interface DeploymentFileOptions {
  readonly dataDir: string;
  readonly chainId: number;
  readonly addresses: Addresses;
  /** The first block of the deployment. */
  readonly fromBlock: number;
}

/**
 * Names the contracts in the data directory's deployment file of the chain and returns its path. Venues, assets and all else stay as
 * that file has them, or else the public one of the chain; where there is neither, nothing but the contracts is named.
 */
export async function writeDeploymentFile(options: DeploymentFileOptions): Promise<string> {
  const { dataDir, chainId, addresses, fromBlock } = options;
  const store = openFileStore(dataDir, chainId);
  const nothing: Deployment = { chainId, fromBlock, assets: {}, venues: {}, watch: [] };
  const known = await store.loadDeployment().catch((error: unknown) => {
    if (error instanceof NoDeploymentError) return nothing;
    throw error;
  });
  const { marginOracle, custody } = ownKeys(addresses);
  await store.saveDeployment({
    ...known,
    marginOracle,
    custody: { ...known.custody, ...custody },
    fromBlock: Math.min(known.fromBlock, fromBlock),
  });
  return join(dataDir, String(chainId), 'deployment.json');
}
