import { type Address, type Hex, zeroAddress } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { dataStoreAbi, gmxReaderAbi } from './abi/gmxV2.ts';
import type { GmxV2Config } from './gmxV2.ts';
import { address, gmxKey, positionKey } from './gmxV2Keys.ts';
import { type GmxMarket, getUint } from './gmxV2Markets.ts';
import { isSame } from './gmxV2Math.ts';
import { GmxReaderVersionError } from './gmxV2Version.ts';
import type { GmxOrderInfo, GmxPosition } from './gmxV2Views.ts';

/** Funding that was earned, credited and not yet claimed. */
export interface GmxClaimable {
  readonly market: Address;
  readonly token: Address;
  /** Smallest units. */
  readonly amount: bigint;
}

/** What GMX lists of one account. */
export interface GmxAccount {
  readonly account: Address;
  readonly positions: readonly GmxPosition[];
  readonly orders: readonly GmxOrderInfo[];
  /** Not zero. */
  readonly claimables: readonly GmxClaimable[];
}

interface Query {
  readonly source: GmxV2Config;
  readonly markets: readonly GmxMarket[];
  readonly accounts: readonly Address[];
}

const PAGE = 100n;

/**
 * The positions, orders and claimable funding of each account, in the order asked. The DataStore's own list of keys says whether the
 * Reader's answer is all of it, and decodes as it should.
 *
 * @throws {GmxReaderVersionError} where it does not.
 */
export async function readGmxAccountLists(chain: PinnedChain, query: Query): Promise<readonly GmxAccount[]> {
  const { source, accounts } = query;
  const positions = await readPages<GmxPosition>(chain, { source, accounts, functionName: 'getAccountPositions' });
  const orders = await readPages<GmxOrderInfo>(chain, { source, accounts, functionName: 'getAccountOrders' });
  const keys = await readKeys(chain, { source, accounts, sizes: positions.map(({ length }) => length) });
  const claimables = await readClaimables(chain, query);
  return accounts.map((account, i) => {
    const own = positions[i] as readonly GmxPosition[];
    const decoded = own.map(({ addresses, flags }) => positionKey({ ...addresses, ...flags }));
    const isAll = decoded.join() === (keys[i] as readonly Hex[]).join();
    const isOwn = own.every(({ addresses }) => isSame(addresses.account, account));
    if (!isAll || !isOwn) throw new GmxReaderVersionError(source, 'getAccountPositions');
    const waiting = orders[i] as readonly GmxOrderInfo[];
    if (!waiting.every(({ order }) => isSame(order.addresses.account, account)))
      throw new GmxReaderVersionError(source, 'getAccountOrders');
    return { account, positions: own, orders: waiting, claimables: claimables[i] as readonly GmxClaimable[] };
  });
}

interface PagesQuery extends Omit<Query, 'markets'> {
  readonly functionName: 'getAccountPositions' | 'getAccountOrders';
}

/** A list of each account, page by page until one is not full. */
async function readPages<Item>(
  chain: PinnedChain,
  { source, accounts, functionName }: PagesQuery,
): Promise<readonly (readonly Item[])[]> {
  const lists = accounts.map((): Item[] => []);
  const reader = { address: source.reader, abi: gmxReaderAbi, functionName };
  let open = accounts.map((account, i) => ({ account, i }));
  for (let start = 0n; open.length > 0; start += PAGE) {
    const pages = await chain.readEach(
      open.map(({ account }): ContractRead => ({ ...reader, args: [source.dataStore, account, start, start + PAGE] })),
    );
    open = open.filter(({ i }, at) => {
      const page = pages[at];
      if (page instanceof CallFailedError) throw new GmxReaderVersionError(source, functionName, page);
      lists[i]?.push(...(page as readonly Item[]));
      return (page as readonly Item[]).length === Number(PAGE);
    });
  }
  return lists;
}

interface KeysQuery extends Omit<Query, 'markets'> {
  /** How many positions the Reader gave of each. */
  readonly sizes: readonly number[];
}

async function readKeys(
  chain: PinnedChain,
  { source, accounts, sizes }: KeysQuery,
): Promise<readonly (readonly Hex[])[]> {
  const store = { address: source.dataStore, abi: dataStoreAbi };
  const sets = accounts.map((account) => gmxKey('ACCOUNT_POSITION_LIST', address(account)));
  const counts = (await chain.read(
    sets.map((set) => ({ ...store, functionName: 'getBytes32Count', args: [set] })),
  )) as readonly bigint[];
  const pages = sets.flatMap((set, i) => {
    if (counts[i] !== BigInt(sizes[i] as number)) throw new GmxReaderVersionError(source, 'getAccountPositions');
    return pagesOf(counts[i] as bigint).map((start) => ({ i, set, start }));
  });
  const values = (await chain.read(
    pages.map(({ set, start }) => ({
      ...{ ...store, functionName: 'getBytes32ValuesAt' },
      args: [set, start, start + PAGE],
    })),
  )) as readonly (readonly Hex[])[];
  return accounts.map((_, i) => pages.flatMap((page, at) => (page.i === i ? (values[at] as readonly Hex[]) : [])));
}

function pagesOf(count: bigint): readonly bigint[] {
  return Array.from({ length: Number((count + PAGE - 1n) / PAGE) }, (_, page) => BigInt(page) * PAGE);
}

async function readClaimables(
  chain: PinnedChain,
  { source, markets, accounts }: Query,
): Promise<readonly (readonly GmxClaimable[])[]> {
  const places = markets.flatMap(({ marketToken, longToken, shortToken }) => {
    const tokens = isSame(longToken, shortToken) ? [longToken] : [longToken, shortToken];
    return tokens.filter((token) => token !== zeroAddress).map((token) => ({ market: marketToken, token }));
  });
  const amounts = (await chain.read(
    accounts.flatMap((account) =>
      places.map(({ market, token }) => {
        const key = gmxKey('CLAIMABLE_FUNDING_AMOUNT', address(market), address(token), address(account));
        return getUint(source.dataStore, key);
      }),
    ),
  )) as readonly bigint[];
  return accounts.map((_, i) =>
    places
      .map((place, at) => ({ ...place, amount: amounts[i * places.length + at] as bigint }))
      .filter(({ amount }) => amount !== 0n),
  );
}
