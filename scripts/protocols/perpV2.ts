import { type Address, maxUint256, parseUnits } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ScriptError } from '../scriptError.ts';
import { ownArtifact, perpArtifact, perpOracleArtifact, uniswapArtifact } from './artifacts.ts';
import { type Call, type Contract, contractAt, deploy } from './contract.ts';
import type { Feed } from './feeds.ts';
import { sqrtPriceX96 } from './sqrtPrice.ts';
import type { Token } from './tokens.ts';

/** Perpetual Protocol V2 with one market, vETH against vUSD, on a Uniswap V3 pool of its own. */
export interface PerpV2 extends PerpPool, PerpSystem {
  readonly clearingHouse: Contract;
  readonly indexFeed: Contract;
  readonly pusher: Contract;
}

/** The pool is made first: nobody can trade before it has a history of half an hour. */
export interface PerpPool {
  readonly factory: Contract;
  readonly base: Contract;
  readonly quote: Contract;
  readonly pool: Contract;
}

interface PerpSystem {
  readonly config: Contract;
  readonly registry: Contract;
  readonly orderBook: Contract;
  readonly insuranceFund: Contract;
  readonly exchange: Contract;
  readonly accountBalance: Contract;
  readonly vault: Contract;
}

/** Uniswap's own fee, 1 %; vTokens have their tick spacing of 200. */
const POOL_FEE = 10_000;
/** What the taker pays, 0.1 %. */
const TAKER_FEE = 1_000;
/** About 10 % of price within one block, the most that the exchange allows. */
const MAX_TICKS_A_BLOCK = 1_000;
const OBSERVATIONS = 300;
const FEED_TIMEOUT_SECONDS = 2_000_000;
const TWAP_SECONDS = 900;
const HISTORY_SECONDS = 1_900;
/** The collateral manager: haircuts and thresholds of collateral other than USDC, of which there is none. */
const COLLATERAL = [5, 750_000, 500_000, 2_000, 30_000, 10_000_000_000n, 500_000_000n] as const;

const perp = (chain: LocalChain, name: string) => deploy(chain, perpArtifact(name));

/** Deploys the virtual tokens and their pool at a price, and lets half an hour pass. */
export async function deployPerpPool(chain: LocalChain, priceRaw: bigint): Promise<PerpPool> {
  const factory = await deploy(chain, uniswapArtifact('UniswapV3Factory'));
  const quote = await perp(chain, 'QuoteToken');
  await quote.write('initialize', ['vUSD', 'vUSD']);
  const base = await deployBelow(chain, quote.address);
  await factory.write('createPool', [base.address, quote.address, POOL_FEE]);
  const address = await factory.read<Address>('getPool', [base.address, quote.address, POOL_FEE]);
  const pool = contractAt(chain, { abi: uniswapArtifact('UniswapV3Pool').abi, address, name: 'UniswapV3Pool' });
  await pool.write('initialize', [sqrtPrice(priceRaw)]);
  await pool.write('increaseObservationCardinalityNext', [OBSERVATIONS]);
  await chain.testClient.increaseTime({ seconds: HISTORY_SECONDS });
  return { factory, base, quote, pool };
}

export interface PerpOptions {
  readonly pool: PerpPool;
  readonly usdc: Token;
  /** The index. */
  readonly feed: Feed;
}

/** Deploys the rest around the pool and opens the market. */
export async function deployPerpV2(chain: LocalChain, { pool, usdc, feed }: PerpOptions): Promise<PerpV2> {
  const { base, quote, factory } = pool;
  const indexFeed = await deployIndex(chain, { base, feed });
  const system = await deploySystem(chain, { pool, usdc });
  const { config, vault, exchange, accountBalance, insuranceFund, registry, orderBook } = system;
  const clearingHouse = await perp(chain, 'ClearingHouse');
  const parts = [config, vault, quote, factory, exchange, accountBalance, insuranceFund];
  await clearingHouse.write(
    'initialize',
    parts.map(({ address }) => address),
  );
  const approval = await perp(chain, 'DelegateApproval');
  await approval.write('initialize');
  await clearingHouse.write('setDelegateApproval', [approval.address]);
  for (const part of [registry, orderBook, exchange, accountBalance, vault]) {
    await part.write('setClearingHouse', [clearingHouse.address]);
  }
  for (const token of [base, quote]) {
    await token.write('addWhitelist', [pool.pool.address]);
    await token.write('addWhitelist', [clearingHouse.address]);
    await token.write('mintMaximumTo', [clearingHouse.address]);
  }
  await registry.write('addPool', [base.address, POOL_FEE]);
  await registry.write('setFeeRatio', [base.address, TAKER_FEE]);
  await exchange.write('setMaxTickCrossedWithinBlock', [base.address, MAX_TICKS_A_BLOCK]);
  const pusher = await deploy(chain, ownArtifact('test/PoolPusher'));
  return { ...pool, ...system, clearingHouse, indexFeed, pusher };
}

/**
 * The calls that follow a new round of the feed: the index notes it, and where nobody makes the market the pool's price moves to it.
 * A pool with makers in it is moved by trades alone.
 */
export function perpPriceCalls({ indexFeed, pusher, pool }: PerpV2, priceRaw: bigint): readonly Call[] {
  return [indexFeed.call('cacheTwap', [0]), pusher.call('push', [pool.address, sqrtPrice(priceRaw)])];
}

/** Of a price with 8 decimals. Both virtual tokens have 18. */
function sqrtPrice(priceRaw: bigint): bigint {
  return sqrtPriceX96(priceRaw, 10n ** 8n);
}

/** The registry wants the base token's address below the quote token's: one is deployed until it is. */
async function deployBelow(chain: LocalChain, limit: Address): Promise<Contract> {
  for (let tries = 0; tries < 64; tries++) {
    const base = await perp(chain, 'BaseToken');
    if (BigInt(base.address) < BigInt(limit)) return base;
  }
  throw new ScriptError(`No base token below ${limit}.`);
}

async function deployIndex(
  chain: LocalChain,
  { base, feed }: { readonly base: Contract; readonly feed: Feed },
): Promise<Contract> {
  const args = [feed.aggregator.address, FEED_TIMEOUT_SECONDS, TWAP_SECONDS];
  const index = await deploy(chain, perpOracleArtifact('ChainlinkPriceFeedV3'), { args });
  await index.write('update');
  const dispatcher = await deploy(chain, perpOracleArtifact('PriceFeedDispatcher'), { args: [index.address] });
  await base.write('initialize', ['vETH', 'vETH', dispatcher.address]);
  return index;
}

async function deploySystem(
  chain: LocalChain,
  { pool: { factory, quote }, usdc }: Pick<PerpOptions, 'pool' | 'usdc'>,
): Promise<PerpSystem> {
  const config = await deployConfig(chain);
  const make = async (name: string, parts: readonly { readonly address: Address }[]) => {
    const contract = await perp(chain, name);
    await contract.write(
      'initialize',
      parts.map(({ address }) => address),
    );
    return contract;
  };
  const registry = await make('MarketRegistry', [factory, quote]);
  await registry.write('setMaxOrdersPerMarket', [100]);
  const orderBook = await make('OrderBook', [registry]);
  const insuranceFund = await make('InsuranceFund', [usdc.contract]);
  const exchange = await make('Exchange', [registry, orderBook, config]);
  await orderBook.write('setExchange', [exchange.address]);
  const accountBalance = await make('AccountBalance', [config, orderBook]);
  await exchange.write('setAccountBalance', [accountBalance.address]);
  const vault = await make('Vault', [insuranceFund, config, accountBalance, exchange]);
  for (const part of [insuranceFund, accountBalance]) await part.write('setVault', [vault.address]);
  const manager = await perp(chain, 'CollateralManager');
  await manager.write('initialize', [config.address, vault.address, ...COLLATERAL]);
  await vault.write('setCollateralManager', [manager.address]);
  return { config, registry, orderBook, insuranceFund, exchange, accountBalance, vault };
}

async function deployConfig(chain: LocalChain): Promise<Contract> {
  const config = await perp(chain, 'ClearingHouseConfig');
  await config.write('initialize');
  await config.write('setSettlementTokenBalanceCap', [maxUint256]);
  await config.write('setMaxMarketsPerAccount', [10]);
  return config;
}

/** `1.5` of a virtual token. */
export function virtual(amount: number | string): bigint {
  return parseUnits(String(amount), 18);
}
