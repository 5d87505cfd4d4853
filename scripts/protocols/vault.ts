import type { LocalChain } from '../chain.ts';
import { ownArtifact } from './artifacts.ts';
import { type Contract, deploy, deployer } from './contract.ts';
import { provide, type Tokens, units } from './tokens.ts';

/** What the vault's first shares were bought for, and what it has earned since, in ether: a share is worth about 1.037 ether. */
const DEPOSITED = 1_000;
const EARNED = '37.123456789012345678';

/** Deploys OpenZeppelin's ERC-4626 vault of WETH, which has earned something: a share is not worth one ether. */
export async function deployVault(chain: LocalChain, { WETH }: Tokens): Promise<Contract> {
  const vault = await deploy(chain, ownArtifact('test/TestVault'), { args: [WETH.contract.address, 0] });
  const to = deployer(chain);
  const [deposited, earned] = [units(WETH, DEPOSITED), units(WETH, EARNED)];
  await provide(WETH.contract, { to, spender: vault.address, raw: deposited + earned });
  await vault.write('deposit', [deposited, to]);
  await WETH.contract.write('transfer', [vault.address, earned]);
  return vault;
}
