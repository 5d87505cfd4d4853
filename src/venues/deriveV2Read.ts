import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { cashAssetAbi, deriveAssetAbi, deriveFeedAbi, subAccountsAbi } from './abi/deriveV2.ts';
import { type DeriveManagerKind, MANAGER_KINDS } from './deriveV2Config.ts';
import { type MarginTerms, readMargins, type VenueMargin } from './deriveV2Margins.ts';
import { type DeriveAsset, type DeriveShared, type DeriveSource, readShared } from './deriveV2Markets.ts';
import { decodeSubId, type OptionSeries, type PerpStored } from './deriveV2Math.ts';
import { readSubaccountIds } from './deriveV2Owners.ts';
import { type PortfolioModel, readPortfolios } from './deriveV2Portfolio.ts';

/** One balance as the SubAccounts store it, 1e18, signed. */
export interface DeriveBalance {
  readonly asset: Address;
  readonly subId: bigint;
  readonly balance: bigint;
}

/** A stored perp position, open or with something left to settle. */
export interface DerivePerp {
  readonly asset: DeriveAsset & { readonly kind: 'perp' };
  readonly size: bigint;
  readonly stored: PerpStored;
  /** PerpAsset.getUnsettledAndUnrealizedCash; null where it reverts, and where nothing is open. */
  readonly own: bigint | null;
}

/** An option series held, 1e18. */
export interface DeriveOption {
  readonly asset: DeriveAsset & { readonly kind: 'option' };
  readonly series: OptionSeries;
  readonly balance: bigint;
  /** The price that it is settled at and OptionAsset.calcSettlementValue; null before it has one. */
  readonly settled: { readonly price: bigint; readonly own: bigint } | null;
}

/** One subaccount with all that its value depends on. */
export interface DeriveSubaccount {
  readonly id: bigint;
  readonly manager: Address;
  /** What liquidates it; undefined for a manager that the deployment does not name. */
  readonly managerKind: DeriveManagerKind | undefined;
  /** By asset and sub id. */
  readonly balances: readonly DeriveBalance[];
  readonly cash: { readonly stored: bigint; readonly index: bigint; readonly own: bigint };
  readonly perps: readonly DerivePerp[];
  readonly options: readonly DeriveOption[];
  readonly margin: VenueMargin | null;
  /** By which a portfolio manager margins it; absent under another manager, and where nothing is held. */
  readonly portfolio?: PortfolioModel;
}

/** One account at Derive, by subaccount id. */
export interface DeriveRaw {
  readonly account: Address;
  readonly subaccounts: readonly DeriveSubaccount[];
  readonly shared: DeriveShared;
  readonly terms: MarginTerms;
}

/** The raw state of each account, in the order asked. */
export async function readDeriveAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: DeriveSource; readonly accounts: readonly Address[] },
): Promise<readonly DeriveRaw[]> {
  if (accounts.length === 0) return [];
  const ids = await readSubaccountIds(chain, { source, accounts });
  const shared = await readShared(chain, source);
  const stored = await readStored(chain, { source, ids: ids.flat() });
  const perps = await readPerpPositions(chain, { shared, stored });
  const options = await readOptions(chain, { shared, stored });
  const { terms, margins } = await readMargins(chain, { source, shared, stored, options });
  const portfolios = await readPortfolios(chain, { shared, stored });
  let next = 0;
  return accounts.map((account, i) => ({
    account,
    shared,
    terms,
    subaccounts: (ids[i] as readonly bigint[]).map(() => {
      const at = next++;
      const portfolio = portfolios[at];
      return {
        ...(stored[at] as Stored),
        perps: perps[at] as readonly DerivePerp[],
        options: options[at] as readonly DeriveOption[],
        margin: margins[at] ?? null,
        ...(portfolio !== undefined && { portfolio }),
      };
    }),
  }));
}

/** What the contracts store of a subaccount. */
export type Stored = Pick<DeriveSubaccount, 'id' | 'manager' | 'managerKind' | 'balances' | 'cash'>;

async function readStored(
  chain: PinnedChain,
  { source, ids }: { readonly source: DeriveSource; readonly ids: readonly bigint[] },
): Promise<readonly Stored[]> {
  const ask = (functionName: string) => (id: bigint) => [
    { address: source.subAccounts, abi: subAccountsAbi, functionName, args: [id] },
  ];
  const managers = (await chain.read(ids.flatMap(ask('manager')))) as readonly Address[];
  const balances = (await chain.read(ids.flatMap(ask('getAccountBalances')))) as (readonly DeriveBalance[])[];
  const cash = { address: source.cash, abi: cashAssetAbi };
  const indices = await chain.read(ids.map((id) => ({ ...cash, functionName: 'accountIdIndex', args: [id] })));
  // It accrues: nothing else of the cash asset may be asked in the same call.
  const own = await chain.read(
    ids.map((id) => ({ ...cash, functionName: 'calculateBalanceWithInterest', args: [id] })),
  );
  return ids.map((id, i) => {
    const all = [...(balances[i] as readonly DeriveBalance[])].sort(byAsset);
    const manager = managers[i] as Address;
    const stored = all.find(({ asset }) => isSame(asset, source.cash))?.balance ?? 0n;
    return {
      ...{ id, manager, managerKind: kindOf(manager, source), balances: all },
      cash: { stored, index: indices[i] as bigint, own: own[i] as bigint },
    };
  });
}

function kindOf(manager: Address, { managers }: DeriveSource): DeriveManagerKind | undefined {
  return MANAGER_KINDS.find((kind) => managers[kind].some((address) => isSame(address, manager)));
}

interface Held {
  readonly shared: DeriveShared;
  readonly stored: readonly Stored[];
}

/** Every perp that is held, and every one in which something is left: closing a position can leave profit behind that no balance shows. */
async function readPerpPositions(
  chain: PinnedChain,
  { shared, stored }: Held,
): Promise<readonly (readonly DerivePerp[])[]> {
  const perps = [...shared.assets.values()].flatMap((asset) => (asset.kind === 'perp' ? [asset] : []));
  const pairs = stored.flatMap((subaccount) => perps.map((asset) => ({ subaccount, asset })));
  const calls = (which: typeof pairs, functionName: string) =>
    which.map(({ subaccount, asset: { address } }): ContractRead => {
      return { address, abi: deriveAssetAbi, functionName, args: [subaccount.id] };
    });
  const positions = (await chain.read(calls(pairs, 'positions'))) as readonly (readonly bigint[])[];
  const found = pairs.map((pair, i) => {
    const [lastMarkPrice, funding, pnl, lastAggregatedFunding] = positions[i] as [bigint, bigint, bigint, bigint];
    const size = pair.subaccount.balances.find(({ asset }) => isSame(asset, pair.asset.address))?.balance ?? 0n;
    return { ...pair, size, stored: { lastMarkPrice, funding, pnl, lastAggregatedFunding } };
  });
  const open = found.filter(({ size }) => size !== 0n);
  const own = await chain.readEach(calls(open, 'getUnsettledAndUnrealizedCash'));
  return stored.map((of) =>
    found
      .filter(({ subaccount }) => subaccount === of)
      .filter(({ size, stored: { pnl, funding } }) => size !== 0n || pnl !== 0n || funding !== 0n)
      .map((perp) => {
        const answer = own[open.indexOf(perp as (typeof open)[number])];
        return {
          asset: perp.asset,
          size: perp.size,
          stored: perp.stored,
          own: typeof answer === 'bigint' ? answer : null,
        };
      }),
  );
}

/** Every option that is held and whose series can be read, with its settlement. */
async function readOptions(
  chain: PinnedChain,
  { shared, stored }: Held,
): Promise<readonly (readonly DeriveOption[])[]> {
  const held = stored.map(({ balances }) =>
    balances.flatMap(({ asset: address, subId, balance }) => {
      const asset = shared.assets.get(address.toLowerCase());
      const series = decodeSubId(subId);
      return asset?.kind === 'option' && series !== undefined ? [{ asset, series, subId, balance }] : [];
    }),
  );
  const expired = held.flat().filter(({ series }) => series.expiry <= shared.time);
  const prices = (await chain.read(
    expired.map(({ asset, series }) => ({
      ...{ address: asset.settlementFeed, abi: deriveFeedAbi, functionName: 'getSettlementPrice' },
      args: [BigInt(series.expiry)],
    })),
  )) as readonly (readonly [boolean, bigint])[];
  const settled = expired.flatMap((option, i) => {
    const [isSettled, price] = prices[i] as readonly [boolean, bigint];
    return isSettled ? [{ option, price }] : [];
  });
  const own = (await chain.read(
    settled.map(({ option: { asset, subId, balance } }) => ({
      ...{ address: asset.address, abi: deriveAssetAbi, functionName: 'calcSettlementValue' },
      args: [subId, balance],
    })),
  )) as readonly (readonly [bigint, boolean])[];
  const known = new Map(settled.map(({ option, price }, i) => [option, { price, own: own[i]?.[0] as bigint }]));
  return held.map((options) =>
    options.map((option) => {
      const { asset, series, balance } = option;
      return { asset, series, balance, settled: known.get(option) ?? null };
    }),
  );
}

function byAsset(a: DeriveBalance, b: DeriveBalance): number {
  const [x, y] = [a.asset.toLowerCase(), b.asset.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a.subId < b.subId ? -1 : 1;
}

function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
