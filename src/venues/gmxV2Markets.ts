import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { dataStoreAbi, gmxReaderAbi } from './abi/gmxV2.ts';
import type { GmxV2Config } from './gmxV2.ts';
import { address, flag, gmxKey } from './gmxV2Keys.ts';
import { type GmxPrices, requirePrice } from './gmxV2Tokens.ts';
import { GmxReaderVersionError } from './gmxV2Version.ts';

/** A market and its tokens; `longToken` and `shortToken` may be one. */
export interface GmxMarket {
  readonly marketToken: Address;
  readonly indexToken: Address;
  readonly longToken: Address;
  readonly shortToken: Address;
}

export interface GmxPrice {
  readonly min: bigint;
  readonly max: bigint;
}

/** USD per smallest unit, 1e30. */
export interface GmxMarketPrices {
  readonly indexTokenPrice: GmxPrice;
  readonly longTokenPrice: GmxPrice;
  readonly shortTokenPrice: GmxPrice;
}

/** By side of the position and token of its collateral. */
export interface PerSide {
  readonly long: { readonly longToken: bigint; readonly shortToken: bigint };
  readonly short: { readonly longToken: bigint; readonly shortToken: bigint };
}

/** The part of Reader.getMarketInfo that accruals are made of: the rates of the block, and per-size figures as stored and since. */
export interface GmxMarketInfo {
  readonly borrowingFactorPerSecondForLongs: bigint;
  readonly borrowingFactorPerSecondForShorts: bigint;
  readonly baseFunding: {
    readonly fundingFeeAmountPerSize: PerSide;
    readonly claimableFundingAmountPerSize: PerSide;
  };
  readonly nextFunding: {
    readonly longsPayShorts: boolean;
    readonly fundingFactorPerSecond: bigint;
    readonly fundingFeeAmountPerSizeDelta: PerSide;
    readonly claimableFundingAmountPerSizeDelta: PerSide;
  };
}

/** One market at the block, as far as positions in it depend on it. */
export interface GmxMarketState {
  readonly market: GmxMarket;
  readonly prices: GmxMarketPrices;
  readonly info: GmxMarketInfo;
  /** The block's, unix seconds. */
  readonly now: bigint;
  /** USD by the side and the collateral of the positions, undivided. */
  readonly openInterest: PerSide;
  readonly fundingUpdatedAt: bigint;
  readonly borrowingFactor: { readonly long: bigint; readonly short: bigint };
  readonly borrowingUpdatedAt: { readonly long: bigint; readonly short: bigint };
  /** 1e30. */
  readonly positionFeeFactor: { readonly improved: bigint; readonly worsened: bigint };
  readonly minCollateralFactor: bigint;
  readonly maxLiquidationImpactFactor: bigint;
  readonly liquidationFeeFactor: bigint;
}

const PAGE = 100n;

/** Every market. @throws {GmxReaderVersionError} */
export async function readGmxMarkets(chain: PinnedChain, config: GmxV2Config): Promise<readonly GmxMarket[]> {
  const markets: GmxMarket[] = [];
  for (let start = 0n; start === BigInt(markets.length); start += PAGE) {
    const args = [config.dataStore, start, start + PAGE];
    const call = { address: config.reader, abi: gmxReaderAbi, functionName: 'getMarkets', args };
    const [page] = await chain.readEach([call]);
    if (page instanceof CallFailedError) throw new GmxReaderVersionError(config, 'getMarkets', page);
    markets.push(...(page as readonly GmxMarket[]));
  }
  return markets;
}

/** What a position in a market is valued at. @throws {GmxPriceError} where a feed of its tokens has no price. */
export function marketPrices({ indexToken, longToken, shortToken }: GmxMarket, prices: GmxPrices): GmxMarketPrices {
  const both = (token: Address) => {
    const price = requirePrice(prices, token);
    return { min: price, max: price };
  };
  return { indexTokenPrice: both(indexToken), longTokenPrice: both(longToken), shortTokenPrice: both(shortToken) };
}

/** The state of markets, by lower-case market token. @throws {GmxReaderVersionError} */
export async function readMarketStates(
  chain: PinnedChain,
  query: { readonly config: GmxV2Config; readonly prices: GmxPrices; readonly markets: readonly GmxMarket[] },
): Promise<ReadonlyMap<string, GmxMarketState>> {
  const { config, markets } = query;
  const prices = markets.map((market) => marketPrices(market, query.prices));
  const reader = { address: config.reader, abi: gmxReaderAbi, functionName: 'getMarketInfo' };
  const infos = await chain.readEach(
    markets.map(({ marketToken }, i) => ({ ...reader, args: [config.dataStore, prices[i], marketToken] })),
  );
  const failed = infos.find((info) => info instanceof CallFailedError);
  if (failed !== undefined) throw new GmxReaderVersionError(config, 'getMarketInfo', failed);
  const calls = markets.map((market) => storedCalls(config, market));
  const values = (await chain.read(calls.flat())) as readonly bigint[];
  const now = BigInt(chain.block.timestamp);
  return new Map(
    markets.map((market, i) => {
      const stored = storedOf(values.slice(i * STORED), market);
      const info = infos[i] as GmxMarketInfo;
      return [market.marketToken.toLowerCase(), { market, prices: prices[i] as GmxMarketPrices, info, now, ...stored }];
    }),
  );
}

const STORED = 14;

function storedCalls({ dataStore }: GmxV2Config, market: GmxMarket): readonly ContractRead[] {
  const token = address(market.marketToken);
  const [long, short] = [address(market.longToken), address(market.shortToken)];
  const keys = [
    ...[long, short].map((collateral) => gmxKey('OPEN_INTEREST', token, collateral, flag(true))),
    ...[long, short].map((collateral) => gmxKey('OPEN_INTEREST', token, collateral, flag(false))),
    gmxKey('FUNDING_UPDATED_AT', token),
    ...[true, false].map((isLong) => gmxKey('CUMULATIVE_BORROWING_FACTOR', token, flag(isLong))),
    ...[true, false].map((isLong) => gmxKey('CUMULATIVE_BORROWING_FACTOR_UPDATED_AT', token, flag(isLong))),
    ...[true, false].map((isImproved) => gmxKey('POSITION_FEE_FACTOR', token, flag(isImproved))),
    gmxKey('MIN_COLLATERAL_FACTOR_FOR_LIQUIDATION', token),
    gmxKey('MAX_POSITION_IMPACT_FACTOR_FOR_LIQUIDATIONS', token),
    gmxKey('LIQUIDATION_FEE_FACTOR', token),
  ];
  return keys.map((key) => getUint(dataStore, key));
}

function storedOf(values: readonly bigint[], { longToken, shortToken }: GmxMarket) {
  const [ll, ls, sl, ss, fundingUpdatedAt, bl, bs, ul, us, improved, worsened, min, impact, fee] = values as bigint[];
  const of = (a: bigint | undefined, b: bigint | undefined) => ({ long: a as bigint, short: b as bigint });
  // One key stands for both tokens of a single-token market: half of it counts for each.
  const divisor = longToken.toLowerCase() === shortToken.toLowerCase() ? 2n : 1n;
  const share = (a: bigint | undefined, b: bigint | undefined) => ({
    longToken: (a as bigint) / divisor,
    shortToken: (b as bigint) / divisor,
  });
  return {
    openInterest: { long: share(ll, ls), short: share(sl, ss) },
    fundingUpdatedAt: fundingUpdatedAt as bigint,
    borrowingFactor: of(bl, bs),
    borrowingUpdatedAt: of(ul, us),
    positionFeeFactor: { improved: improved as bigint, worsened: worsened as bigint },
    minCollateralFactor: min as bigint,
    maxLiquidationImpactFactor: impact as bigint,
    liquidationFeeFactor: fee as bigint,
  };
}

/** A number of the DataStore. */
export function getUint(dataStore: Address, key: `0x${string}`): ContractRead {
  return { address: dataStore, abi: dataStoreAbi, functionName: 'getUint', args: [key] };
}
