import type { Address } from 'viem';
import { zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { sortAccounts } from './holders.ts';
import { type Balances, readBalances } from './panopticBalances.ts';
import { type DirectHolding, readDirect, readDirectIds, UnknownPanopticPoolError } from './panopticDirect.ts';
import { readHeld, readPanopticLogs } from './panopticHeld.ts';
import { type Margins, readMargins } from './panopticMargins.ts';
import { isSame, type PoolsQuery, readPools } from './panopticPools.ts';
import { type PanopticPosition, readPositions } from './panopticPositions.ts';
import type { RequirementParameters } from './panopticRequirement.ts';
import { type PoolState, readPoolStates } from './panopticStates.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** What the reader needs beside the chain. */
export interface PanopticSource extends PoolsQuery {
  /** The token that stands for the chain's coin. */
  readonly native?: Address;
  readonly book: TokenBook;
  /** Of v1, in basis points. Absent: as the published scripts deploy it. */
  readonly requirement?: { readonly [K in keyof RequirementParameters]: number };
}

/** What one account has in one pool. */
export interface PanopticHolding {
  readonly account: Address;
  readonly state: PoolState;
  readonly balances: Balances;
  readonly positions: readonly PanopticPosition[];
  /** The pool's own margin figures; none without a position. */
  readonly margins: readonly Margins[];
}

/** One account at Panoptic. */
export interface PanopticRaw {
  readonly account: Address;
  /** Unix seconds. */
  readonly timestamp: number;
  /** In the order of the pools. */
  readonly holdings: readonly PanopticHolding[];
  /** Liquidity at a position manager itself. */
  readonly direct: readonly DirectHolding[];
  /** The same in pools that are not read. */
  readonly strays: readonly UnknownPanopticPoolError[];
  /** By lower-case address; the chain's coin is under the zero address. */
  readonly tokens: ReadonlyMap<string, TokenOrError>;
}

/** The raw state of each account, in the order asked. Who is asked for twice is read once. */
export async function readPanopticAccounts(
  chain: PinnedChain,
  { source, accounts: asked }: { readonly source: PanopticSource; readonly accounts: readonly Address[] },
): Promise<readonly PanopticRaw[]> {
  if (asked.length === 0) return [];
  const accounts = sortAccounts(asked);
  const { pools, all } = await readPools(chain, source);
  const logs = await readPanopticLogs(chain, { pools, all, fromBlock: source.fromBlock });
  const held = await readHeld(chain, { pools, logs, accounts });
  const found = await readDirectIds(chain, { pools, logs, accounts });
  const ids = found.flatMap((one) => (one instanceof UnknownPanopticPoolError ? [] : [one]));
  const strays = found.flatMap((one) => (one instanceof UnknownPanopticPoolError ? [one] : []));
  const used = pools.filter((place) => [...held, ...ids].some((one) => one.place === place));
  const states = await readPoolStates(chain, used);
  const entries = held.map((one) => ({ ...one, state: states.get(one.place) as PoolState }));
  const positions = await readPositions(chain, entries);
  const balances = await readBalances(chain, entries);
  const opened = entries.map((entry, i) => ({ ...entry, positions: positions[i] as readonly PanopticPosition[] }));
  const margins = await readMargins(chain, opened);
  const direct = await readDirect(chain, { ids, states });
  const tokens = await readAssets(chain, { source, states: [...states.values()] });
  const holdings = opened.map(
    ({ account, state, positions: own }, i): PanopticHolding => ({
      ...{ account, state, positions: own, balances: balances[i] as Balances, margins: margins[i] ?? [] },
    }),
  );
  const { timestamp } = chain.block;
  return asked.map((account) => {
    const isOwn = (one: { readonly account: Address }) => isSame(one.account, account);
    const own = { direct: direct.filter(isOwn), strays: strays.filter(isOwn), holdings: holdings.filter(isOwn) };
    return { account, timestamp, tokens, ...own };
  });
}

async function readAssets(
  chain: PinnedChain,
  { source: { book, native }, states }: { readonly source: PanopticSource; readonly states: readonly PoolState[] },
): Promise<PanopticRaw['tokens']> {
  const assets = states.flatMap(({ trackers }) => trackers.map(({ asset }) => asset));
  const named = assets.flatMap((asset) => (asset === zeroAddress ? (native ?? []) : asset));
  const tokens = await readEachToken(chain, { venue: 'panoptic', book, tokens: named });
  const coin = native && tokens.get(native.toLowerCase());
  return coin === undefined ? tokens : new Map([...tokens, [zeroAddress, coin]]);
}
