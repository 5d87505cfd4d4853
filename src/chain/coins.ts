import type { Address, Hex } from 'viem';
import type { At } from './block.ts';
import { rpcError } from './connect.ts';
import { despiteLag } from './lag.ts';

/** What an account holds of the chain's own coin at the pinned block, in wei (EIP-1898). */
export async function readCoins(at: At, account: Address): Promise<bigint> {
  const { client } = at.chain;
  type Request = Parameters<typeof client.request>[0];
  const params = [account, { blockHash: at.block.hash, requireCanonical: true }];
  try {
    return BigInt((await despiteLag(at, () => client.request({ method: 'eth_getBalance', params } as Request))) as Hex);
  } catch (error) {
    throw rpcError(at.chain, { what: 'eth_getBalance', error });
  }
}
