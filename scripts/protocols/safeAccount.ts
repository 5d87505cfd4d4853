import { maxUint256 } from 'viem';
import type { DemoAccount } from './accounts.ts';
import { deployer } from './contract.ts';
import { createSafe, executeFromSafe } from './safe.ts';
import { units } from './tokens.ts';
import { SAFE_OWNERS } from './users.ts';
import type { World } from './world.ts';

/** A 2-of-3 Safe that supplies and borrows on Aave itself, by transactions that its owners signed. */
export async function openSafeAccount({ chain, safe: contracts, tokens, aave }: World): Promise<DemoAccount> {
  const owners = SAFE_OWNERS.map((index) => chain.account(index));
  const safe = await createSafe(chain, { contracts, owners, threshold: 2 });
  const { address } = safe.contract;
  const { WETH, USDC } = tokens;
  const suppliedRaw = units(WETH, 40);
  await WETH.contract.write('mint', [address, suppliedRaw]);
  const borrowedRaw = units(USDC, 25_000);
  const calls = [
    WETH.contract.call('approve', [aave.pool.address, maxUint256]),
    aave.pool.call('supply', [WETH.contract.address, suppliedRaw, address, 0]),
    aave.pool.call('borrow', [USDC.contract.address, borrowedRaw, 2, 0, address]),
    USDC.contract.call('transfer', [deployer(chain), borrowedRaw]),
  ];
  for (const call of calls) await executeFromSafe(chain, { safe, call });
  return {
    name: 'safe',
    address,
    about: 'A Safe of three owners, two of whom sign: 40 WETH on Aave against 25,000 USDC.',
  };
}
