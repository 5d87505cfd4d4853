import { type Address, zeroAddress } from 'viem';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { type DemoAccount, openAccounts } from '../../scripts/protocols/accounts.ts';
import { deployWorld, type World } from '../../scripts/protocols/world.ts';
import type { BlockChoice } from '../../src/chain/block.ts';
import { type Chain, connect } from '../../src/chain/connect.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';

/** The real protocols on a chain of this test file alone, and our own connection to it. */
export interface Fixture {
  readonly chain: LocalChain;
  readonly world: World;
  readonly deployment: Deployment;
  readonly node: Chain;
  pin(which?: BlockChoice): Promise<PinnedChain>;
  stop(): Promise<void>;
}

/** Deploys everything; nobody holds anything yet. */
export async function startFixture(): Promise<Fixture> {
  const chain = await startPastChain();
  const world = await deployWorld(chain);
  const node = await connect({ url: chain.url, chainId: 31337 });
  const deployment = { ...world.deployment, marginOracle: zeroAddress };
  return { chain, world, deployment, node, pin: (which) => pin(node, which), stop: () => chain.stop() };
}

/** The accounts of the demonstration too, by name. */
export async function startPopulated(): Promise<Fixture & { readonly accounts: ReadonlyMap<string, Address> }> {
  const fixture = await startFixture();
  const accounts: readonly DemoAccount[] = await openAccounts(fixture.world);
  return { ...fixture, accounts: new Map(accounts.map(({ name, address }) => [name, address])) };
}

/** A fixed sequence of numbers in [0, 1): the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
