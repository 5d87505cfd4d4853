import type { Address } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ACCOUNT_PLANS, openLender } from './accountPlans.ts';
import { actor } from './actor.ts';
import { updateGreeks } from './lyra.ts';
import { openSafeAccount } from './safeAccount.ts';
import { type UserName, userAddress } from './users.ts';
import { OPENING_PRICES, type World } from './world.ts';

/** An account of the demonstration: its name says what it is after the fall. */
export interface DemoAccount {
  readonly name: UserName | 'safe';
  readonly address: Address;
  /** One sentence: what it holds and why it is here. */
  readonly about: string;
}

/** ETH after the fall that {@link openAccounts} ends with, USD. It opens at 2,000. */
export const ETH_AFTER_FALL_USD = 1_550;

/**
 * Opens every account on the real protocols at the opening prices, lets the time since the chain's start pass
 * (nothing passes on a chain that started now), and lets ETH fall.
 */
export async function openAccounts(world: World): Promise<readonly DemoAccount[]> {
  await world.setPrices(OPENING_PRICES);
  await updateGreeks(world.lyra);
  const accounts: DemoAccount[] = [];
  const lender = actor(world, userAddress(world.chain, 'lender'));
  await openLender(lender);
  accounts.push({
    name: 'lender',
    address: lender.address,
    about: 'Supplies what the others borrow, on Aave, Morpho and Venus.',
  });
  for (const { name, about, open } of ACCOUNT_PLANS) {
    const address = userAddress(world.chain, name);
    await open(actor(world, address));
    accounts.push({ name, address, about });
  }
  accounts.push(await openSafeAccount(world));
  await catchUp(world.chain);
  await world.setPrice('ETH', ETH_AFTER_FALL_USD);
  await updateGreeks(world.lyra);
  return accounts;
}

/** A chain that started in the past comes to the present: interest accrues on what was opened. */
async function catchUp({ publicClient, testClient }: LocalChain): Promise<void> {
  const { timestamp } = await publicClient.getBlock({ blockTag: 'pending' });
  const behindSeconds = Math.floor(Date.now() / 1_000) - Number(timestamp);
  if (behindSeconds > 0) await testClient.increaseTime({ seconds: behindSeconds });
}
