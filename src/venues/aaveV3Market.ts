import { type Address, zeroAddress } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { flagsOf } from './aaveV3Math.ts';
import { type AaveRule, type AaveTokenRoundings, readAaveRules, UnknownAaveRevisionError } from './aaveV3Rule.ts';
import type { AaveStored } from './aaveV3States.ts';
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
  /** Zero where the market has no stable debt. */
  readonly stableDebtTokenAddress: Address;
  readonly variableDebtTokenAddress: Address;
}

/** An e-mode category. */
export interface AaveCategory {
  readonly id: bigint;
  readonly thresholdBps: bigint;
  readonly bonusBps: bigint;
  /** The category's own price in base currency; 0 where it has none. */
  readonly priceBase: bigint;
  /** One bit a reserve id, where categories name their assets; else 0. */
  readonly collateralBitmap: bigint;
}

/** One reserve with what is needed to value what an account has of it. */
export interface AaveListing {
  readonly reserve: AaveReserve;
  readonly token: TokenOrError;
  readonly roundings: AaveTokenRoundings;
  /** Of one whole unit, by Aave's oracle, in its base currency; 0 where Aave asks for it for none of the accounts. */
  readonly priceBase: bigint;
}

/** All that the accounts of a market have in common at a block. With an account's {@link AaveStored} it says what the account has. */
export interface AaveMarket {
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  readonly rule: AaveRule | UnknownAaveRevisionError;
  /** By reserve id; reserves that none of the accounts has anything of are left out. */
  readonly listings: readonly AaveListing[];
  /** Those that an account is in, by id. */
  readonly categories: ReadonlyMap<bigint, AaveCategory>;
}

/** The pool's reserves, by id, and the oracle that prices them. */
export interface AaveReserves {
  readonly oracle: Address;
  readonly reserves: readonly AaveReserve[];
}

/** Which reserves the pool has at the block. */
export async function readReserves(chain: PinnedChain, pool: Address): Promise<AaveReserves> {
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

/** Whatever moves when somebody has something of a reserve. */
export function tokensOf(reserve: AaveReserve): readonly Address[] {
  const { aTokenAddress, stableDebtTokenAddress, variableDebtTokenAddress } = reserve;
  return [aTokenAddress, stableDebtTokenAddress, variableDebtTokenAddress].filter((token) => token !== zeroAddress);
}

/** Where the market is, and for whom it is read. */
export interface AaveMarketQuery {
  readonly pool: Address;
  readonly book: TokenBook;
  readonly oracle: Address;
  readonly reserves: readonly AaveReserve[];
  readonly accounts: readonly AaveStored[];
}

/** What the accounts have in common. A reserve or a category that concerns none of them is not asked about: it may not answer. */
export async function readMarket(chain: PinnedChain, query: AaveMarketQuery): Promise<AaveMarket> {
  const { pool, book, oracle, accounts } = query;
  const heldAssets = new Set(accounts.flatMap(({ balances }) => balances.map(({ asset }) => asset)));
  const reserves = query.reserves.filter(({ asset }) => heldAssets.has(asset));
  const [rules, tokens] = await Promise.all([
    readAaveRules(chain, { pool, reserves }),
    readEachToken(chain, { venue: 'aaveV3', book, tokens: reserves.map(({ asset }) => asset) }),
  ]);
  const terms = await readCategories(chain, { pool, rule: rules.pool, accounts });
  const used = reserves.filter((reserve) => accounts.some((account) => isUsed(account, reserve)));
  const sources = terms.map(({ priceSource }) => priceSource);
  const prices = await readPrices(chain, { oracle, assets: [...used.map(({ asset }) => asset), ...sources] });
  const priceOf = (asset: Address) => prices.get(asset) ?? 0n;
  return {
    timestamp: chain.block.timestamp,
    rule: rules.pool,
    listings: reserves.map((reserve, i) => ({
      reserve,
      token: tokens.get(reserve.asset.toLowerCase()) as TokenOrError,
      roundings: rules.tokens[i] as AaveTokenRoundings,
      priceBase: priceOf(reserve.asset),
    })),
    categories: new Map(
      terms.map(({ priceSource, ...category }) => [category.id, { ...category, priceBase: priceOf(priceSource) }]),
    ),
  };
}

/** Whether Aave asks for the reserve's price when it values the account. */
function isUsed({ userConfiguration }: AaveStored, reserve: AaveReserve): boolean {
  const { isBorrowing, isCollateral } = flagsOf(userConfiguration, reserve);
  return isBorrowing || isCollateral;
}

type CategoryTerms = Omit<AaveCategory, 'priceBase'> & { readonly priceSource: Address };

interface CategoryData {
  readonly liquidationThreshold: number;
  readonly liquidationBonus: number;
  readonly priceSource?: Address;
}

async function readCategories(
  chain: PinnedChain,
  { pool, rule, accounts }: Pick<AaveMarketQuery, 'pool' | 'accounts'> & Pick<AaveMarket, 'rule'>,
): Promise<readonly CategoryTerms[]> {
  if (rule instanceof UnknownAaveRevisionError) return [];
  const ids = [...new Set(accounts.map(({ eModeId }) => eModeId))].filter((id) => id !== 0n);
  const names =
    rule.eModeOf === 'asset'
      ? ['getEModeCategoryData']
      : ['getEModeCategoryCollateralConfig', 'getEModeCategoryCollateralBitmap'];
  const calls = ids.flatMap((id) =>
    names.map((functionName): ContractRead => ({ address: pool, abi: poolAbi, functionName, args: [id] })),
  );
  const answers = await chain.read(calls);
  return ids.map((id, i) => {
    const [data, collateralBitmap = 0n] = answers.slice(i * names.length, (i + 1) * names.length) as [
      CategoryData,
      bigint?,
    ];
    const { liquidationThreshold, liquidationBonus, priceSource = zeroAddress } = data;
    const bps = { thresholdBps: BigInt(liquidationThreshold), bonusBps: BigInt(liquidationBonus) };
    return { id, ...bps, collateralBitmap, priceSource };
  });
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
