import type { Address } from 'viem';
import type { LocalChain } from '../scripts/chain.ts';
import { ownArtifact } from '../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../scripts/protocols/contract.ts';
import { deployWorld, type World } from '../scripts/protocols/world.ts';

/** How many accounts one transaction makes: 16.7 M gas (EIP-7825). */
const GROWN = 40;
const LENT_RAW = 10n ** 12n;
const GIVEN_RAW = 10n ** 27n;

/** Many accounts that owe USDC against WETH at Aave and at one market of Morpho each, and what is read of them. */
export interface Crowd {
  readonly world: World;
  /** Adds to the collateral of accounts, at both, in one transaction. */
  touch(accounts: readonly Address[]): Promise<void>;
}

/** Deploys the protocols and makes the accounts, forty of them a block. */
export async function openCrowd(chain: LocalChain, people: number): Promise<Crowd> {
  const world = await deployWorld(chain);
  const { params } = world.morpho.markets.usdcForWeth;
  const args = [world.aave.pool.address, world.morpho.morpho.address];
  const crowd: Contract = await deploy(chain, ownArtifact('test/Crowd'), { args });
  for (const { contract } of [world.tokens.USDC, world.tokens.WETH])
    await contract.write('mint', [crowd.address, GIVEN_RAW]);
  await crowd.write('lend', [params, LENT_RAW]);
  for (let grown = 0; grown < people; grown += GROWN)
    await crowd.write('grow', [params, Math.min(GROWN, people - grown)]);
  return { world, touch: (accounts) => crowd.write('touch', [params, accounts]) };
}
