import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import type { CallFailedError } from '../chain/read.ts';
import { positionManagerAbi } from './abi/uniswapV3.ts';
import { readEachToken, type TokenBook, type TokenOrError, UnknownTokenError } from './tokens.ts';
import type { UniswapV3Config } from './uniswapV3.ts';
import type { Closing, Pair, PooledRange } from './uniswapV3Math.ts';
import { readClosings } from './uniswapV3Own.ts';
import { readHoldings } from './uniswapV3Pools.ts';

/** One position as the manager stores it. */
export interface UniswapPosition {
  readonly id: bigint;
  readonly token0: Address;
  readonly token1: Address;
  /** 1e6. */
  readonly fee: number;
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly liquidity: bigint;
  readonly feeGrowthInsideX128: Pair;
  /** Taken out or earned, and not collected, as of the last change. */
  readonly owed: Pair;
}

/** A pool at the block. */
export interface UniswapPool {
  readonly address: Address;
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  readonly feeGrowthGlobalX128: Pair;
}

/** One position with what its pool knows of its range. */
export interface UniswapHolding {
  readonly position: UniswapPosition;
  readonly pool: UniswapPool;
  readonly growthOutsideX128: { readonly lower: Pair; readonly upper: Pair };
  readonly pooled: PooledRange;
}

/** Of an account that holds more none is read, or as many where a guard holds it: anybody can make thousands of them for somebody else. */
export const MAX_POSITIONS = 1_000;

/** One account at Uniswap V3. */
export interface UniswapRaw {
  readonly account: Address;
  /** How many positions it holds, those too that nothing is left of. */
  readonly count: number;
  /** By id, all that have anything in them; of more than {@link MAX_POSITIONS} none, or the first of the manager's list. */
  readonly positions: readonly UniswapPosition[];
  /** The tokens of the positions by lower-case address. */
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  /** The positions with their pools; where a token is not known none, or all but those of it. */
  readonly holdings: readonly UniswapHolding[];
  /** What the manager itself answers when all of them are closed, in the same order; null where they were carried from an earlier block. */
  readonly own: readonly Closing[] | CallFailedError | null;
}

/** What the reader needs beside the chain. */
export interface UniswapSource extends UniswapV3Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** Whose positions are read. */
export interface UniswapQuery {
  readonly source: UniswapSource;
  readonly accounts: readonly Address[];
  /** A guard holds them: what cannot be counted, or is too much, is left out, and all else is read. */
  readonly isHeld: boolean;
}

/** The raw state of each account, in the order asked. */
export async function readUniswapAccounts(
  chain: PinnedChain,
  { source, accounts, isHeld }: UniswapQuery,
): Promise<readonly UniswapRaw[]> {
  const { positionManager: manager } = source;
  const { factory, counts, positions } = await readOwned(chain, { manager, accounts, isHeld });
  const { tokens, holdings } = await completePositions(chain, { source, factory, positions, isHeld });
  const owners = accounts.map((account, i) => ({
    account,
    positions: (holdings[i] ?? []).map(({ position }) => position),
  }));
  const own = await readClosings(chain, { manager, owners });
  return accounts.map((account, i) => ({
    account,
    count: counts[i] ?? 0,
    positions: positions[i] ?? [],
    tokens,
    holdings: holdings[i] ?? [],
    own: own[i] ?? [],
  }));
}

/** What the positions share with others, of each account. */
export interface CompletedPositions extends Pick<UniswapRaw, 'tokens'> {
  readonly holdings: readonly (readonly UniswapHolding[])[];
}

interface CompleteQuery extends Pick<Owned, 'factory' | 'positions'>, Pick<UniswapQuery, 'source'> {
  readonly isHeld?: boolean;
}

/** Reads tokens, pools and ranges of the positions of each account. */
export async function completePositions(
  chain: PinnedChain,
  { source, factory, positions, isHeld = false }: CompleteQuery,
): Promise<CompletedPositions> {
  const { positionManager: manager, book } = source;
  const named = positions.flat().flatMap(({ token0, token1 }) => [token0, token1]);
  const tokens = await readEachToken(chain, { venue: 'uniswapV3', book, tokens: named });
  const isNamed = (token: Address) => !(tokens.get(token.toLowerCase()) instanceof UnknownTokenError);
  const isKnown = ({ token0, token1 }: UniswapPosition) => isNamed(token0) && isNamed(token1);
  const countable = positions.map((owned) => {
    const known = owned.filter(isKnown);
    return isHeld || known.length === owned.length ? known : [];
  });
  const holdings = await readHoldings(chain, { manager, factory, positions: countable.flat() });
  return {
    tokens,
    holdings: countable.map((known) => known.map((position) => holdings.get(position) as UniswapHolding)),
  };
}

interface Owned {
  readonly factory: Address;
  readonly counts: readonly number[];
  /** Of each account by id; those that nothing is left of are not there. */
  readonly positions: readonly (readonly UniswapPosition[])[];
}

async function readOwned(
  chain: PinnedChain,
  { manager: address, accounts, isHeld }: Omit<UniswapQuery, 'source'> & { readonly manager: Address },
): Promise<Owned> {
  const call = (functionName: string, ...args: readonly unknown[]): ContractRead => ({
    ...{ address, abi: positionManagerAbi, functionName, args },
  });
  const [factory, ...balances] = await chain.read([
    call('factory'),
    ...accounts.map((account) => call('balanceOf', account)),
  ]);
  const counts = balances.map(Number);
  const places = accounts.flatMap((account, i) => {
    const count = counts[i] ?? 0;
    const most = isHeld ? MAX_POSITIONS : 0;
    const length = count > MAX_POSITIONS ? most : count;
    return Array.from({ length }, (_, index) => ({ account, asked: i, index: BigInt(index) }));
  });
  const ids = (await chain.read(
    places.map(({ account, index }) => call('tokenOfOwnerByIndex', account, index)),
  )) as readonly bigint[];
  const stored = (await chain.read(ids.map((id) => call('positions', id)))) as readonly StoredPosition[];
  const found = ids.map((id, i) => positionOf(id, stored[i] as StoredPosition));
  const positions = accounts.map((_, asked) =>
    found
      .filter((position, i) => places[i]?.asked === asked && hasAny(position))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  return { factory: factory as Address, counts, positions };
}

type StoredPosition = readonly [
  ...[nonce: bigint, operator: Address, token0: Address, token1: Address, fee: number],
  ...[tickLower: number, tickUpper: number, liquidity: bigint],
  ...[growth0: bigint, growth1: bigint, owed0: bigint, owed1: bigint],
];

function positionOf(id: bigint, stored: StoredPosition): UniswapPosition {
  const [, , token0, token1, fee, tickLower, tickUpper, liquidity, growth0, growth1, owed0, owed1] = stored;
  const growth = [growth0, growth1] as const;
  const terms = { id, token0, token1, fee, tickLower, tickUpper };
  return { ...terms, liquidity, feeGrowthInsideX128: growth, owed: [owed0, owed1] };
}

function hasAny({ liquidity, owed: [owed0, owed1] }: UniswapPosition): boolean {
  return liquidity !== 0n || owed0 !== 0n || owed1 !== 0n;
}
