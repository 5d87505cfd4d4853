import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AavePosition } from './aaveV3Account.ts';
import { readMarket, readReserves } from './aaveV3Market.ts';
import { type AaveOwn, readStates } from './aaveV3States.ts';
import type { TokenBook } from './tokens.ts';

/** One account at Aave V3 as the contracts store it, the market that it is in, and what the Pool itself says of it. */
export interface AaveRaw extends AavePosition {
  readonly own: AaveOwn;
}

/** The raw state of each account, in the order asked. All of them share one market. */
export async function readAaveAccounts(
  chain: PinnedChain,
  { pool, book, accounts }: { readonly pool: Address; readonly book: TokenBook; readonly accounts: readonly Address[] },
): Promise<readonly AaveRaw[]> {
  if (accounts.length === 0) return [];
  const { oracle, reserves } = await readReserves(chain, pool);
  const states = await readStates(chain, { pool, reserves, accounts });
  const stored = states.map((state) => state.stored);
  const market = await readMarket(chain, { pool, book, oracle, reserves, accounts: stored });
  return states.map((state) => ({ market, ...state }));
}
