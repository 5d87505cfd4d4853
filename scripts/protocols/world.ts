import type { Address } from 'viem';
import type { AssetConfig, Deployment, VenueConfigs } from '../../src/chain/deployment.ts';
import type { LocalChain } from '../chain.ts';
import { type AaveV3, deployAaveV3 } from './aaveV3.ts';
import { type Contract, writeInOneBlock } from './contract.ts';
import { deployFeed, type Feed, nextRound, toFeedAnswer } from './feeds.ts';
import { deployLyra, type Lyra, lyraSpotCall } from './lyra.ts';
import { deployMorphoBlue, type MorphoBlue, morphoPriceCall, type TokenPrices } from './morphoBlue.ts';
import { deployPerpPool, deployPerpV2, type PerpV2, perpPriceCalls } from './perpV2.ts';
import { deploySafeContracts, type SafeContracts } from './safe.ts';
import { deployTokens, type Tokens } from './tokens.ts';
import { deployUniswapV3, type UniswapV3, uniswapPriceCalls } from './uniswapV3.ts';
import { userAddress } from './users.ts';
import { deployVault } from './vault.ts';
import { deployVenus, type Venus, venusPriceCalls } from './venus.ts';

/** What has a price of its own. sETH follows ETH through the same feed. */
export type PricedAsset = 'ETH' | 'BTC' | 'USDC' | 'DAI' | 'sUSD';

/** USD per unit: `2000` or `'1999.5'`. */
export type UsdPrices = Partial<Readonly<Record<PricedAsset, number | string>>>;

/** Real protocols on one chain, with tokens and prices in common. */
export interface World {
  readonly chain: LocalChain;
  /** All of the {@link Deployment} but the contract that is not a protocol's: `{ ...world.deployment, marginOracle }`. */
  readonly deployment: Omit<Deployment, 'marginOracle'>;
  readonly tokens: Tokens;
  readonly feeds: Readonly<Record<PricedAsset, Feed>>;
  readonly aave: AaveV3;
  readonly morpho: MorphoBlue;
  readonly lyra: Lyra;
  readonly venus: Venus;
  readonly perp: PerpV2;
  readonly uniswap: UniswapV3;
  readonly safe: SafeContracts;
  /** An ERC-4626 vault of WETH: `vaultETH`, priced by its own rate. */
  readonly vault: Contract;
  /** The last price set, 8 decimals. */
  priceRaw(asset: PricedAsset): bigint;
  /** Moves every oracle of one asset in one block: feed, Aave, Morpho, Lyra, Venus, Perp, and Uniswap's pools. */
  setPrice(asset: PricedAsset, usd: number | string): Promise<void>;
  /** As {@link setPrice} for several assets, all in the same block. */
  setPrices(prices: UsdPrices): Promise<void>;
  /** A new round for every feed with the same answer: nothing is stale after it. */
  refreshFeeds(): Promise<void>;
}

/** Prices at the start, USD. */
export const OPENING_PRICES: Readonly<Record<PricedAsset, number>> = {
  ETH: 2_000,
  BTC: 60_000,
  USDC: 1,
  DAI: 1,
  sUSD: 1,
};
export const FEED_MAX_AGE_SECONDS = 3_600;

type Protocols = Pick<World, 'tokens' | 'feeds' | 'aave' | 'morpho' | 'lyra' | 'venus' | 'perp' | 'vault' | 'uniswap'>;

/** Deploys Aave V3, Morpho Blue, Lyra V1, Venus Core, Perpetual Protocol V2, Safe, Uniswap V3 and the feeds. Nobody holds anything yet; half an hour passes. */
export async function deployWorld(chain: LocalChain): Promise<World> {
  const fromBlock = Number(await chain.publicClient.getBlockNumber());
  let prices: Readonly<Record<PricedAsset, number | string>> = OPENING_PRICES;
  const priceRaw = (asset: PricedAsset) => toFeedAnswer(prices[asset]);
  const tokens = await deployTokens(chain);
  const pool = await deployPerpPool(chain, priceRaw('ETH'));
  const feeds = await deployFeeds(chain, priceRaw);
  const aaveFeeds = { WETH: feeds.ETH, USDC: feeds.USDC, WBTC: feeds.BTC, DAI: feeds.DAI };
  const aave = await deployAaveV3(chain, { tokens, feeds: aaveFeeds });
  const morpho = await deployMorphoBlue(chain, { tokens, prices: tokenPrices(priceRaw) });
  const lyra = await deployLyra(chain, { ethUsd: OPENING_PRICES.ETH, now: Number(await pendingTime(chain)) });
  const venus = await deployVenus(chain, { tokens, prices: tokenPrices(priceRaw) });
  const perp = await deployPerpV2(chain, { pool, usdc: tokens.USDC, feed: feeds.ETH });
  const safe = await deploySafeContracts(chain);
  const vault = await deployVault(chain, tokens);
  const uniswap = await deployUniswapV3(chain, { tokens, prices: tokenPrices(priceRaw) });
  const protocols = { tokens, feeds, aave, morpho, lyra, venus, perp, vault, uniswap };
  const publish = () => publishPrices(chain, { ...protocols, priceRaw });
  const setPrices = async (next: UsdPrices) => {
    prices = { ...prices, ...next };
    await publish();
  };
  const setPrice = (asset: PricedAsset, usd: number | string) => setPrices({ [asset]: usd });
  const deployment = describe(protocols, { chainId: chain.chain.id, fromBlock, watch: [userAddress(chain, 'empty')] });
  return { chain, deployment, ...protocols, safe, priceRaw, setPrice, setPrices, refreshFeeds: publish };
}

async function deployFeeds(chain: LocalChain, priceRaw: World['priceRaw']): Promise<World['feeds']> {
  const updatedAt = await pendingTime(chain);
  const feed = (asset: PricedAsset) => deployFeed(chain, { answerRaw: priceRaw(asset), updatedAt });
  return {
    ETH: await feed('ETH'),
    BTC: await feed('BTC'),
    USDC: await feed('USDC'),
    DAI: await feed('DAI'),
    sUSD: await feed('sUSD'),
  };
}

/** Every oracle of every asset, in one block. */
async function publishPrices(chain: LocalChain, world: Protocols & Pick<World, 'priceRaw'>): Promise<void> {
  const { tokens, feeds, morpho, lyra, venus, perp, uniswap, priceRaw } = world;
  const updatedAt = await pendingTime(chain);
  const prices = tokenPrices(priceRaw);
  const rounds = (Object.keys(feeds) as PricedAsset[]).map((asset) =>
    nextRound(feeds[asset], { answerRaw: priceRaw(asset), updatedAt }),
  );
  const markets = Object.values(morpho.markets).map((market) => morphoPriceCall(market, { tokens, prices }));
  const venusPrices = venusPriceCalls(venus, { tokens, prices });
  const ethRaw = priceRaw('ETH');
  const others = [...venusPrices, lyraSpotCall(lyra, ethRaw), ...perpPriceCalls(perp, ethRaw)];
  const trades = uniswapPriceCalls(uniswap, prices);
  await writeInOneBlock(chain, [...rounds, ...markets, ...others, ...trades]);
}

function tokenPrices(priceRaw: World['priceRaw']): TokenPrices {
  return { WETH: priceRaw('ETH'), USDC: priceRaw('USDC'), WBTC: priceRaw('BTC'), DAI: priceRaw('DAI') };
}

/** The time that the next block would have. The last block's is as old as the chain has been quiet. */
export async function pendingTime(chain: LocalChain): Promise<bigint> {
  const { timestamp } = await chain.publicClient.getBlock({ blockTag: 'pending' });
  return timestamp;
}

function describe(
  { tokens, feeds, aave, morpho, lyra, venus, perp, vault, uniswap }: Protocols,
  about: Pick<Deployment, 'chainId' | 'fromBlock' | 'watch'>,
): World['deployment'] {
  const asset = (feed: Feed, token: { readonly address: Address }): AssetConfig => ({
    sources: [{ kind: 'chainlink', aggregator: feed.aggregator.address, maxAgeSeconds: FEED_MAX_AGE_SECONDS }],
    tokens: [token.address],
  });
  return {
    ...about,
    assets: {
      ETH: asset(feeds.ETH, tokens.WETH.contract),
      BTC: asset(feeds.BTC, tokens.WBTC.contract),
      USDC: { ...asset(feeds.USDC, tokens.USDC.contract), peg: 'USD' },
      DAI: { ...asset(feeds.DAI, tokens.DAI.contract), peg: 'USD' },
      sUSD: { ...asset(feeds.sUSD, lyra.quoteAsset), peg: 'USD' },
      sETH: { ...asset(feeds.ETH, lyra.baseAsset), peg: 'ETH' },
      vaultETH: vaultAsset(vault),
    },
    venues: {
      aaveV3: { pool: aave.pool.address },
      morphoBlue: { morpho: morpho.morpho.address },
      lyra: lyraConfig(lyra),
      compoundV2: { venus: { comptroller: venus.comptroller.address, dialect: 'venus' } },
      perpV2: { clearingHouse: perp.clearingHouse.address, markets: { ETH: perp.base.address } },
      uniswapV3: { positionManager: uniswap.positionManager.address },
      wallet: {},
    },
  };
}

/** The venues of a deployment whose accounts are lent to: loans at Morpho count in these markets only. */
export function listedVenues({ deployment, morpho }: Pick<World, 'deployment' | 'morpho'>): VenueConfigs {
  const markets = Object.values(morpho.markets).map(({ id }) => id);
  return { ...deployment.venues, morphoBlue: { morpho: morpho.morpho.address, markets } };
}

/** What a share is worth by the vault's own rate, in ether. */
function vaultAsset({ address }: Contract): AssetConfig {
  const rate = { kind: 'rate', token: address, function: 'convertToAssets', of: 'ETH' } as const;
  return { sources: [rate], peg: 'ETH', tokens: [address] };
}

function lyraConfig(lyra: Lyra) {
  const at = ({ address }: Contract) => address;
  return {
    underlying: 'ETH',
    optionMarket: at(lyra.optionMarket),
    optionToken: at(lyra.optionToken),
    greekCache: at(lyra.greekCache),
    synthetixAdapter: at(lyra.adapter),
    baseAsset: at(lyra.baseAsset),
    quoteAsset: at(lyra.quoteAsset),
  };
}
