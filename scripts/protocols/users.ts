import type { Address } from 'viem';
import type { LocalChain } from '../chain.ts';

/**
 * Which account of the mnemonic is who. 0 deploys and administers the protocols; 1 to 9 are left to the caller
 * (signers, posters, keepers). The account `safe` is a contract and has no index; its owners have.
 */
export const USERS = {
  lender: 10,
  'aave only': 11,
  'morpho only': 12,
  'hedged borrower': 13,
  'covered call': 14,
  'cross-venue debt': 15,
  spread: 16,
  rescued: 17,
  'under water': 18,
  dust: 19,
  empty: 20,
  'twenty legs': 21,
  'stable loop': 22,
  'venus borrower': 23,
  'perp long': 24,
  'basis trade': 25,
  'perp maker': 26,
  'two chains': 29,
  'liquidity provider': 27,
  'treasury wallet': 28,
} as const;

export type UserName = keyof typeof USERS;

/** The owners of the account `safe`: any two of the three sign. */
export const SAFE_OWNERS = [30, 31, 32] as const;

/** The address of one of the {@link USERS}. */
export function userAddress(chain: LocalChain, name: UserName): Address {
  return chain.account(USERS[name]).address;
}
