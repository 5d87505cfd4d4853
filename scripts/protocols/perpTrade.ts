import { type Address, maxUint256, zeroHash } from 'viem';
import { virtual } from './perpV2.ts';
import { provide, units } from './tokens.ts';
import type { World } from './world.ts';

/** The range in which the market is made: about 990 to 4,030. */
export const PERP_RANGE = { lowerTick: 69_000, upperTick: 83_000 } as const;

export interface MarginDeposit {
  readonly from: Address;
  readonly amount: number | string;
}

/** USDC into the vault; what the account lacks is minted to it. */
export async function depositMargin({ perp, tokens }: World, { from, amount }: MarginDeposit): Promise<void> {
  const raw = units(tokens.USDC, amount);
  await provide(tokens.USDC.contract, { to: from, spender: perp.vault.address, raw });
  await perp.vault.write('deposit', [tokens.USDC.contract.address, raw], { from });
}

export interface PerpTrade {
  readonly from: Address;
  /** vETH, bought above zero, sold below. */
  readonly size: number | string;
}

/** A taker's trade of an exact size, at any price. */
export async function tradePerp({ perp }: World, { from, size }: PerpTrade): Promise<void> {
  const raw = virtual(size);
  const isSale = raw < 0n;
  const order = { baseToken: perp.base.address, isBaseToQuote: isSale, isExactInput: isSale };
  const bounds = { oppositeAmountBound: 0n, deadline: maxUint256, sqrtPriceLimitX96: 0n, referralCode: zeroHash };
  const amount = isSale ? -raw : raw;
  await perp.clearingHouse.write('openPosition', [{ ...order, ...bounds, amount }], { from });
}

export interface PerpMaking {
  readonly from: Address;
  readonly base: number | string;
  readonly quote: number | string;
}

/** A range order over {@link PERP_RANGE}. */
export async function makePerpMarket({ perp }: World, { from, base, quote }: PerpMaking): Promise<void> {
  const amounts = { base: virtual(base), quote: virtual(quote), minBase: 0n, minQuote: 0n };
  const order = { baseToken: perp.base.address, ...amounts, ...PERP_RANGE };
  const params = { ...order, useTakerBalance: false, deadline: maxUint256 };
  await perp.clearingHouse.write('addLiquidity', [params], { from });
}

/** Removes the range order: what the maker is left with is a position like any taker's. */
export async function leavePerpMarket({ perp }: World, from: Address): Promise<void> {
  const { lowerTick, upperTick } = PERP_RANGE;
  const args = [from, perp.base.address, lowerTick, upperTick];
  const { liquidity } = await perp.orderBook.read<{ readonly liquidity: bigint }>('getOpenOrder', args);
  const bounds = { minBase: 0n, minQuote: 0n, deadline: maxUint256 };
  await perp.clearingHouse.write(
    'removeLiquidity',
    [{ baseToken: perp.base.address, lowerTick, upperTick, liquidity, ...bounds }],
    { from },
  );
}
