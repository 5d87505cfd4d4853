import type { Address } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ACCOUNT_PLANS, openLender } from './accountPlans.ts';
import { actor } from './actor.ts';
import { updateGreeks } from './lyra.ts';
import { depositMargin, leavePerpMarket, makePerpMarket } from './perpTrade.ts';
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
  const maker = await openPerpMarket(world);
  for (const { name, about, open, keeps = false } of ACCOUNT_PLANS) {
    const address = userAddress(world.chain, name);
    const account = actor(world, address);
    await open(account);
    if (!keeps) await account.spendAll();
    accounts.push({ name, address, about });
  }
  accounts.push(await openSafeAccount(world));
  await leavePerpMarket(world, maker.address);
  accounts.push(maker);
  const ahead = await catchUp(world.chain);
  await world.setPrice('ETH', ETH_AFTER_FALL_USD);
  await ahead();
  await updateGreeks(world.lyra);
  return accounts;
}

/** Whoever makes the market leaves it before the fall: range orders are not read yet, and an empty pool follows the index. */
async function openPerpMarket(world: World): Promise<DemoAccount> {
  const address = userAddress(world.chain, 'perp maker');
  await depositMargin(world, { from: address, amount: 5_000_000 });
  await makePerpMarket(world, { from: address, base: 5_000, quote: 10_000_000 });
  return {
    name: 'perp maker',
    address,
    about: 'Made the market at Perp and left it: it holds the other side, 30 ether long.',
  };
}

/** The average of Perp's pool that the mark price goes by takes 15 seconds to follow. */
const MARK_SECONDS = 20;

/**
 * A chain that started in the past comes to the present, less what the mark price needs to follow the fall: interest accrues on what was opened.
 * The answer is what passes the rest of the time.
 */
export async function catchUp({ publicClient, testClient }: LocalChain): Promise<() => Promise<void>> {
  const { timestamp } = await publicClient.getBlock({ blockTag: 'pending' });
  const behindSeconds = Math.floor(Date.now() / 1_000) - Number(timestamp);
  if (behindSeconds <= MARK_SECONDS) return async () => {};
  await testClient.increaseTime({ seconds: behindSeconds - MARK_SECONDS });
  return async () => {
    await testClient.increaseTime({ seconds: MARK_SECONDS });
    await testClient.mine({ blocks: 1 });
  };
}
