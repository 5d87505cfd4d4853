import type { Address } from 'viem';
import type { Chain } from '../chain/connect.ts';
import { pin } from '../chain/pin.ts';
import { safeAbi } from './abi.ts';

/** The nonce of a Safe's next transaction, now. @throws {CallFailedError} where there is no Safe. */
export async function readSafeNonce(chain: Chain, account: Address): Promise<bigint> {
  const [nonce] = await (await pin(chain)).read([{ address: account, abi: safeAbi, functionName: 'nonce' }]);
  return nonce as bigint;
}
