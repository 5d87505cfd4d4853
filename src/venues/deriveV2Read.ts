import { type Address, isAddressEqual } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { cashAssetAbi, subAccountsAbi } from './abi/deriveV2.ts';
import { type DeriveManagerKind, MANAGER_KINDS } from './deriveV2Config.ts';
import { readMargins, type VenueMargin } from './deriveV2Margins.ts';
import { type DeriveAsset, type DeriveShared, type DeriveSource, readShared } from './deriveV2Markets.ts';
import type { OptionSeries, PerpStored } from './deriveV2Math.ts';
import { readSubaccountIds } from './deriveV2Owners.ts';
import { type PortfolioModel, readPortfolios } from './deriveV2Portfolio.ts';
import { readOptions, readPerpPositions } from './deriveV2Positions.ts';
import type { MarginTerms } from './deriveV2Terms.ts';

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
  const portfolios = await readPortfolios(chain, { shared, stored, perps, options });
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
    const stored = all.find(({ asset }) => isAddressEqual(asset, source.cash))?.balance ?? 0n;
    return {
      ...{ id, manager, managerKind: kindOf(manager, source), balances: all },
      cash: { stored, index: indices[i] as bigint, own: own[i] as bigint },
    };
  });
}

function kindOf(manager: Address, { managers }: DeriveSource): DeriveManagerKind | undefined {
  return MANAGER_KINDS.find((kind) => managers[kind]?.some((address) => isAddressEqual(address, manager)));
}

function byAsset(a: DeriveBalance, b: DeriveBalance): number {
  const [x, y] = [a.asset.toLowerCase(), b.asset.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a.subId < b.subId ? -1 : 1;
}
