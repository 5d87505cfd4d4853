import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { AavePosition } from './aaveV3Account.ts';
import { type AaveReserves, readMarket } from './aaveV3Market.ts';
import { type AaveOwn, readStates } from './aaveV3States.ts';
import type { TokenBook } from './tokens.ts';

/** One account at Aave V3 as the contracts store it, the market that it is in, and what the Pool itself says of it. */
export interface AaveRaw extends AavePosition {
  /** Null where the account was carried from an earlier block. */
  readonly own: AaveOwn | null;
}

/** Where Aave is, and how its accounts are read. */
export interface AaveSource {
  readonly pool: Address;
  readonly book: TokenBook;
  readonly fromBlock: number;
  /** The pool's reserves at the block. */
  readonly reserves: (chain: PinnedChain) => Promise<AaveReserves>;
}

/** Who is read, and where. */
export interface AaveAccountsQuery {
  readonly source: AaveSource;
  readonly accounts: readonly Address[];
}

/** The raw state of each account, in the order asked. All of them share one market. */
export async function readAaveAccounts(
  chain: PinnedChain,
  { source, accounts }: AaveAccountsQuery,
): Promise<readonly AaveRaw[]> {
  if (accounts.length === 0) return [];
  const { pool, book } = source;
  const { oracle, reserves } = await source.reserves(chain);
  const states = await readStates(chain, { pool, reserves, accounts });
  const stored = states.map((state) => state.stored);
  const market = await readMarket(chain, { pool, book, oracle, reserves, accounts: stored });
  return states.map((state) => ({ market, ...state }));
}
