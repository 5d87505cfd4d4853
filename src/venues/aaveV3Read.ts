import { type Address, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { flagsOf } from './aaveV3Math.ts';
import { type AaveBalance, type AaveState, readStates } from './aaveV3States.ts';
import { aaveOracleAbi, addressesProviderAbi, poolAbi } from './abi/aaveV3.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** One reserve as the Pool stores it: rates and indices in ray, the configuration as its bitmap. */
export interface AaveReserve {
  readonly asset: Address;
  readonly id: number;
  readonly configuration: bigint;
  readonly liquidityIndex: bigint;
  readonly currentLiquidityRate: bigint;
  readonly variableBorrowIndex: bigint;
  readonly currentVariableBorrowRate: bigint;
  /** Unix seconds. */
  readonly lastUpdateTimestamp: number;
  readonly aTokenAddress: Address;
  readonly stableDebtTokenAddress: Address;
  readonly variableDebtTokenAddress: Address;
}

/** What one account has in one reserve. Scaled amounts are before interest; stable debt is the token's own balance. */
export interface AaveHolding {
  readonly reserve: AaveReserve;
  readonly token: TokenOrError;
  readonly scaledSupply: bigint;
  readonly scaledDebt: bigint;
  readonly stableDebt: bigint;
  /** Of one whole unit, by Aave's oracle, in its base currency; 0 where Aave does not ask for it. */
  readonly priceBase: bigint;
}

/** The e-mode category that an account is in. */
export interface AaveEMode {
  readonly id: bigint;
  readonly thresholdBps: bigint;
  readonly bonusBps: bigint;
  /** The category's own price in base currency; 0 where it has none. */
  readonly priceBase: bigint;
}

/** One account at Aave V3 as the contracts store it, and what the Pool itself says of it. */
export interface AaveRaw {
  readonly account: Address;
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  readonly userConfiguration: bigint;
  readonly eMode: AaveEMode | null;
  /** By reserve id. Reserves that the account neither holds, owes nor uses are left out. */
  readonly holdings: readonly AaveHolding[];
  readonly own: { readonly totalCollateralBase: bigint; readonly totalDebtBase: bigint; readonly healthFactor: bigint };
}

/** The pool's reserves, by id, and the oracle that prices them. */
export async function readReserves(chain: PinnedChain, pool: Address) {
  const [assets, provider] = (await chain.read([
    { address: pool, abi: poolAbi, functionName: 'getReservesList' },
    { address: pool, abi: poolAbi, functionName: 'ADDRESSES_PROVIDER' },
  ])) as [readonly Address[], Address];
  const [oracle, ...data] = (await chain.read([
    { address: provider, abi: addressesProviderAbi, functionName: 'getPriceOracle' },
    ...assets.map((asset) => ({ address: pool, abi: poolAbi, functionName: 'getReserveData', args: [asset] })),
  ])) as [Address, ...Omit<AaveReserve, 'asset'>[]];
  const reserves = data.map((fields, i): AaveReserve => ({ ...fields, asset: assets[i] as Address }));
  return { oracle, reserves: reserves.sort((a, b) => a.id - b.id) };
}

/** The raw state of each account, in the order asked. */
export async function readAaveAccounts(
  chain: PinnedChain,
  { pool, book, accounts }: { readonly pool: Address; readonly book: TokenBook; readonly accounts: readonly Address[] },
): Promise<readonly AaveRaw[]> {
  if (accounts.length === 0) return [];
  const { oracle, reserves } = await readReserves(chain, pool);
  const states = await readStates(chain, { pool, reserves, accounts });
  const held = reserves.filter((_, i) => states.some((state) => isHeld(state, i)));
  const tokens = await readEachToken(chain, { venue: 'aaveV3', book, tokens: held.map(({ asset }) => asset) });
  const categories = await readCategories(chain, { pool, states });
  const used = held.filter((reserve) => states.some((state) => isUsed(state, reserve)));
  const sources = [...categories.values()].map(({ priceSource }) => priceSource);
  const prices = await readPrices(chain, { oracle, assets: [...used.map(({ asset }) => asset), ...sources] });
  return states.map((state) => {
    const { balances, eModeId, ...rest } = state;
    const holdings = reserves.flatMap((reserve, i) => {
      const token = tokens.get(reserve.asset.toLowerCase());
      if (token === undefined || !isHeld(state, i)) return [];
      return [{ reserve, token, ...(balances[i] as AaveBalance), priceBase: prices.get(reserve.asset) ?? 0n }];
    });
    return { ...rest, timestamp: chain.block.timestamp, eMode: eModeOf(eModeId, { categories, prices }), holdings };
  });
}

/** Whether an account holds or owes anything of the reserve at an index. */
function isHeld({ balances }: AaveState, index: number): boolean {
  const { scaledSupply, scaledDebt, stableDebt } = balances[index] as AaveBalance;
  return scaledSupply !== 0n || scaledDebt !== 0n || stableDebt !== 0n;
}

/** Whether Aave asks for the reserve's price when it values the account. */
function isUsed({ userConfiguration }: AaveState, reserve: AaveReserve): boolean {
  const { isBorrowing, isCollateral } = flagsOf(userConfiguration, reserve);
  return isBorrowing || isCollateral;
}

interface Category {
  readonly liquidationThreshold: number;
  readonly liquidationBonus: number;
  readonly priceSource: Address;
}

async function readCategories(
  chain: PinnedChain,
  { pool, states }: { readonly pool: Address; readonly states: readonly AaveState[] },
): Promise<ReadonlyMap<bigint, Category>> {
  const ids = [...new Set(states.map(({ eModeId }) => eModeId))].filter((id) => id !== 0n);
  const calls = ids.map((id) => ({ address: pool, abi: poolAbi, functionName: 'getEModeCategoryData', args: [id] }));
  const categories = (await chain.read(calls)) as readonly Category[];
  return new Map(ids.map((id, i) => [id, categories[i] as Category]));
}

async function readPrices(
  chain: PinnedChain,
  { oracle, assets }: { readonly oracle: Address; readonly assets: readonly Address[] },
): Promise<ReadonlyMap<Address, bigint>> {
  const priced = [...new Set(assets)].filter((asset) => asset !== zeroAddress);
  const prices = await chain.read(
    priced.map((asset) => ({ address: oracle, abi: aaveOracleAbi, functionName: 'getAssetPrice', args: [asset] })),
  );
  return new Map(priced.map((asset, i) => [asset, prices[i] as bigint]));
}

function eModeOf(
  id: bigint,
  { categories, prices }: { categories: ReadonlyMap<bigint, Category>; prices: ReadonlyMap<Address, bigint> },
): AaveEMode | null {
  const category = categories.get(id);
  if (category === undefined) return null;
  return {
    id,
    thresholdBps: BigInt(category.liquidationThreshold),
    bonusBps: BigInt(category.liquidationBonus),
    priceBase: prices.get(category.priceSource) ?? 0n,
  };
}
