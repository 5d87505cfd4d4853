import { type LocalChain, startPastChain } from '../chain.ts';
import { type DemoAccount, openAccounts } from './accounts.ts';
import { deployWorld, type World } from './world.ts';

/** A chain, the protocols on it, and accounts that hold positions there. */
export interface DemoWorld {
  readonly chain: LocalChain;
  readonly world: World;
  readonly accounts: readonly DemoAccount[];
}

/** Starts a chain three days ago, deploys, opens the accounts, and ends at the present. About three seconds. */
export async function startDemoWorld(options: { readonly port?: number } = {}): Promise<DemoWorld> {
  const chain = await startPastChain(options);
  const world = await deployWorld(chain);
  return { chain, world, accounts: await openAccounts(world) };
}
