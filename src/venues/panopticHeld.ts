import { type Address, type Hex, hexToBigInt } from 'viem';
import type { ContractRead, HistoryEntry, PinnedChain } from '../chain/pinnedChain.ts';
import { managerEventAbi, poolV1Abi, positionEventAbi, shareEventAbi, trackerAbi } from './abi/panoptic.ts';
import { accountsOf, eventsOf } from './holders.ts';
import {
  type Candidate,
  candidateKey,
  candidatesOf,
  fingerprintOf,
  holderOf,
  inOrder,
  PositionListError,
} from './panopticList.ts';
import { isSame, type PlacedPool, type Pools } from './panopticPools.ts';
import { balanceWord, hashWord } from './panopticSlots.ts';
import type { Pair } from './uniswapV3Math.ts';

/** What the logs say of positions, shares, and liquidity at the position managers themselves. */
export interface PanopticLogs {
  readonly positions: readonly HistoryEntry[];
  readonly shares: readonly HistoryEntry[];
  readonly direct: readonly HistoryEntry[];
}

/** The logs of the pools, their trackers and their managers. */
export async function readPanopticLogs(
  chain: PinnedChain,
  { pools, all, fromBlock }: Pools & { readonly fromBlock: number },
): Promise<PanopticLogs> {
  const managers = [...new Set(pools.map(({ positionManager }) => positionManager))];
  const [positions, shares, direct] = await Promise.all([
    chain.history({
      ...{ address: pools.map(({ pool }) => pool.address), fromBlock },
      ...{ events: eventsOf(positionEventAbi), keep: ['recipient', 'user', 'tokenId'] },
    }),
    chain.history({
      ...{ address: pools.flatMap(({ pool }) => pool.trackers), fromBlock },
      ...{ events: eventsOf(shareEventAbi), keep: ['to'] },
    }),
    chain.history({
      ...{ address: managers, fromBlock },
      ...{ events: eventsOf(managerEventAbi), keep: ['to', 'id', 'ids'] },
    }),
  ]);
  const isPool = ({ args }: HistoryEntry) => all.some((pool) => isSame(pool, args.to as Address));
  return { positions, shares, direct: direct.filter((entry) => !isPool(entry)) };
}

/** Everyone whom the logs name. */
export function holdersOf({ positions, shares, direct }: PanopticLogs): readonly Address[] {
  return accountsOf([...positions, ...shares, ...direct], ['recipient', 'to']);
}

/** What one account has in one pool: its shares, and its positions as the pool confirms them. */
export interface Held {
  readonly account: Address;
  readonly place: PlacedPool;
  readonly shares: Pair;
  readonly ids: readonly bigint[];
}

/**
 * What the accounts have in the pools where the logs name them. Who has nothing left in one is not there.
 *
 * @throws {PositionListError} where the pool does not confirm the positions that the logs give.
 */
export async function readHeld(chain: PinnedChain, { pools, logs, accounts }: HeldQuery): Promise<readonly Held[]> {
  const named = new Set([
    ...logs.positions.map((entry) => candidateKey(entry.address, holderOf(entry))),
    ...logs.shares.map(({ address, args }) => candidateKey(address, args.to as Address)),
  ]);
  const leads = accounts.flatMap((account) =>
    pools
      .filter(({ pool }) => [pool.address, ...pool.trackers].some((one) => named.has(candidateKey(one, account))))
      .map((place) => ({ account, place })),
  );
  const answers = (await chain.read(leads.flatMap(callsOf))) as readonly bigint[];
  const candidates = candidatesOf(logs.positions);
  const asked = leads.map(({ account, place }, i) => {
    const known = candidates.get(candidateKey(place.pool.address, account)) ?? [];
    return { account, place, count: answers[3 * i + 2] as bigint, known };
  });
  const lists = await readLists(chain, asked);
  const held = leads.map(({ account, place }, i): Held => {
    const [shares0, shares1] = answers.slice(3 * i) as [bigint, bigint];
    return { account, place, shares: [shares0, shares1], ids: lists[i] ?? [] };
  });
  return held.filter(({ shares, ids }) => ids.length > 0 || shares.some((one) => one !== 0n));
}

/** Whose positions and shares are asked for. */
export interface HeldQuery {
  readonly pools: readonly PlacedPool[];
  readonly logs: PanopticLogs;
  readonly accounts: readonly Address[];
}

function callsOf({ account, place: { pool } }: Pick<Held, 'account' | 'place'>): readonly ContractRead[] {
  const balances = pool.trackers.map((address) => ({
    address,
    abi: trackerAbi,
    functionName: 'balanceOf',
    args: [account],
  }));
  const count = { address: pool.address, abi: poolV1Abi, functionName: pool.version.countView, args: [account] };
  return [...balances, count];
}

interface Asked {
  readonly account: Address;
  readonly place: PlacedPool;
  readonly count: bigint;
  readonly known: readonly Candidate[];
}

/**
 * The lists that have the fingerprints which the pools have stored: what was opened and never closed, and where that is not all, those
 * others too that the pool says are held.
 */
async function readLists(chain: PinnedChain, asked: readonly Asked[]): Promise<readonly (readonly bigint[])[]> {
  const sureOf = ({ known }: Asked) => known.filter(({ isUnsure }) => !isUnsure);
  const held = asked.filter((one) => one.count !== 0n || sureOf(one).length > 0);
  const words = await chain.storage(held.map(({ account, place: { pool } }) => hashWord({ pool, account })));
  const own = new Map(held.map((one, i) => [one, hexToBigInt(words[i] as Hex)]));
  const isRight = (one: Asked, list: readonly Candidate[]) => {
    const fingerprint = fingerprintOf(list, one.place.pool.version.fingerprint);
    return fingerprint >> 248n === one.count && fingerprint === (own.get(one) ?? 0n);
  };
  const doubtful = held.filter((one) => !isRight(one, sureOf(one)));
  const questions = doubtful.flatMap((one) =>
    one.known.filter(({ isUnsure }) => isUnsure).map((candidate) => ({ one, candidate })),
  );
  const balances = await chain.storage(
    questions.map(({ one: { account, place }, candidate: { id } }) => balanceWord({ pool: place.pool, account, id })),
  );
  const reopened = questions.filter((_, i) => hexToBigInt(balances[i] as Hex) !== 0n);
  return asked.map((one) => {
    const { account, place } = one;
    const more = reopened.filter((question) => question.one === one).map(({ candidate }) => candidate);
    const list = [...sureOf(one), ...more];
    if (isRight(one, list)) return inOrder(list, { settledIsLast: place.pool.version.generation === 1 });
    const computed = fingerprintOf(list, place.pool.version.fingerprint);
    throw new PositionListError({ account, pool: place.pool.address, own: own.get(one) ?? 0n, computed });
  });
}
