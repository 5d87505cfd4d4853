import { type Abi, type Address, isAddressEqual } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import {
  deriveFeedAbi,
  portfolioLib2Abi,
  portfolioLibAbi,
  portfolioManagerAbi,
  scenarios2Abi,
  scenariosAbi,
} from './abi/deriveV2.ts';
import type { DeriveManagerKind } from './deriveV2Config.ts';
import type { DeriveShared } from './deriveV2Markets.ts';
import type { DeriveOption, DerivePerp, Stored } from './deriveV2Read.ts';

const UNIT = 10n ** 18n;
type Numbers = Readonly<Record<string, bigint>>;

/** What a portfolio manager goes by, as its contracts store it. 1e18, where nothing else is said. */
export interface PortfolioModel {
  readonly kind: Exclude<DeriveManagerKind, 'standard'>;
  readonly option: Address;
  readonly perp: Address;
  /** Of its feed; 1e18 where that is stale. */
  readonly stablePrice: bigint;
  readonly scenarios: readonly {
    readonly spotShock: bigint;
    readonly volShock: number;
    readonly dampeningFactor?: bigint;
  }[];
  readonly basis: Numbers;
  readonly other: Numbers;
  readonly margin: Numbers;
  /** `dteFloor` in seconds. */
  readonly volShock: Numbers;
  /** PMRM_2's alone. */
  readonly skewShock?: Numbers;
  /** PMRM's alone: annual, by expiry; absent where the feed does not answer. */
  readonly rates?: ReadonlyMap<number, bigint>;
  /** PMRM_2's alone, by lower-case address. */
  readonly collateral?: ReadonlyMap<string, CollateralTerms>;
}

/** What PMRM_2 goes by for one collateral. */
export interface CollateralTerms {
  readonly isEnabled: boolean;
  readonly isRiskCancelling: boolean;
  readonly MMHaircut: bigint;
  readonly IMHaircut: bigint;
}

interface PortfoliosQuery {
  readonly shared: DeriveShared;
  readonly stored: readonly Stored[];
  readonly perps: readonly (readonly DerivePerp[])[];
  readonly options: readonly (readonly DeriveOption[])[];
}

/** The model of each subaccount that a portfolio manager margins and that holds something, in the order of the subaccounts. */
export async function readPortfolios(
  chain: PinnedChain,
  { shared, stored, perps, options }: PortfoliosQuery,
): Promise<readonly (PortfolioModel | undefined)[]> {
  const margined = stored.filter(({ managerKind, balances }, i) => {
    const isEmpty = balances.length === 0 && perps[i]?.length === 0;
    return managerKind !== undefined && managerKind !== 'standard' && !isEmpty;
  });
  const libs = await readLibs(chain, margined);
  const places = margined.map((subaccount, i) => ({ subaccount, lib: libs[i] as Address }));
  const known = new Map<string, Promise<PortfolioModel>>();
  const models = places.map(({ subaccount: { manager, managerKind }, lib }) => {
    const key = `${manager} ${lib}`;
    const own = places.filter((place) => place.lib === lib && place.subaccount.manager === manager);
    const kind = managerKind as PortfolioModel['kind'];
    const stores = own.map((place) => place.subaccount);
    const held = stores.flatMap((one) => options[stored.indexOf(one)] ?? []);
    const expiries = [...new Set(held.map(({ series }) => series.expiry))].sort((a, b) => a - b);
    const collateral = basesOf(stores, shared);
    const model = known.get(key) ?? readModel(chain, { manager, lib, kind, collateral, expiries });
    known.set(key, model);
    return model;
  });
  const all = await Promise.all(models);
  return stored.map((subaccount) => all[margined.indexOf(subaccount)]);
}

/** The library of each: the manager's, or under PMRM_2_1 that of the subaccount. */
async function readLibs(chain: PinnedChain, held: readonly Stored[]): Promise<readonly Address[]> {
  return (await chain.read(
    held.map(({ id, manager, managerKind }): ContractRead => {
      const call = { address: manager, abi: portfolioManagerAbi };
      if (managerKind === 'portfolio21') return { ...call, functionName: 'getAccountLib', args: [id] };
      return { ...call, functionName: 'lib' };
    }),
  )) as readonly Address[];
}

function basesOf(stored: readonly Stored[], { assets }: DeriveShared): readonly Address[] {
  const held = stored.flatMap(({ balances }) => balances.map(({ asset }) => asset));
  const bases = held.filter((asset) => assets.get(asset.toLowerCase())?.kind === 'base');
  return bases.filter((asset, i) => bases.findIndex((other) => isAddressEqual(asset, other)) === i);
}

interface ModelQuery {
  readonly manager: Address;
  readonly lib: Address;
  readonly kind: PortfolioModel['kind'];
  readonly collateral: readonly Address[];
  readonly expiries: readonly number[];
}

async function readModel(chain: PinnedChain, query: ModelQuery): Promise<PortfolioModel> {
  const { manager, lib, kind, collateral } = query;
  const isFirst = kind === 'portfolio';
  const abi: Abi = isFirst ? portfolioLibAbi : portfolioLib2Abi;
  const own = ['option', 'perp', 'stableFeed'].map((functionName): ContractRead => {
    return { address: manager, abi: portfolioManagerAbi, functionName };
  });
  const ask = (functionName: string, ...args: unknown[]): ContractRead => ({ address: lib, abi, functionName, args });
  const [option, perp, stableFeed, scenarios, basis, other, volShock, margin, skewShock] = (await chain.read([
    ...own,
    { address: manager, abi: isFirst ? scenariosAbi : scenarios2Abi, functionName: 'getScenarios' },
    ask('getBasisContingencyParams'),
    ask('getOtherContingencyParams'),
    ask('getVolShockParams'),
    ...(isFirst ? [ask('getStaticDiscountParams')] : [ask('getMarginParams'), ask('getSkewShockParams')]),
  ])) as [Address, Address, Address, PortfolioModel['scenarios'], ...Numbers[]];
  const [stable] = await chain.readEach([{ address: stableFeed, abi: deriveFeedAbi, functionName: 'getSpot' }]);
  const stablePrice = stable instanceof CallFailedError ? UNIT : (stable as readonly [bigint, bigint])[0];
  const model = { kind, option, perp, stablePrice, scenarios, basis, other, margin, volShock };
  if (isFirst) return { ...model, rates: await readRates(chain, query) } as PortfolioModel;
  const terms = (await chain.read(
    collateral.map((asset) => ask('getCollateralParameters', asset)),
  )) as readonly CollateralTerms[];
  const listed = collateral.map((asset, i) => [asset.toLowerCase(), terms[i] as CollateralTerms] as const);
  return { ...model, skewShock, collateral: new Map(listed) } as PortfolioModel;
}

async function readRates(chain: PinnedChain, { manager, expiries }: ModelQuery): Promise<ReadonlyMap<number, bigint>> {
  const [address] = (await chain.read([
    { address: manager, abi: portfolioManagerAbi, functionName: 'interestRateFeed' },
  ])) as [Address];
  const rates = await chain.readEach(
    expiries.map((expiry) => ({
      address,
      abi: deriveFeedAbi,
      functionName: 'getInterestRate',
      args: [BigInt(expiry)],
    })),
  );
  return new Map(
    expiries.flatMap((expiry, i) => {
      const answer = rates[i];
      return Array.isArray(answer) ? [[expiry, answer[0] as bigint] as const] : [];
    }),
  );
}
